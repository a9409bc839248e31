"""Trino, the engine family under Amazon Athena, reads every kind of table that stack lands in S3, as the DDL says that
`stack catalog ddl` prints: rows, types and pruned partitions. Objects are versitygw's, the metastore is moto's Glue."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import boto3  # noqa: E402

from stack_testing.broker import Broker, cache_folder, free_port  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

DATA = pathlib.Path(__file__).resolve().parents[2] / "examples" / "data" / "stocks.csv"
KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "tester-secret", "AWS_REGION": "us-east-1"}
EVENTS = 60_000
TICK_TYPES = {"symbol": "varchar", "session_date": "date", "event_time": "timestamp(3)", "seq": "bigint",
              "price": "double", "size": "bigint", "dt": "varchar"}
QUOTE_TYPES = TICK_TYPES | {"bid": "double", "ask": "double"}
SUMS = "SELECT count(*), count(DISTINCT symbol || cast(seq AS varchar)), sum(seq), sum(size), round(sum(price), 2) FROM {}"
KINDS = {  # name: (topic, the sink's options, whether it is compacted)
    "plain": ("ticks", ["--compression", "none"], False),
    "gzip": ("ticks", ["--compression", "gzip"], False),
    "zstd": ("ticks", ["--compression", "zstd"], False),
    "parquet": ("ticks", ["--format", "parquet"], False),
    "quotes": ("quotes", ["--format", "parquet"], False),
    "quotes_plain": ("quotes", [], False),
    "by_day": ("ticks", ["--partition-by", "day", "--format", "parquet"], False),
    "whole": ("ticks", ["--partition-by", "none"], False),
    "merged_gzip": ("ticks", ["--compression", "gzip"], True),
    "merged_zstd": ("ticks", ["--compression", "zstd"], True),
    "merged_parquet": ("ticks", ["--format", "parquet"], True),
}


class Trino:
    """One server, asked over HTTP."""

    def __init__(self, folder, glue, s3):
        self.port = free_port()
        etc = folder / "etc"
        (etc / "catalog").mkdir(parents=True)
        (etc / "config.properties").write_text(
            f"coordinator=true\nnode-scheduler.include-coordinator=true\nhttp-server.http.port={self.port}\n"
            f"discovery.uri=http://127.0.0.1:{self.port}\nquery.max-memory-per-node=256MB\ncatalog.management=static\n")
        (etc / "node.properties").write_text(f"node.environment=test\nnode.id=one\nnode.data-dir={folder}/data\n")
        (etc / "catalog" / "lake.properties").write_text(
            f"connector.name=hive\nhive.metastore=glue\nhive.metastore.glue.endpoint-url={glue}\n"
            "hive.metastore.glue.region=us-east-1\nhive.metastore.glue.aws-access-key=tester\n"
            "hive.metastore.glue.aws-secret-key=tester-secret\nfs.native-s3.enabled=true\n"
            f"s3.endpoint={s3}\ns3.region=us-east-1\ns3.path-style-access=true\ns3.aws-access-key=tester\n"
            "s3.aws-secret-key=tester-secret\nhive.table-statistics-enabled=false\n")
        home = pathlib.Path(os.environ["STACK_TRINO"])
        plugins = home / "plugin"
        with open(folder / "trino.log", "wb") as log:
            self.process = subprocess.Popen(
                [os.environ["STACK_TRINO_JAVA"], "-Xmx1G",
                 "-Djdk.attach.allowAttachSelf=true", f"-Dconfig={etc}/config.properties", f"-Dnode.config={etc}/node.properties",
                 "-Dnode.environment=test", "-Dnode.id=one", f"-Dnode.data-dir={folder}/data",
                 f"-Dplugin.dir={plugins}", f"-Dcatalog.config-dir={etc}/catalog", "-cp", f"{home}/lib/*",
                 "io.trino.server.TrinoServer"], cwd=folder, stdout=log, stderr=log,
                env={**os.environ, "AWS_REGION": "us-east-1"})
        self.log = folder / "trino.log"
        self._await()

    def _await(self):
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/v1/info", timeout=5) as answer:
                    if not json.load(answer)["starting"]:
                        return
            except OSError:
                pass
            time.sleep(0.5)
        raise AssertionError(f"Trino does not come up:\n{self.log.read_text(errors='replace')[-4000:]}")

    def ask(self, sql):
        """The rows."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/statement", data=sql.encode(), headers={
            "X-Trino-User": "tester", "X-Trino-Catalog": "lake", "X-Trino-Schema": "stack"})
        rows = []
        while True:
            with urllib.request.urlopen(request, timeout=120) as answer:
                page = json.load(answer)
            if "error" in page:
                raise AssertionError(f"{sql}: {page['error']['message']}")
            rows += page.get("data", [])
            self.bytes_read = page["stats"]["processedBytes"]
            if "nextUri" not in page:
                return rows
            request = urllib.request.Request(page["nextUri"], headers={"X-Trino-User": "tester"})

    def stop(self):
        """Ends the server."""
        self.process.kill()
        self.process.wait()


