"""Every command on a lake in S3, beside the same feed in a folder; and what each command says where S3 does not do.

What the lake holds is read back by boto3 and Python's own readers, never by the program.
"""
import collections
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import boto3  # noqa: E402
import botocore.config  # noqa: E402

from stack_testing import history, lake_reader, topic_reader  # noqa: E402
from stack_testing.broker import Broker, free_port  # noqa: E402
from stack_testing.moto_server import Moto  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402
from stack_testing.s3_gateway import ACCESS_KEY, REGION, SECRET_KEY, Gateway, variables  # noqa: E402
from stack_testing.scripted_s3 import Behaviour, ScriptedS3  # noqa: E402

USAGE, UNREACHABLE, STORAGE, CONFLICT, QUERY, ACCESS = 2, 4, 5, 6, 7, 8
EVENTS = 3 * 20 * 390  # symbols, sessions, events a session
# Answered over both lakes alike: counts, order, joins, partitions, the tables beside the ticks.
QUESTIONS = (
    "SELECT count(*), sum(size), min(event_time), max(price) FROM ticks",
    "SELECT symbol, dt, count(*), round(avg(price), 6) FROM ticks GROUP BY ALL ORDER BY ALL",
    "SELECT * FROM ticks WHERE dt = '2021-01' AND symbol = 'BBB' ORDER BY seq LIMIT 50",
    "SELECT count(*) FROM ticks WHERE dt > '2021-01' OR symbol = 'AAA'",
    "SELECT count(*) FROM ticks a JOIN ticks b USING (symbol, seq) WHERE a.dt = '2021-01' AND b.dt LIKE '2021-01%'",
    "SELECT max(seq) FROM ticks WHERE dt = (SELECT max(dt) FROM ticks)",
    "SELECT b.symbol, b.date, b.close - t.close FROM bars b JOIN (SELECT symbol, session_date AS date, "
    "arg_max(price, seq) AS close FROM ticks GROUP BY ALL) t USING (symbol, date) ORDER BY ALL",
    "SELECT count(*) FROM ticks WHERE dt = '1999-01'",
    "DESCRIBE ticks",
    "SHOW TABLES",
    "SELECT column_name, column_type, min, max, count FROM (SUMMARIZE SELECT symbol, seq FROM ticks WHERE dt = '2021-01')",
)


class S3Test(unittest.TestCase):
    """A folder with a small data set, a broker, and an S3 server each for who wants one."""

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="stack-s3-"))
        cls.data = cls.root / "bars.csv"
        history.write_bars(cls.data, random.Random(7), ["AAA", "BBB", "CCC"], 20)
        cls.broker = Broker(cls.root / "broker")
        cls.broker.start()

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        shutil.rmtree(cls.root, ignore_errors=True)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.root))
        self.cache = self.folder / "cache"
        self.topic = f"t-{self.folder.name}"
        self.count = 0
        self.variables = {}
        self.processes = []

    def tearDown(self):
        for process in self.processes:
            process.kill()

    def start(self, *arguments, **more):
        self.count += 1
        process = Process(self.folder, f"{self.count:02}-{arguments[0]}", *arguments,
                          **{"XDG_CACHE_HOME": str(self.cache), "HOME": str(self.folder),
                             "KAFKA_BOOTSTRAP_SERVERS": self.broker.address, **self.variables, **more})
        self.processes.append(process)
        return process

    def stack(self, *arguments, **more):
        """Runs to the end, successfully."""
        return self.start(*arguments, **more).succeed(120)

    def answer(self, lake, sql):
        """Of SQL over LAKE, as CSV."""
        return self.stack("query", sql, "--lake", lake, "--output", "csv").output()

    def verified(self, lake, *more):
        """What the audit finds, which must be nothing wrong."""
        return json.loads(self.stack("verify", "--topic", self.topic, "--lake", lake, "--json", *more).output())

    def refused(self, code, names, *arguments, **more):
        """Runs to the end, with this exit code and one error of one line that has all of `names`, no secret, and
        nothing on standard output."""
        process = self.start(*arguments, **more)
        self.assertEqual(process.wait(60), code, f"{process}: {process.errors()}")
        errors = [line for line in process.errors().splitlines() if line.startswith("stack: ")]
        self.assertEqual(len(errors), 1, f"{process}: {process.errors()}")
        for name in names:
            self.assertIn(name, errors[0], str(process))
        self.assertNotIn(SECRET_KEY, process.errors())
        self.assertEqual(process.output(), "", str(process))

    def ticks(self, client, prefix):
        """The rows of the lake's ticks, each with its count, read by boto3 and Python."""
        copies = self.folder / f"copies-{self.count}"
        for page in client.get_paginator("list_objects_v2").paginate(Bucket="lake", Prefix=f"{prefix}/ticks/"):
            for entry in page.get("Contents", ()):
                target = copies / entry["Key"].removeprefix(f"{prefix}/")
                target.parent.mkdir(parents=True, exist_ok=True)
                client.download_file("lake", entry["Key"], str(target))
        return collections.Counter(lake_reader.tick(row) for file in lake_reader.data_files(copies)
                                   for row in lake_reader.rows(file))

    def expected(self):
        """The topic's ticks, each with its count."""
        return collections.Counter(lake_reader.tick(json.loads(record.value))
                                   for record in topic_reader.read_topic(self.broker.address, self.topic))


