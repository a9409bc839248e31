"""AWS Glue as the catalog of a lake in S3, and its crawler: the commands from outside. Objects are versitygw's, the
catalog is moto's Glue, read back by boto3; the crawler service, of which moto has but the names, is scripted."""
import json
import pathlib
import random
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing import history  # noqa: E402
from stack_testing.broker import Broker  # noqa: E402
from stack_testing.moto_server import Moto  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402
from stack_testing.s3_gateway import Gateway, variables  # noqa: E402
from stack_testing.scripted_glue import ScriptedGlue  # noqa: E402

USAGE, UNREACHABLE, STORAGE, CONFLICT, ACCESS, INTERRUPTED = 2, 4, 5, 6, 8, 130
ROLE = "arn:aws:iam::123456789012:role/lake-crawler"


class GlueTest(unittest.TestCase):
    """An S3 server for all tests, a lake in it for each."""

    count = 0

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-glue-"))
        cls.gateway = Gateway(cls.folder / "s3")
        cls.gateway.make_bucket("lake")
        cls.gateway.start()
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.addClassCleanup(cls.gateway.stop)
        cls.s3 = cls.gateway.client()

    def setUp(self):
        GlueTest.count += 1
        self.prefix = f"lake-{self.count}"
        self.lake = f"s3://lake/{self.prefix}"
        self.processes = []
        self.addCleanup(lambda: [process.kill() for process in self.processes])

    def start(self, *arguments, lake=True, **more):
        """`stack ARGUMENTS` on the test's lake."""
        process = Process(self.folder, f"{self.count:02}-{len(self.processes):02}-{arguments[0]}", *arguments,
                          *(["--lake", self.lake] if lake else []),
                          **{**variables(f"http://127.0.0.1:{self.gateway.port}"),
                             "AWS_ENDPOINT_URL_GLUE": self.glue_url, "XDG_CACHE_HOME": str(self.folder / "cache"), **more})
        self.processes.append(process)
        return process

    def stack(self, *arguments, **more):
        """What `stack ARGUMENTS --json` prints."""
        return json.loads(self.start(*arguments, "--json", **more).succeed(60).output())

    def refused(self, process, code, *words):
        """The process ends with the code and says all the words."""
        self.assertEqual(process.wait(60), code, process.errors())
        for word in words:
            self.assertIn(word, process.errors())

    def write(self, key, *rows):
        """An NDJSON file of the lake."""
        text = "".join(json.dumps(row) + "\n" for row in rows)
        self.s3.put_object(Bucket="lake", Key=f"{self.prefix}/{key}", Body=text.encode())