def glue_entry(ddl, name):
    """The table and its partitions, as Glue wants them, from the DDL."""
    columns, = re.findall(r"EXISTS [^(]*\(\n(.*?)\n\)", ddl, re.S)[:1]
    of = {key: re.search(pattern, ddl) for key, pattern in {
        "serde": r"ROW FORMAT SERDE '([^']+)'", "input": r"INPUTFORMAT '([^']+)'", "output": r"OUTPUTFORMAT '([^']+)'",
        "location": r"LOCATION '([^']+)'", "properties": r"TBLPROPERTIES \(([^)]*)\)"}.items()}
    storage = {"Columns": [{"Name": column, "Type": kind} for column, kind in re.findall(r"`(\w+)` (\S+?),?\n", columns + "\n")],
               "InputFormat": of["input"][1], "OutputFormat": of["output"][1], "Location": of["location"][1],
               "SerdeInfo": {"SerializationLibrary": of["serde"][1], "Parameters": {}}}
    keys = re.search(r"PARTITIONED BY \(`(\w+)` (\w+)\)", ddl)
    table = {"Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage,
             "PartitionKeys": [{"Name": keys[1], "Type": keys[2]}] if keys else [],
             "Parameters": dict(re.findall(r"'([^']+)' = '([^']+)'", of["properties"][1])) | {"EXTERNAL": "TRUE"}}
    partitions = [{"Values": [value], "StorageDescriptor": storage | {"Location": location}}
                  for value, location in re.findall(r"PARTITION \(`\w+` = '([^']+)'\) LOCATION '([^']+)'", ddl)]
    return table, partitions


