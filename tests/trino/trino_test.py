"""Trino, the engine family under Amazon Athena, reads every kind of table that stack lands in S3 and registers in Glue
itself, by `stack crawl --catalog glue` or `stack sink --register --catalog glue`: rows, types and pruned partitions.
Objects are versitygw's, the metastore is moto's Glue, each kind in a database of its own."""
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import boto3  # noqa: E402

from stack_testing.broker import Broker, cache_folder, free_port  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402
from stack_testing.trino_server import Trino  # noqa: E402

DATA = pathlib.Path(__file__).resolve().parents[2] / "examples" / "data" / "stocks.csv"
KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "tester-secret", "AWS_REGION": "us-east-1"}
EVENTS = 60_000
TICK_TYPES = {"symbol": "varchar", "session_date": "date", "event_time": "timestamp(3)", "seq": "bigint",
              "price": "double", "size": "bigint", "dt": "varchar"}
QUOTE_TYPES = TICK_TYPES | {"bid": "double", "ask": "double"}
SUMS = "SELECT count(*), count(DISTINCT symbol || cast(seq AS varchar)), sum(seq), sum(size), round(sum(price), 2) FROM {}"
KINDS = {  # database: (topic, the sink's options, who registers it)
    "plain": ("ticks", ["--compression", "none"], "crawl"),
    "gzip": ("ticks", ["--compression", "gzip"], "sink"),
    "zstd": ("ticks", ["--compression", "zstd"], "crawl"),
    "parquet": ("ticks", ["--format", "parquet"], "sink"),
    "quotes": ("quotes", ["--format", "parquet"], "crawl"),
    "quotes_plain": ("quotes", [], "sink"),
    "by_day": ("ticks", ["--partition-by", "day", "--format", "parquet"], "sink"),
    "by_year": ("ticks", ["--partition-by", "year", "--compression", "gzip"], "crawl"),
    "whole": ("ticks", ["--partition-by", "none"], "sink"),
    "whole_parquet": ("ticks", ["--partition-by", "none", "--format", "parquet"], "crawl"),
    "projected_days": ("ticks", ["--partition-by", "day", "--compression", "zstd", "--projection"], "sink"),
    "projected_months": ("ticks", ["--format", "parquet", "--projection"], "crawl"),
    "projected_years": ("ticks", ["--partition-by", "year", "--projection"], "sink"),
    "merged_gzip": ("ticks", ["--compression", "gzip"], "merged"),
    "merged_zstd": ("ticks", ["--compression", "zstd"], "merged"),
    "merged_parquet": ("ticks", ["--format", "parquet"], "merged"),
}
# Trino 476 takes an interval of days or shorter only, also where none is said and the format is of months; Athena's is
# then a month (https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html).
BEYOND_TRINO = {"projected_months": "'Months' is invalid"}
# Foreign records, whose columns come, go and change; by file.
DRIFT = {
    "dt=2021-04/a.ndjson": [{"id": 1, "price": 2, "Legs": [{"Bid": 1}]}],
    "dt=2021-05/a.ndjson.gz": [{"id": 2, "price": 2.5, "extra": "x", "legs": [{"bid": 1.5, "n": 3}]}],
    "dt=2021-06/a.ndjson": [{"id": "three", "price": None, "ok": True}],
}
DRIFT_TYPES = {"id": "varchar", "price": "double", "legs": "array(row(bid double, n bigint))", "extra": "varchar",
               "ok": "boolean", "dt": "varchar"}