class CatalogTest(GlueTest):
    """--catalog glue."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moto = Moto(cls.folder)
        cls.addClassCleanup(cls.moto.stop)
        cls.glue, cls.glue_url = cls.moto.client("glue"), cls.moto.url

    def setUp(self):
        super().setUp()
        self.moto.reset()

    def partitions(self, table="ticks"):
        """Glue's partitions: value to number of rows."""
        found = self.glue.get_partitions(DatabaseName="stack", TableName=table)["Partitions"]
        return {each["Values"][0]: int(each["Parameters"]["recordCount"]) for each in found}

    def test_crawl_catalog_and_query(self):
        for month in ("2021-04", "2021-05"):
            self.write(f"trades/dt={month}/a.ndjson", {"symbol": "HSI", "price": 1.5}, {"symbol": "IXIC", "price": 2})
        self.assertTrue(self.stack("crawl", "--catalog", "glue")["tables"][0]["changed"])
        table = self.glue.get_table(DatabaseName="stack", Name="trades")["Table"]
        self.assertEqual([(c["Name"], c["Type"]) for c in table["StorageDescriptor"]["Columns"]],
                         [("symbol", "string"), ("price", "double")])
        self.assertEqual(table["StorageDescriptor"]["Location"], f"{self.lake}/trades/")
        self.assertEqual(table["Parameters"]["classification"], "json")
        self.assertEqual(self.partitions("trades"), {"2021-04": 2, "2021-05": 2})
        self.assertFalse(self.stack("crawl", "--catalog", "glue")["tables"][0]["changed"])
        self.write("trades/dt=2021-05/b.ndjson", {"symbol": "N225", "price": 3, "size": 7})
        crawled = self.stack("crawl", "--catalog", "glue")["tables"][0]
        self.assertEqual((crawled["changed"], crawled["files_read"]), (True, 1))
        self.assertEqual(self.partitions("trades"), {"2021-04": 2, "2021-05": 3})
        for each in self.glue.get_partitions(DatabaseName="stack", TableName="trades")["Partitions"]:
            self.assertIn("size", [column["Name"] for column in each["StorageDescriptor"]["Columns"]])
        listed = self.stack("catalog", "list", "--catalog", "glue", lake=False)["tables"]
        self.assertEqual([(each["name"], each["rows"]) for each in listed], [("trades", 5)])
        ddl = self.start("catalog", "ddl", "trades", "--catalog", "glue", lake=False).succeed(60).output()
        self.assertIn("CREATE EXTERNAL TABLE", ddl)
        rows = self.stack("query", "SELECT dt, count(*) AS n FROM trades GROUP BY dt ORDER BY dt", "--catalog", "glue")
        self.assertEqual([[row["dt"], row["n"]] for row in rows["rows"]], [["2021-04", 2], ["2021-05", 3]])
        in_lake = self.s3.list_objects_v2(Bucket="lake", Prefix=f"{self.prefix}/_stack/catalog/")
        self.assertFalse(in_lake.get("Contents"))

    def test_what_leaves_the_lake_leaves_glue(self):
        self.write("a/x.ndjson", {"n": 1})
        self.write("b/dt=2021/x.ndjson", {"n": 1})
        self.write("b/dt=2022/x.ndjson", {"n": 1})
        self.stack("crawl", "--catalog", "glue")
        self.glue.create_table(DatabaseName="stack", TableInput={"Name": "theirs"})
        self.s3.delete_object(Bucket="lake", Key=f"{self.prefix}/a/x.ndjson")
        self.s3.delete_object(Bucket="lake", Key=f"{self.prefix}/b/dt=2021/x.ndjson")
        self.stack("crawl", "--catalog", "glue")
        self.assertEqual({table["Name"] for table in self.glue.get_tables(DatabaseName="stack")["TableList"]},
                         {"b", "theirs"})
        self.assertEqual(self.partitions("b"), {"2022": 1})
        # Of a folder that a crawl into the lake's own catalog saw go, Glue's tables are removed as well.
        self.s3.delete_object(Bucket="lake", Key=f"{self.prefix}/b/dt=2022/x.ndjson")
        self.write("c/x.ndjson", {"n": 1})
        self.stack("crawl")
        self.stack("crawl", "--catalog", "glue")
        self.assertEqual({table["Name"] for table in self.glue.get_tables(DatabaseName="stack")["TableList"]},
                         {"c", "theirs"})

    def test_a_table_that_glue_cannot_take_does_not_keep_the_others_from_it(self):
        self.write("a/x.ndjson", {"k" * 300: 1})
        self.write("b/x.ndjson", {"id": 1})
        crawl = self.start("crawl", "--catalog", "glue", "--json")
        self.refused(crawl, CONFLICT, "stack.a does not go into AWS Glue", "300 bytes", "could not be registered")
        done = json.loads(crawl.output())
        self.assertEqual([table["name"] for table in done["tables"]], ["b"])

    def test_tables_of_others_are_left_alone_and_named(self):
        self.write("trades/x.ndjson", {"symbol": "HSI", "price": 1.5})
        self.glue.create_database(DatabaseInput={"Name": "stack"})
        self.glue.create_table(DatabaseName="stack", TableInput={
            "Name": "trades", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": {
                "Columns": [{"Name": "symbol", "Type": "string"}, {"Name": "price", "Type": "int"}],
                "Location": f"{self.lake}/trades/",
                "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}}})
        self.glue.create_table(DatabaseName="stack", TableInput={
            "Name": "sheet", "TableType": "EXTERNAL_TABLE", "Parameters": {"classification": "csv"},
            "StorageDescriptor": {"Location": "s3://elsewhere/",
                                  "SerdeInfo": {"SerializationLibrary": "x.OpenCSVSerde"}}})
        before = self.glue.get_table(DatabaseName="stack", Name="trades")["Table"]
        self.write("own/x.ndjson", {"id": 1})
        crawl = self.start("crawl", "--catalog", "glue", "--json")
        self.refused(crawl, CONFLICT, "stack.trades", "'price' is int", "double", "--database")
        done = json.loads(crawl.output())  # the rest is registered, and told
        self.assertEqual([table["name"] for table in done["tables"]], ["own"])
        self.assertIn("stack.trades", *done["conflicts"])
        self.assertEqual(self.glue.get_table(DatabaseName="stack", Name="trades")["Table"], before)
        listed = self.start("catalog", "list", "--catalog", "glue", lake=False).succeed(60)
        self.assertIn("stack.trades: 2 columns", listed.output())
        self.assertIn("csv files", listed.errors())
        self.stack("crawl", "--catalog", "glue", "--database", "own")
        own = self.glue.get_table(DatabaseName="own", Name="trades")["Table"]
        self.assertEqual(own["Parameters"]["recordCount"], "1")

    def test_projection_stays_until_it_is_taken_back(self):
        self.write("t/dt=2021-05-28/x.ndjson", {"n": 1})
        self.stack("crawl", "--catalog", "glue", "--projection")

        def parameters():
            return self.glue.get_table(DatabaseName="stack", Name="t")["Table"]["Parameters"]

        self.assertEqual(parameters()["storage.location.template"], f"{self.lake}/t/dt=${{dt}}/")
        self.write("t/dt=2020-01-02/x.ndjson", {"n": 1})
        self.stack("crawl", "--catalog", "glue")
        self.assertEqual(parameters()["projection.dt.range"], "2020-01-02,NOW")
        self.stack("crawl", "--catalog", "glue", STACK_PROJECTION="false")
        self.assertNotIn("projection.enabled", parameters())

    def test_wrong_use_says_what_to_do(self):
        folder = self.folder / "lake-in-a-folder"
        (folder / "t").mkdir(parents=True)
        (folder / "t" / "x.ndjson").write_text('{"n":1}\n')
        self.refused(self.start("crawl", "--catalog", "glue", "--lake", folder, lake=False), USAGE, "s3://BUCKET")
        self.refused(self.start("crawl", "--catalog", "glou"), USAGE, "--catalog")
        self.refused(self.start("catalog", "show", "nothing", "--catalog", "glue", lake=False), USAGE,
                     "AWS Glue in us-east-1")
        self.write("t/x.ndjson", {"n": 1})
        self.refused(self.start("crawl", "--catalog", "glue", "--connect-timeout", "1s",
                                AWS_ENDPOINT_URL_GLUE="http://127.0.0.1:9"), UNREACHABLE, "AWS Glue")

    def test_sinks_register_as_they_land(self):
        data = self.folder / "bars.csv"
        history.write_bars(data, random.Random(7), ["AAA", "BBB"], 40)
        broker = Broker(self.folder / "broker")
        self.addCleanup(broker.kill)
        broker.start()
        kafka = ["--bootstrap-servers", broker.address]
        self.start("produce", data, "--speed", "max", "--limit", "8000", *kafka, lake=False).succeed(60)
        done = self.stack("sink", "--register", "--catalog", "glue", "--until-end", "--partition-by", "day",
                          "--rotate-count", "500", *kafka)
        self.assertEqual(done["registered"], done["files"])
        self.assertEqual(sum(self.partitions().values()), 8000)
        self.assertFalse(self.stack("crawl", "--catalog", "glue")["tables"][0]["changed"])
        ran = self.stack("run", data, "--limit", "4000", "--catalog", "glue", "--database", "ran", "--lake",
                         f"s3://lake/run-{self.count}", *kafka, lake=False)
        self.assertEqual((ran["landed"], ran["lost"]), (4000, 0))
        ticks = self.glue.get_table(DatabaseName="ran", Name="ticks")["Table"]
        self.assertEqual(ticks["Parameters"]["recordCount"], "4000")


class CrawlerTest(GlueTest):
    """--engine glue."""

    def setUp(self):
        super().setUp()
        self.glue = ScriptedGlue()
        self.addCleanup(self.glue.stop)
        self.glue_url = self.glue.url

    def crawl(self, *arguments, **more):
        """The crawl by Glue."""
        return self.start("crawl", "--engine", "glue", *arguments, **more)

    def test_a_crawler_is_made_started_and_followed(self):
        self.glue.tables = [{"Name": "ticks", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": {
            "Location": f"{self.lake}/ticks/", "Columns": [{"Name": "symbol", "Type": "string"}],
            "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}}}]
        crawl = self.crawl("--crawler-role", ROLE, "--json").succeed(60)
        done = json.loads(crawl.output())
        self.assertEqual((done["status"], done["tables_created"], done["dpu_hours"]), ("SUCCEEDED", 2, 0.333))
        self.assertEqual(done["tables"], [{"name": "ticks", "columns": 1, "partitions": 0}])
        self.assertIn("2 tables made, 1 updated", crawl.errors())
        self.assertIn("$0.15", crawl.errors())
        made, = self.glue.bodies("CreateCrawler")
        self.assertRegex(made["Name"], f"^stack-lake-{self.prefix}-stack-[0-9a-f]{{8}}$")
        self.assertEqual(made["Role"], ROLE)
        self.assertEqual(made["Targets"], {"S3Targets": [{"Path": f"{self.lake}/", "Exclusions": ["_stack/**"]}]})
        self.assertEqual(made["SchemaChangePolicy"],
                         {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"})
        self.assertEqual(json.loads(made["Configuration"])["Grouping"],
                         {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 3})
        self.assertNotIn("Schedule", made)

    def test_an_unchanged_crawler_is_only_started(self):
        self.crawl("--crawler-role", ROLE).succeed(60)
        self.crawl().succeed(60)
        self.assertEqual(len(self.glue.bodies("StartCrawler")), 2)
        self.assertFalse(self.glue.bodies("UpdateCrawler"))
        self.crawl("--schedule", "cron(15 12 * * ? *)").succeed(60)
        updated, = self.glue.bodies("UpdateCrawler")
        self.assertEqual(updated["Schedule"], "cron(15 12 * * ? *)")
        self.crawl("--schedule", "cron(15 12 * * ? *)", "--crawler-role", "lake-crawler").succeed(60)
        self.assertEqual(len(self.glue.bodies("UpdateCrawler")), 1)

    def test_a_crawl_that_runs_already_is_followed(self):
        self.crawl("--crawler-role", ROLE).succeed(60)
        self.glue.run(self.glue.bodies("CreateCrawler")[0]["Name"])
        crawl = self.crawl().succeed(60)
        self.assertIn("running already", crawl.errors())

    def test_a_failed_crawl_tells_why_and_where_its_log_is(self):
        self.glue.ends = ("FAILED", "Insufficient permissions for s3:GetObject")
        self.refused(self.crawl("--crawler-role", ROLE), STORAGE, "FAILED", "s3:GetObject", "/aws-glue/crawlers")

    def test_what_glue_refuses_says_what_to_do(self):
        self.refused(self.crawl(), USAGE, "--crawler-role")
        self.refused(self.crawl("--crawler-role", ROLE, "--schedule", "cron(bad)"), USAGE, "--schedule")
        self.assertFalse(self.glue.bodies("CreateCrawler"))
        for operation, code, message, exit_code, *words in (
                ("CreateCrawler", "InvalidInputException", "Service is unable to assume provided role", USAGE,
                 "unable to assume", "glue.amazonaws.com"),
                ("CreateCrawler", "ResourceNumberLimitExceededException", "too many", STORAGE, "Service Quotas"),
                ("CreateCrawler", "AccessDeniedException", "not authorized to perform: iam:PassRole", ACCESS,
                 "iam:PassRole", "`stack iam print crawler --lake s3://BUCKET/PREFIX --account ACCOUNT --crawler-role ROLE`"),
                ("GetCrawler", "AccessDeniedException", "not authorized to perform: glue:GetCrawler", ACCESS,
                 "glue:GetCrawler")):
            with self.subTest(code=code, operation=operation):
                self.glue.refusals = {operation: [(code, message)]}
                self.refused(self.crawl("--crawler-role", ROLE), exit_code, *words)
        self.glue.crawlers.clear()
        made = len(self.glue.bodies("CreateCrawler"))
        self.glue.refusals = {"GetDatabase": [("EntityNotFoundException", "none")],
                              "CreateDatabase": [("AccessDeniedException", "not authorized to perform: glue:CreateDatabase")]}
        self.refused(self.crawl("--crawler-role", ROLE), ACCESS, "glue:CreateDatabase")
        self.assertEqual(len(self.glue.bodies("CreateCrawler")), made, "nothing is changed half-way")
        self.glue.refusals = {}
        self.crawl("--crawler-role", ROLE).succeed(60)
        self.glue.refusals = {"UpdateCrawler": [("CrawlerRunningException", "it runs")]}
        self.refused(self.crawl("--crawler-role", "another"), CONFLICT, "stop-crawler")
        self.refused(self.crawl("--catalog", "lake"), USAGE, "--catalog lake")
        self.refused(self.start("crawl", "--engine", "glue", "--lake", self.folder, lake=False), USAGE, "s3://BUCKET")
        self.refused(self.start("crawl", "--engine", "glue", "--lake", "s3://b/x", lake=False), USAGE, "no bucket's name")
        self.refused(self.crawl("--watch", "--crawler-role", "another"), USAGE, "--schedule")
        self.assertEqual(len(self.glue.bodies("UpdateCrawler")), 1)
        self.refused(self.start("crawl", "--engine", "duckdb"), USAGE, "stack, glue")

    def test_figures_that_may_not_be_seen_are_left_out(self):
        self.glue.refusals = {"ListCrawls": [("AccessDeniedException", "no")],
                              "GetCrawlerMetrics": [("AccessDeniedException", "no")]}
        crawl = self.crawl("--crawler-role", ROLE).succeed(60)
        self.assertNotIn("tables made", crawl.errors())

    def test_our_own_tables_and_glues_do_not_share_a_database(self):
        self.glue.tables = [{"Name": "ticks", "Parameters": {"stack.table": "{}"},
                             "StorageDescriptor": {"Location": f"{self.lake}/ticks/"}}]
        self.refused(self.crawl("--crawler-role", ROLE), CONFLICT, "ticks", "--database")
        self.assertFalse(self.glue.bodies("CreateCrawler"))

    def test_watch_follows_the_schedule_until_it_is_stopped(self):
        self.glue.polls = 1
        crawl = self.crawl("--crawler-role", ROLE, "--schedule", "cron(0 * * * ? *)", "--watch", "--json")
        crawl.wait_for("2 tables made", 30)
        self.glue.ends = ("FAILED", "out of luck")
        self.glue.run(self.glue.bodies("CreateCrawler")[0]["Name"])
        crawl.wait_for("out of luck", 30)
        crawl.signal(2)
        self.assertEqual(crawl.wait(20), 0, crawl.errors())
        self.assertEqual(json.loads(crawl.output())["status"], "FAILED")

    def test_interrupted_it_leaves_the_crawl_to_go_on(self):
        self.glue.polls = 1000
        crawl = self.crawl("--crawler-role", ROLE)
        crawl.wait_for("started", 30)
        time.sleep(0.3)
        crawl.signal(2)
        self.refused(crawl, INTERRUPTED, "goes on in AWS", "stop-crawler")

    def test_interrupted_before_the_answer_it_does_not_know_of_a_crawl(self):
        self.glue.refusals = {"StartCrawler": [("ThrottlingException", "slower")] * 20}
        crawl = self.crawl("--crawler-role", ROLE, AWS_MAX_ATTEMPTS="20")
        crawl.wait_for("trying again", 30)
        crawl.signal(2)
        self.refused(crawl, INTERRUPTED, "whether the crawler", "has begun is not known", "stop-crawler")

    def test_engines_of_other_commands_in_the_environment_are_passed_over(self):
        self.write("t/x.ndjson", {"n": 1})
        self.start("crawl", STACK_ENGINE="duckdb").succeed(60)
        self.start("query", "SELECT count(*) FROM t", STACK_ENGINE="glue").succeed(60)

    def test_our_own_crawler_takes_schedules(self):
        self.write("t/x.ndjson", {"n": 1})
        crawl = self.start("crawl", "--schedule", "cron(0/1 * * * ? *)")
        crawl.wait_for("1 table", 30)
        crawl.signal(2)
        self.assertEqual(crawl.wait(20), 0, crawl.errors())
        self.refused(self.start("crawl", "--schedule", "hourly"), USAGE, "--schedule", "cron(15 12 * * ? *)")
        self.refused(self.start("crawl", "--schedule", "cron(0 * * * ? *)", "--interval", "5s"), USAGE, "--interval")


if __name__ == "__main__":
    sys.exit(run_cases(CatalogTest, CrawlerTest))