class TrinoTest(unittest.TestCase):
    """Every kind of table once, with one Trino."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-trino-"))
        cls.servers = []
        cls.addClassCleanup(cls.end)
        cls.broker = Broker(cls.folder / "broker")
        cls.broker.start()
        (cls.folder / "s3" / "lakes").mkdir(parents=True)
        (cls.folder / "iam").mkdir()
        s3, glue = free_port(), free_port()
        gateway = next(iter(sorted(cache_folder().glob("versitygw-*/versitygw"))))
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with open(cls.folder / "servers.log", "wb") as log:
            cls.servers.append(subprocess.Popen(
                [gateway, "--port", f"127.0.0.1:{s3}", "--iam-dir", cls.folder / "iam", "posix", cls.folder / "s3"],
                env=clean | {"ROOT_ACCESS_KEY": "tester", "ROOT_SECRET_KEY": "tester-secret"}, stdout=log, stderr=log))
            cls.servers.append(subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(glue)],
                                                env=clean, stdout=log, stderr=log))
        cls.s3, cls.glue_url = f"http://127.0.0.1:{s3}", f"http://127.0.0.1:{glue}"
        cls.count = 0
        for topic, options in (("ticks", []), ("quotes", ["--quotes"])):
            cls.stack("produce", DATA, "--speed", "max", "--limit", EVENTS, "--topic", topic, *options,
                      "--bootstrap-servers", cls.broker.address)
        cls.glue = boto3.client("glue", endpoint_url=cls.glue_url, region_name="us-east-1", aws_access_key_id="tester",
                                aws_secret_access_key="tester-secret")
        cls.glue.create_database(DatabaseInput={"Name": "stack"})
        cls.trino = Trino(cls.folder, cls.glue_url, cls.s3)
        cls.servers.append(cls.trino.process)

    @classmethod
    def end(cls):
        """Ends what was started, also where not all of it could be."""
        for server in cls.servers:
            server.kill()
            server.wait()
        cls.broker.kill()
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def stack(cls, *arguments):
        """What `stack ARGUMENTS` prints."""
        cls.count += 1
        return Process(cls.folder, f"{cls.count:03}-{arguments[0]}", *arguments, AWS_ENDPOINT_URL_S3=cls.s3,
                       XDG_CACHE_HOME=str(cls.folder / "cache"), **KEYS).succeed(120).output()

    def land(self, name):
        """A lake of the kind, registered in Glue by its DDL."""
        topic, options, merged = KINDS[name]
        lake = f"s3://lakes/{name}"
        self.stack("sink", "--topic", topic, "--bootstrap-servers", self.broker.address, "--lake", lake, "--until-end",
                   "--rotate-count", 4_000, *options)
        if merged:
            # Into a folder and back: on S3 ranges have to be closed for half an hour before they are merged.
            files = self.folder / "s3" / "lakes" / name
            self.stack("compact", "--lake", files, "--closed-for", "0s")
            self.assertTrue(list(files.rglob("*.c.*")), "nothing was merged")
        self.stack("crawl", "--lake", lake)
        table, partitions = glue_entry(self.stack("catalog", "ddl", "ticks", "--lake", lake), name)
        self.glue.create_table(DatabaseName="stack", TableInput=table)
        for at in range(0, len(partitions), 100):
            self.glue.batch_create_partition(DatabaseName="stack", TableName=name, PartitionInputList=partitions[at:at + 100])
        return lake

    def test_every_kind_of_table(self):
        for name, (topic, _, _) in KINDS.items():
            with self.subTest(name):
                lake = self.land(name)
                types = {column: kind for column, kind, *_ in self.trino.ask(f"DESCRIBE {name}")}
                expected = QUOTE_TYPES if topic == "quotes" else TICK_TYPES
                self.assertEqual(types, expected if name != "whole" else {k: v for k, v in expected.items() if k != "dt"})
                theirs = [str(value) for value in self.trino.ask(SUMS.format(name))[0]]
                ours = self.stack("query", SUMS.format("ticks"), "--lake", lake, "--output", "csv").splitlines()[1].split(",")
                self.assertEqual([float(value) for value in theirs], [float(value) for value in ours])
                self.assertEqual(theirs[:2], [str(EVENTS)] * 2)
                sample = "SELECT symbol, seq, price, cast(session_date AS varchar) FROM {} WHERE seq IN (0, 777, 4000) " \
                         "ORDER BY symbol, seq"
                ours = [row.split(",") for row in
                        self.stack("query", sample.format("ticks"), "--lake", lake, "--output", "csv").splitlines()[1:]]
                self.assertEqual([[str(value) for value in row] for row in self.trino.ask(sample.format(name))], ours)
                if name != "whole":
                    self.prunes(name)
                print(f"{name:16} {theirs[0]} rows, {len(types)} columns, types as declared", file=sys.stderr)

    def prunes(self, name):
        """One partition costs less than all."""
        self.trino.ask(f"SELECT sum(price) FROM {name}")
        whole = self.trino.bytes_read
        one = self.trino.ask(f"SELECT min(dt) FROM {name}")[0][0]
        self.trino.ask(f"SELECT sum(price) FROM {name} WHERE dt = '{one}'")
        self.assertLess(self.trino.bytes_read, whole)


if __name__ == "__main__":
    if "STACK_TRINO" not in os.environ:
        sys.exit("tests/trino: run scripts/trino, which fetches Trino and Java")
    sys.exit(run_cases(TrinoTest))