class OnVersitygw(S3Test):
    """The whole of it on a server that keeps objects in a folder."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = Gateway(cls.root / "gateway")
        cls.gateway.make_bucket("lake")
        cls.gateway.start()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.stop()
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        self.variables = variables(f"http://127.0.0.1:{self.gateway.port}")
        self.lake = f"s3://lake/{self.folder.name}/deep"

    def run_beside_folder(self, *options):
        """The same feed into S3 and into a folder; every question has one answer, and every event is there once."""
        result = json.loads(self.stack("run", self.data, "--lake", self.lake, "--topic", self.topic, "--json",
                                       *options).output())
        self.assertEqual((result["produced"], result["landed"], result["lost"], result["duplicated"]),
                         (EVENTS, EVENTS, 0, 0))
        self.assertEqual(result["lake"], self.lake)
        found = self.ticks(self.gateway.client(), self.lake.removeprefix("s3://lake/"))
        self.assertEqual(found, self.expected())
        self.stack("run", self.data, "--lake", "lake", "--topic", self.topic, *options)
        questions = ";\n".join(QUESTIONS)
        self.assertEqual(self.answer(self.lake, questions), self.answer("lake", questions))
        self.assertEqual(self.verified(self.lake)["rows"], EVENTS)

    def test_ndjson_beside_a_folder(self):
        self.run_beside_folder()
        listed = json.loads(self.stack("catalog", "list", "--lake", self.lake, "--json").output())
        self.assertEqual([(table["name"], table["location"]) for table in listed["tables"]],
                         [(name, f"{self.lake}/{name}") for name in ("bars", "symbols", "ticks")])
        self.assertIn(f"LOCATION '{self.lake}/ticks/'", self.stack("catalog", "ddl", "ticks", "--lake", self.lake).output())
        # What is there is known: the same run again, and a crawl, read nothing anew.
        again = json.loads(self.stack("crawl", "--lake", self.lake, "--json").output())
        self.assertEqual((again["files_read"], again["tables"][2]["rows"]), (0, EVENTS))
        self.assertEqual(json.loads(self.stack("run", self.data, "--lake", self.lake, "--topic", self.topic,
                                               "--json").output())["landed"], EVENTS)

    def test_parquet_and_zstd_by_day_beside_a_folder(self):
        self.run_beside_folder("--format", "parquet", "--partition-by", "month")
        self.stack("sink", "--topic", self.topic, "--lake", self.lake, "--table", "packed", "--compression", "zstd",
                   "--partition-by", "day", "--rotate-count", "3000", "--until-end")
        self.stack("crawl", "--lake", self.lake)
        self.assertEqual(self.answer(self.lake, "SELECT count(*) FROM (FROM ticks EXCEPT ALL FROM packed)"),
                         f"count_star()\n{EVENTS}\n")  # dt differs
        columns = "symbol, session_date, event_time, seq, price, size"
        self.assertEqual(self.answer(self.lake, f"SELECT count(*) FROM (SELECT {columns} FROM ticks EXCEPT ALL "
                                                f"SELECT {columns} FROM packed)"), "count_star()\n0\n")
        self.assertEqual(self.verified(self.lake, "--table", "packed")["rows"], EVENTS)

    def test_doctor_and_clean(self):
        findings = json.loads(self.stack("doctor", "--lake", self.lake, "--json").output())["findings"]
        self.assertEqual([finding["subject"] for finding in findings if finding["subject"].startswith("lake")],
                         ["lake", "lake writes", "lake reads", "lake clock", "lake races", "lake removes"])
        self.stack("run", self.data, "--lake", self.lake, "--topic", self.topic, "--limit", "500")
        client, prefix = self.gateway.client(), self.lake.removeprefix("s3://lake/")
        client.put_object(Bucket="lake", Key=f"{prefix}/ticks/notes.txt", Body=b"mine")
        self.stack("clean", "--lake", self.lake)
        self.assertEqual(self.verified(self.lake)["rows"], 500)
        self.stack("clean", "--lake", self.lake, "--yes")
        left = client.list_objects_v2(Bucket="lake", Prefix=prefix)["Contents"]
        self.assertEqual([entry["Key"] for entry in left], [f"{prefix}/ticks/notes.txt"])

    def test_an_object_in_the_way_stops_the_sink_before_its_claim(self):
        self.stack("produce", self.data, "--topic", self.topic, "--limit", "2000", "--partitions", "1")
        client, prefix = self.gateway.client(), self.lake.removeprefix("s3://lake/")
        key = f"{prefix}/ticks/dt=2021-01/{self.topic}+0+{0:020}.ndjson"
        client.put_object(Bucket="lake", Key=key, Body=b"mine")
        sink = ("sink", "--topic", self.topic, "--lake", self.lake, "--until-end")
        self.refused(CONFLICT, [key.removeprefix(f"{prefix}/"), self.lake, "--table"], *sink)
        self.assertEqual(client.get_object(Bucket="lake", Key=key)["Body"].read(), b"mine")
        self.assertNotIn("Contents", client.list_objects_v2(Bucket="lake", Prefix=f"{prefix}/_stack/claims/"))
        client.delete_object(Bucket="lake", Key=key)
        self.stack(*sink)
        self.assertEqual(self.ticks(client, prefix), self.expected())

    def test_refusals(self):
        nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
        port = free_port()
        for code, names, uri, variables_ in (
                (STORAGE, ["s3://no-such-bucket/", "NoSuchBucket", "make it"], "s3://no-such-bucket/x", {}),
                (USAGE, ["s3://Bad!/x", '"Bad!" is no bucket'], "s3://Bad!/x", {}),
                (USAGE, ["s3://ab", "3 to 63"], "s3://ab", {}),
                (USAGE, ["s3://", "s3://BUCKET"], "s3://", {}),
                (USAGE, ["s3://lake/a//b"], "s3://lake/a//b", {}),
                (USAGE, ["s3://lake/a/../b"], "s3://lake/a/../b", {}),
                (USAGE, ["gs://lake", "s3://BUCKET"], "gs://lake", {}),
                (ACCESS, ["SignatureDoesNotMatch", "secret is wrong"], self.lake, {"AWS_SECRET_ACCESS_KEY": "wrong"}),
                (ACCESS, ["InvalidAccessKeyId", "the environment"], self.lake, {"AWS_ACCESS_KEY_ID": "nobody"}),
                (ACCESS, ["in this order, the environment", "profile default", "AWS_PROFILE"], self.lake, nobody),
                (USAGE, ["AWS_PROFILE=nope"], self.lake, {**nobody, "AWS_PROFILE": "nope"}),
                (USAGE, ["region", "AWS_REGION"], self.lake, {"AWS_REGION": "", "AWS_ENDPOINT_URL_S3": ""}),
                (USAGE, ["nonsense", "--s3-endpoint"], self.lake, {"AWS_ENDPOINT_URL_S3": "nonsense"}),
                (UNREACHABLE, [f"127.0.0.1:{port}", "check that the store runs"], self.lake,
                 {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}"})):
            self.refused(code, names, "crawl", "--lake", uri, "--connect-timeout", "500ms", **variables_)
        for command in (("query", "SELECT 1"), ("sink", "--topic", self.topic),
                        ("catalog", "list"), ("run", self.data)):
            self.refused(STORAGE, ["s3://no-such-bucket/", "NoSuchBucket", "make it"], *command, "--lake",
                         "s3://no-such-bucket/x")

    def test_other_format_and_other_feed(self):
        self.stack("run", self.data, "--lake", self.lake, "--topic", self.topic, "--limit", "500")
        self.refused(CONFLICT, ["--format parquet", "ndjson", "--mixed-formats"], "sink", "--topic", self.topic,
                     "--lake", self.lake, "--format", "parquet", "--until-end")
        self.refused(CONFLICT, ["holds the feed"], "run", self.data, "--lake", self.lake, "--seed", "3", "--limit", "500")
        self.assertEqual(self.verified(self.lake)["rows"], 500)

    def test_queries_are_locked_in(self):
        self.stack("run", self.data, "--lake", self.lake, "--topic", self.topic, "--limit", "500")
        other = self.cache / "stack" / "objects" / "other-lake" / "ticks" / "dt=2021-01" / "a.ndjson"
        other.parent.mkdir(parents=True)
        other.write_text('{"secret":1}\n')
        for sql in ("SELECT * FROM read_csv('/etc/passwd')", f"SELECT * FROM read_json('{other}')",
                    f"SELECT * FROM read_json('{self.lake}/ticks/*/*')", "COPY ticks TO 's3://lake/x.csv'",
                    f"SELECT * FROM read_text('{self.variables['AWS_ENDPOINT_URL_S3']}/lake')",
                    "INSTALL httpfs", "SET enable_external_access = true", "CREATE SECRET (TYPE s3)"):
            self.refused(QUERY, [], "query", sql, "--lake", self.lake)


class OnMoto(S3Test):
    """A short one on another maker's server."""

    def setUp(self):
        super().setUp()
        self.moto = Moto(self.folder)
        self.addCleanup(self.moto.stop)
        self.url = self.moto.url
        self.variables = variables(self.url)


    def test_run_query_and_verify(self):
        client = boto3.client("s3", endpoint_url=self.url, aws_access_key_id=ACCESS_KEY, region_name=REGION,
                              aws_secret_access_key=SECRET_KEY,
                              config=botocore.config.Config(s3={"addressing_style": "path"}))
        client.create_bucket(Bucket="lake")
        result = json.loads(self.stack("run", self.data, "--topic", self.topic, "--limit", "5000", "--format", "parquet",
                                       "--json", S3_BUCKET_NAME="lake").output())
        self.assertEqual((result["lake"], result["landed"], result["lost"]), ("s3://lake", 5000, 0))
        self.assertEqual(self.answer("s3://lake", "SELECT count(*) FROM ticks"), "count_star()\n5000\n")
        self.assertEqual(self.verified("s3://lake")["rows"], 5000)


