"""`stack query --engine athena` against servers that speak Athena's protocol: a scripted one that answers with DuckDB's
rows and whose requests botocore's model must allow, and moto's."""
import contextlib
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import duckdb  # noqa: E402

from stack_testing.athena_server import AthenaServer  # noqa: E402
from stack_testing.moto_server import Moto  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "tester-secret", "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true"}
CONTRACT = sys.argv.pop(1) if len(sys.argv) > 1 else None
QUOTES = """CREATE SCHEMA stack; SET schema = 'stack';
CREATE TABLE quotes AS SELECT * FROM (VALUES
  ('a', 1.5::DOUBLE, 1::BIGINT, TIMESTAMP '2021-05-28 01:30:00.5', DATE '2021-05-28', true, '2021-05'),
  ('b', NULL, 2, NULL, NULL, NULL, '2021-05')) t(name, price, count, seen, day, ok, dt)"""


class AthenaTest(unittest.TestCase):
    """The command, and the contract of engines."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-athena-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        connection = duckdb.connect()
        connection.execute(QUOTES)
        self.server = AthenaServer(connection)
        self.addCleanup(self.server.stop)
        self.count = 0

    def query(self, *arguments, **variables):
        """`stack query ARGUMENTS --engine athena`, started."""
        self.count += 1
        return Process(self.folder, f"{self.count:02}", "query", *arguments, "--engine", "athena",
                       **({"AWS_ENDPOINT_URL_ATHENA": self.server.url} | KEYS | variables))

    def answer(self, *arguments):
        """The JSON object of a query that succeeds."""
        answer = json.loads(self.query(*arguments, "--json").succeed(30).output())
        self.assertEqual(self.server.invalid, [])
        return answer

    def refused(self, code, *arguments):
        """What a query that ends with CODE says, on one line."""
        process = self.query(*arguments)
        self.assertEqual(process.wait(60), code, process.errors())
        self.assertEqual(self.server.invalid, [])
        self.assertEqual(process.output(), "")
        lines = [line for line in process.errors().splitlines() if line.startswith("stack: ") or line.startswith("error")]
        self.assertEqual(len(lines), 1, process.errors())
        return lines[0]

    def test_rows_figures_and_requests(self):
        answer = self.answer("SELECT name, price, count, seen, day, ok FROM quotes ORDER BY name;")
        self.assertEqual(answer["rows"], [
            {"name": "a", "price": 1.5, "count": 1, "seen": "2021-05-28 01:30:00.500000", "day": "2021-05-28", "ok": True},
            {"name": "b", "price": None, "count": 2, "seen": None, "day": None, "ok": None}])
        self.assertEqual([column["type"] for column in answer["columns"]],
                         ["varchar", "double", "bigint", "timestamp", "date", "boolean"])
        started, = self.server.asked("StartQueryExecution")
        self.assertEqual(started["QueryExecutionContext"], {"Database": "stack", "Catalog": "AwsDataCatalog"})
        self.assertEqual(started["WorkGroup"], "primary")
        self.assertGreaterEqual(len(started["ClientRequestToken"]), 32)
        self.assertEqual((answer["query_id"], answer["bytes_scanned"], answer["reused"]),
                         (next(iter(self.server.queries)), self.server.scanned, False))
        # 34,567,890 bytes are 32.97 MB of 2^20: 33 of them, at 5 USD a TB of 2^20 MB.
        self.assertAlmostEqual(answer["cost_usd"], 33 * 5 / 2**20, places=6)

    def test_says_what_a_query_has_cost(self):
        process = self.query("SELECT count(*) AS n FROM quotes", "--output", "csv").succeed(30)
        self.assertEqual(process.output(), "n\n2\n")
        self.assertRegex(process.errors(), r"athena: 0\.5 s \(0\.1 s queued\), 34\.6 MB scanned, \$0\.000157 "
                                           r"\(query [0-9a-f-]{36}\)")
        self.server.scanned = 5
        self.assertAlmostEqual(self.answer("SELECT count(*) AS n FROM quotes")["cost_usd"], 10 * 5 / 2**20, places=6)

    def test_pages_of_many_rows(self):
        answer = self.answer("SELECT i FROM range(2500) t(i) ORDER BY i")
        self.assertEqual([row["i"] for row in answer["rows"]], list(range(2500)))
        self.assertEqual([body["MaxResults"] for body in self.server.asked("GetQueryResults")], [1000] * 3)

    def test_statements_without_a_header(self):
        self.assertEqual([list(row.values()) for row in self.answer("SHOW TABLES")["rows"]], [["quotes"]])
        explained = self.answer("EXPLAIN SELECT 1")
        self.assertEqual(explained["cost_usd"], 0)
        self.assertNotIn(list(explained["rows"][0]), [list(explained["rows"][0].values())])

    def test_parameters_are_literals(self):
        sql = "SELECT name, ? AS text FROM quotes WHERE count >= ? AND day = ? AND name <> ?"
        answer = self.answer(sql, "--param", "it's", "--param", "1", "--param", "DATE '2021-05-28'", "--param", "'07'")
        self.assertEqual(answer["rows"], [{"name": "a", "text": "it's"}])
        self.assertEqual(self.server.asked("StartQueryExecution")[0]["ExecutionParameters"],
                         ["'it''s'", "1", "DATE '2021-05-28'", "'07'"])

    def test_reuse(self):
        sql = ["SELECT count(*) AS n FROM quotes", "--reuse", "60m", "--workgroup", "analysts", "--output-location",
               "s3://results/mine/"]
        self.server.workgroups["analysts"] = {"state": "ENABLED", "output": ""}
        first, second = self.answer(*sql), self.answer(*sql)
        self.assertEqual((first["reused"], second["reused"], second["cost_usd"], second["rows"]),
                         (False, True, 0, [{"n": 2}]))
        body = self.server.asked("StartQueryExecution")[0]
        self.assertEqual(body["ResultReuseConfiguration"],
                         {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}})
        self.assertEqual((body["WorkGroup"], body["ResultConfiguration"]),
                         ("analysts", {"OutputLocation": "s3://results/mine/"}))
        self.assertIn("whole minutes", self.refused(2, "SELECT 1", "--reuse", "90s"))

    def test_history(self):
        for at in range(3):
            self.answer(f"SELECT {at} AS n FROM quotes")
        self.refused(7, "SELECT nope FROM quotes")
        rows = self.answer("--history", "3")["rows"]
        self.assertEqual([(row["state"], row["sql"]) for row in rows],
                         [("FAILED", "SELECT nope FROM quotes"), ("SUCCEEDED", "SELECT 2 AS n FROM quotes"),
                          ("SUCCEEDED", "SELECT 1 AS n FROM quotes")])
        self.assertEqual([row["cost_usd"] for row in rows], [0, 0.000157, 0.000157])
        self.assertTrue(all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", row["started"]) for row in rows))
        for at in range(60):
            self.server.StartQueryExecution({"QueryString": f"SELECT {at}", "ClientRequestToken": f"{at:040}",
                                             "WorkGroup": "primary", "QueryExecutionContext": {}})
        self.assertEqual(len(self.answer("--history", "55")["rows"]), 55)
        self.assertEqual([body["MaxResults"] for body in self.server.asked("ListQueryExecutions")], [3, 50, 5])

    def test_errors_name_place_and_query(self):
        said = self.refused(7, "SELECT name, nope FROM quotes")
        self.assertRegex(said, r"SQL error at line 1, column 14: COLUMN_NOT_FOUND: Column 'nope' .*\(Athena query [0-9a-f-]+\)")
        self.assertIn("SHOW TABLES lists", self.refused(7, "SELECT * FROM nowhere"))
        for sql in ("DROP TABLE quotes", "UNLOAD (SELECT 1) TO 's3://x/'", "INSERT INTO quotes SELECT 1"):
            self.assertIn("not allowed", self.refused(7, sql))
        self.assertEqual(len(self.server.queries), 2, "what is not allowed is not sent")
        self.server.failures["broken"] = "HIVE_BAD_DATA: Error parsing a column in the table: line is not valid JSON"
        self.assertIn("`stack crawl`", self.refused(7, "SELECT 1 AS broken FROM quotes"))
        self.server.failures["secret"] = "PERMISSION_DENIED: Access Denied (Service: Amazon S3; Status Code: 403)"
        self.assertIn("s3:GetObject", self.refused(8, "SELECT 1 AS secret FROM quotes"))

    def test_workgroup_and_place_for_results(self):
        self.assertIn("--workgroup", self.refused(2, "SELECT 1", "--workgroup", "nobody"))
        self.server.workgroups["off"] = {"state": "DISABLED", "output": ""}
        self.assertIn("enable workgroup off", self.refused(6, "SELECT 1", "--workgroup", "off"))
        self.server.workgroups["bare"] = {"state": "ENABLED", "output": ""}
        self.assertIn("--output-location s3://", self.refused(2, "SELECT 1", "--workgroup", "bare"))
        said = self.refused(5, "SELECT 1", "--output-location", "s3://absent/x/")
        self.assertIn("s3://absent/x/", said)
        self.assertIn("s3:GetBucketLocation", said)
        self.assertIn("s3://BUCKET", self.refused(2, "SELECT 1", "--output-location", "absent"))

    def test_denied_action_is_named(self):
        self.server.denied.add("StartQueryExecution")
        said = self.refused(8, "SELECT 1")
        self.assertIn("athena:StartQueryExecution", said)
        self.assertIn("`stack iam print analyst --lake", said)

    def test_a_start_is_in_doubt_only_where_it_was_sent(self):
        """A server that hangs up may have started the query; one that nobody reaches has not."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            def hang_up():
                with contextlib.suppress(OSError):
                    while True:
                        with server.accept()[0] as connection:
                            connection.recv(1)
            threading.Thread(target=hang_up, daemon=True).start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            doubted = self.query("SELECT 1", "--connect-timeout", "1s", AWS_ENDPOINT_URL_ATHENA=url)
            self.assertEqual(doubted.wait(60), 4, doubted.errors())
            server.shutdown(socket.SHUT_RDWR)
        unreached = self.query("SELECT 1", "--connect-timeout", "1s", AWS_ENDPOINT_URL_ATHENA=url)
        self.assertEqual(unreached.wait(60), 4, unreached.errors())
        self.assertIn("`stack query --engine athena --history 5`", doubted.errors())
        self.assertNotIn("--history", unreached.errors())

    def test_throttling_is_waited_out(self):
        self.server.throttled = {"StartQueryExecution": 2, "GetQueryExecution": 1, "GetQueryResults": 1}
        self.assertEqual(self.answer("SELECT 1 AS one")["rows"], [{"one": 1}])
        tokens = {body["ClientRequestToken"] for body in self.server.asked("StartQueryExecution")}
        self.assertEqual((len(tokens), len(self.server.queries)), (1, 1), "a start tried again starts nothing new")

    def test_interrupt_stops_the_query(self):
        process = self.query("SELECT 'forever' AS x FROM quotes")
        deadline = time.monotonic() + 20
        while len(self.server.asked("GetQueryExecution")) < 3:
            self.assertLess(time.monotonic(), deadline, process.errors())
            time.sleep(0.02)
        time.sleep(1)
        # Looked at after 0, 0.1, 0.25, 0.5, 0.8, 1.3 s: the waits grow.
        self.assertLess(len(self.server.asked("GetQueryExecution")), 8)
        process.signal(signal.SIGINT)
        self.assertEqual(process.wait(10), 130, process.errors())
        self.assertEqual(self.server.stopped, list(self.server.queries))
        self.assertRegex(process.errors(), r"interrupted; Athena was told to stop it \(Athena query [0-9a-f-]{36}\)")

    def interrupted(self):
        """A query that was interrupted while it ran: what it says."""
        process = self.query("SELECT 'forever' AS x FROM quotes")
        deadline = time.monotonic() + 20
        while not self.server.asked("GetQueryExecution"):
            self.assertLess(time.monotonic(), deadline, process.errors())
            time.sleep(0.02)
        process.signal(signal.SIGINT)
        self.assertEqual(process.wait(15), 130, process.errors())
        return process.errors()

    def test_a_stop_that_does_not_get_through_is_said(self):
        self.server.denied.add("StopQueryExecution")
        said = self.interrupted()
        query, = self.server.queries
        self.assertIn(f"aws athena stop-query-execution --query-execution-id {query}", said)
        self.assertIn("athena:StopQueryExecution", said)
        self.assertNotIn("was told to stop", said)

    def test_a_stop_is_tried_again_after_the_interrupt(self):
        self.server.throttled["StopQueryExecution"] = 2
        self.assertIn("was told to stop it", self.interrupted())
        self.assertEqual(self.server.stopped, list(self.server.queries))

    def test_a_reader_that_has_gone_stops_the_query(self):
        with subprocess.Popen(["bash", "-c", f"'{os.environ['STACK_PROGRAM']}' query \"SELECT 'forever' AS x FROM quotes\" "
                               "--engine athena | exec sleep 0.3"], cwd=self.folder, stderr=subprocess.DEVNULL,
                              env=os.environ | KEYS | {"AWS_ENDPOINT_URL_ATHENA": self.server.url}) as shell:
            shell.wait(30)
        self.assertEqual(self.server.stopped, list(self.server.queries))

    def test_a_terminal_shows_the_state(self):
        self.server.looks_until_end = 8
        ours, theirs = pty.openpty()
        with subprocess.Popen([os.environ["STACK_PROGRAM"], "query", "SELECT 1 AS one FROM quotes", "--engine", "athena"],
                              cwd=self.folder, stdout=subprocess.DEVNULL, stderr=theirs,
                              env=os.environ | KEYS | {"AWS_ENDPOINT_URL_ATHENA": self.server.url}) as process:
            os.close(theirs)
            shown = b""
            with contextlib.suppress(OSError):  # the terminal's end
                while piece := os.read(ours, 4096):
                    shown += piece
            os.close(ours)
            self.assertEqual(process.wait(30), 0, shown)
        self.assertIn(b"athena: RUNNING, 0.1 s queued, 0.4 s running", shown)

    def test_a_file_of_statements(self):
        (self.folder / "two.sql").write_text("SELECT 1 AS a; SELECT 2 AS b;")
        results = self.answer("-f", self.folder / "two.sql")["results"]
        self.assertEqual([result["rows"] for result in results], [[{"a": 1}], [{"b": 2}]])
        self.assertEqual([result["query_id"] for result in results], list(self.server.queries))

    def test_a_ready_made_query_asks_for_the_table_it_prefers(self):
        self.refused(7, "simulation-vs-history")
        self.assertIn("JOIN bars b", self.server.asked("StartQueryExecution")[0]["QueryString"])
        self.server.tables.add("simulated_bars")
        self.refused(7, "simulation-vs-history")
        self.assertIn("JOIN simulated_bars b", self.server.asked("StartQueryExecution")[1]["QueryString"])

    def test_a_table_that_may_not_be_seen_is_not_taken_for_none(self):
        self.server.metadata_trouble = ("User: arn:aws:iam::123456789012:user/tester is not authorized to perform: "
                                        "glue:GetTable on resource: table/stack/simulated_bars")
        self.assertIn("glue:GetTable", self.refused(8, "simulation-vs-history"))
        self.assertEqual(self.server.asked("StartQueryExecution"), [])

    def test_a_value_is_one_line_and_not_too_long(self):
        self.assertIn("--param", self.refused(2, "SELECT ?", "--param", "a\nb"))
        self.assertIn("--param number 2 has 1027 characters",
                      self.refused(7, "SELECT ?, ?", "--param", "1", "--param", "\u00e9" * 1025))
        (self.folder / "long.sql").write_text(f"SELECT '{'x' * 262144}'")
        self.assertIn("262144", self.refused(7, "-f", self.folder / "long.sql"))
        self.assertEqual(self.server.asked("StartQueryExecution"), [])

    def test_comments_end_where_athenas_end(self):
        for sql in ("/* /* */ INSERT INTO quotes -- */\nSELECT * FROM quotes",
                    "EXPLAIN ANALYZE /* /* */ INSERT INTO quotes -- */\nSELECT * FROM quotes"):
            self.assertIn("INSERT is not allowed", self.refused(7, sql))
        self.assertEqual(self.server.asked("StartQueryExecution"), [])

    def test_options_of_athena_are_of_athena(self):
        process = Process(self.folder, "other", "query", "SELECT 1", "--lake", self.folder, "--workgroup", "x")
        self.assertEqual(process.wait(20), 2)
        self.assertIn("--engine athena", process.errors())

    def test_contract_of_engines(self):
        if CONTRACT is None:
            self.skipTest("the contract's program was not named")
        result = subprocess.run([CONTRACT], env=os.environ | KEYS | {"STACK_ATHENA_URL": self.server.url, "GTEST_OUTPUT": ""},
                                capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertEqual(self.server.invalid, [])

    def test_moto(self):
        moto = Moto(self.folder)
        self.addCleanup(moto.stop)
        moto.give_athena("us-east-1", [{
            "rows": [{"Data": [{"VarCharValue": "n"}]}, {"Data": [{"VarCharValue": "7"}]}],
            "column_info": [{"Name": "n", "Label": "n", "Type": "bigint"}]}])
        process = self.query("SELECT n FROM somewhere", "--json", "--output-location", "s3://results/",
                             AWS_ENDPOINT_URL_ATHENA=moto.url).succeed(60)
        answer = json.loads(process.output())
        self.assertEqual([list(row.values()) for row in answer["rows"]][-1:], [[7]])


if __name__ == "__main__":
    sys.exit(run_cases(AthenaTest))