DRIFT_ROWS = [["1", 2.0, [[1.0, None]], None, None, "2021-04"], ["2", 2.5, [[1.5, 3]], "x", None, "2021-05"],
              ["three", None, None, None, True, "2021-06"]]


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
        cls.trino = Trino(cls.folder, cls.glue_url, cls.s3, ("tester", "tester-secret", "us-east-1"))
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
                       AWS_ENDPOINT_URL_GLUE=cls.glue_url, XDG_CACHE_HOME=str(cls.folder / "cache"),
                       **KEYS).succeed(120).output()

    def land(self, name):
        """A lake of the kind, registered in Glue."""
        topic, options, by = KINDS[name]
        lake = f"s3://lakes/{name}"
        there = ["--lake", lake, "--database", name, "--catalog", "glue"]
        projection = ["--projection"] if "--projection" in options else []
        self.stack("sink", "--topic", topic, "--bootstrap-servers", self.broker.address, *there, "--until-end",
                   "--rotate-count", 4_000, *(option for option in options if option != "--projection"),
                   *(["--register", *projection] if by == "sink" else []))
        if by == "merged":
            # Into a folder and back: on S3 ranges have to be closed for half an hour before they are merged.
            files = self.folder / "s3" / "lakes" / name
            self.stack("compact", "--lake", files, "--closed-for", "0s")
            self.assertTrue(list(files.rglob("*.c.*")), "nothing was merged")
        if by != "sink":
            self.stack("crawl", *there, *projection)
        if projection:
            self.forget_partitions(name)
        return lake

    def forget_partitions(self, database):
        """What is projected does not need the catalog's partitions."""
        for page in self.glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName="ticks"):
            for partition in page["Partitions"]:
                self.glue.delete_partition(DatabaseName=database, TableName="ticks", PartitionValues=partition["Values"])

    def types(self, table):
        """The columns as Trino sees them."""
        return {column: kind for column, kind, *_ in self.trino.ask(f"DESCRIBE {table}")}

    def test_every_kind_of_table(self):
        plain = []
        for name, (topic, options, by) in KINDS.items():
            with self.subTest(name):
                lake = self.land(name)
                table, partitioned = f"{name}.ticks", not name.startswith("whole")
                expected = QUOTE_TYPES if topic == "quotes" else TICK_TYPES
                self.assertEqual(self.types(table), expected if partitioned else {k: v for k, v in expected.items() if k != "dt"})
                # What is projected has a partition for each day since then, and each is looked for in S3.
                table += " WHERE dt < '2011'" if "--projection" in options else ""
                if name in BEYOND_TRINO:
                    with self.assertRaisesRegex(AssertionError, BEYOND_TRINO[name]):
                        self.trino.ask(SUMS.format(table))
                    continue
                theirs = [str(value) for value in self.trino.ask(SUMS.format(table))[0]]
                self.assertEqual(theirs[:2], [str(EVENTS)] * 2)
                if "--projection" in options:
                    self.assertEqual(theirs, plain)  # in the catalog it has no partitions any more: none of ours
                else:
                    self.answers_agree(lake, name, theirs)
                plain = plain or theirs
                if partitioned:
                    self.prunes(table)
                print(f"{name:18} by {by:6} {theirs[0]} rows, types as declared", file=sys.stderr)

    def answers_agree(self, lake, name, theirs):
        """With those of `stack query`, over the same catalog."""
        there = ["--lake", lake, "--database", name, "--catalog", "glue", "--output", "csv"]
        ours = self.stack("query", SUMS.format("ticks"), *there).splitlines()[1].split(",")
        self.assertEqual([float(value) for value in theirs], [float(value) for value in ours])
        sample = "SELECT symbol, seq, price, cast(session_date AS varchar) FROM {} WHERE seq IN (0, 777, 4000) " \
                 "ORDER BY symbol, seq"
        ours = [row.split(",") for row in self.stack("query", sample.format("ticks"), *there).splitlines()[1:]]
        self.assertEqual([[str(value) for value in row] for row in self.trino.ask(sample.format(f"{name}.ticks"))], ours)

    def test_one_table_of_all_compressions(self):
        there = ["--lake", "s3://lakes/mixed", "--database", "mixed", "--catalog", "glue"]
        self.stack("sink", "--topic", "ticks", "--bootstrap-servers", self.broker.address, *there, "--until-end",
                   "--rotate-count", 4_000)
        # The same rows under names of their own: what counts is that each file is read as its name says.
        folder = self.folder / "s3" / "lakes" / "mixed" / "ticks"
        for file in sorted(folder.rglob("*.ndjson"))[::2]:
            file.with_suffix(".ndjson.gz").write_bytes(gzip.compress(file.read_bytes()))
            file.unlink()
        self.stack("crawl", *there)
        self.answers_agree("s3://lakes/mixed", "mixed", [str(value) for value in self.trino.ask(SUMS.format("mixed.ticks"))[0]])

    def test_columns_that_drift(self):
        for path, rows in DRIFT.items():
            file = self.folder / "s3" / "lakes" / "drift" / "trades" / path
            file.parent.mkdir(parents=True)
            text = "".join(json.dumps(row) + "\n" for row in rows).encode()
            file.write_bytes(gzip.compress(text) if path.endswith(".gz") else text)
        self.stack("crawl", "--lake", "s3://lakes/drift", "--database", "drift", "--catalog", "glue")
        self.assertEqual(self.types("drift.trades"), DRIFT_TYPES)
        self.assertEqual(self.trino.ask("SELECT id, price, legs, extra, ok, dt FROM drift.trades "
                                        "ORDER BY dt"), DRIFT_ROWS)

    def prunes(self, name):
        """One partition costs less than all; where there are several."""
        if self.trino.ask(f"SELECT count(DISTINCT dt) FROM {name}")[0][0] == 1:
            return
        self.trino.ask(f"SELECT sum(price) FROM {name}")
        whole = self.trino.bytes_read
        one = self.trino.ask(f"SELECT min(dt) FROM {name}")[0][0]
        self.trino.ask(f"SELECT sum(price) FROM {name.partition(' ')[0]} WHERE dt = '{one}'")
        self.assertLess(self.trino.bytes_read, whole)


if __name__ == "__main__":
    if "STACK_TRINO" not in os.environ:
        sys.exit("tests/trino: run scripts/trino, which fetches Trino and Java")
    sys.exit(run_cases(TrinoTest))