class OnOddStores(S3Test):
    """Stores that lack something, and what is asked of a store."""

    def setUp(self):
        super().setUp()
        self.store = ScriptedS3()
        self.variables = variables(self.store.url)
        self.lake = "s3://lake/x"
        self.sink = ("sink", "--topic", self.topic, "--lake", self.lake, "--until-end", "--connect-timeout", "2s")

    def tearDown(self):
        self.store.stop()
        super().tearDown()

    def produce(self):
        self.stack("produce", self.data, "--topic", self.topic, "--limit", "2000", "--partitions", "2")

    def doctor(self, *more):
        """Exit code and the texts of the findings that are not well, by subject."""
        process = self.start("doctor", "--lake", self.lake, "--connect-timeout", "2s", "--json", *more)
        code = process.wait(60)
        findings = json.loads(process.output())["findings"]
        return code, {finding["subject"]: finding["text"] for finding in findings if not finding["healthy"]}

    def test_a_store_without_conditional_writes(self):
        self.produce()
        for conditions, said in (("ignored", "ignores their condition"), ("refused", "refuses conditional writes")):
            self.store.objects.clear()
            self.store.behaviour = Behaviour(conditions=conditions)
            for command in (self.sink, ("run", self.data, "--lake", self.lake, "--limit", "500")):
                self.refused(STORAGE, [said, "--single-writer"], *command)
            code, bad = self.doctor()
            self.assertEqual((code, list(bad)), (1, ["lake races"]))
            self.assertIn("--single-writer", bad["lake races"])
            self.assertFalse([key for key in self.store.objects if "/claims/" in key])
            self.assertEqual(self.doctor("--single-writer")[0], 0)
            alone = self.stack(*self.sink, "--single-writer")
            self.assertIn("a second sink", alone.errors())
            self.assertEqual(self.verified(self.lake)["rows"], 2000)
            self.stack(*self.sink, "--single-writer")  # finds what is there, and leaves it
            self.assertEqual(self.verified(self.lake)["rows"], 2000)

    def test_what_is_denied_is_named_and_nothing_is_lost(self):
        self.produce()
        for action in ("ListBucket", "PutObject", "GetObject"):
            self.store.behaviour = Behaviour(denied=(action,))
            self.refused(ACCESS, ["AccessDenied", f"s3:{action}", "REQUEST1", "policies"], *self.sink)
            self.assertEqual(self.doctor()[0], 1)
        self.store.behaviour = Behaviour(denied=("DeleteObject",))
        self.assertEqual(list(self.doctor()[1]), ["lake removes"])
        self.stack(*self.sink)  # a sink removes nothing
        self.store.behaviour = Behaviour()
        self.assertEqual(self.verified(self.lake)["rows"], 2000)

    def test_regions_clocks_and_servers_of_another_kind(self):
        self.produce()
        self.store.behaviour = Behaviour(region="eu-west-1", tells_region=False)
        self.refused(STORAGE, ["us-east-1", "--region"], *self.sink)
        self.store.behaviour = Behaviour(no_s3=True)
        self.refused(STORAGE, [self.store.url, "does not speak S3", "--s3-endpoint"], *self.sink)
        self.refused(STORAGE, [self.store.url, "does not speak S3"], "crawl", "--lake", self.lake)
        # What can be mended is: the store names its region, and its clock.
        self.store.behaviour = Behaviour(region="eu-west-1", clock=3600.0)
        self.stack(*self.sink)
        code, bad = self.doctor()
        self.assertEqual((code, bad), (0, {}))
        self.assertEqual(self.verified(self.lake)["rows"], 2000)

    def test_a_query_fetches_the_partitions_that_it_asks_for_once(self):
        self.stack("run", self.data, "--lake", self.lake, "--topic", self.topic, "--partition-by", "day")
        self.stack("run", self.data, "--lake", "lake", "--topic", self.topic, "--partition-by", "day")
        shutil.rmtree(self.cache)
        files = [key for key in self.store.objects if key.startswith("x/ticks/")]
        for condition, days in (("dt = '2021-01-11'", ("2021-01-11",)), ("dt IN ('2021-01-11', '1999-01-01')", ()),
                                ("dt BETWEEN '2021-01-11' AND '2021-01-13'", ("2021-01-12", "2021-01-13")),
                                ("dt < '2000-01-01'", ()), ("dt LIKE '2021-01-11%' AND symbol = 'AAA'", ())):
            question = f"SELECT symbol, count(*), max(seq) FROM ticks WHERE {condition} GROUP BY ALL ORDER BY ALL"
            self.store.read()
            self.assertEqual(self.answer(self.lake, question), self.answer("lake", question))
            fetched = {key: count for key, count in self.store.read().items() if key.startswith("x/ticks/")}
            self.assertEqual(fetched, {key: 1 for key in files if key.split("/dt=")[1][:10] in days}, condition)
        # Objects that a cache of no size holds are gone when the query ends, and fetched again.
        for _ in range(2):
            self.stack("query", "SELECT count(*) FROM bars", "--lake", self.lake, "--cache-size", "0")
            self.assertEqual(sum(key.startswith("x/bars/") for key in self.store.read()), 1)
        self.assertFalse([path for path in self.cache.rglob("*.ndjson")])

    def test_a_cache_that_cannot_be_written(self):
        self.stack("run", self.data, "--lake", self.lake, "--topic", self.topic, "--limit", "500")
        (self.folder / "file").write_text("")
        self.refused(STORAGE, [str(self.folder / "file"), "XDG_CACHE_HOME"], "query", "FROM ticks", "--lake", self.lake,
                     XDG_CACHE_HOME=str(self.folder / "file"))
        self.refused(USAGE, ["HOME", "XDG_CACHE_HOME"], "query", "FROM ticks", "--lake", self.lake, HOME="",
                     XDG_CACHE_HOME="")


if __name__ == "__main__":
    os.environ.pop("AWS_CA_BUNDLE", None)
    sys.exit(run_cases(OnVersitygw, OnMoto, OnOddStores))
