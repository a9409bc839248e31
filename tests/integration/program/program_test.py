"""The program from outside: its main job, what it prints, and what it says to bad input.

What it leaves is read back by Python's own readers and pyarrow, never by the program.
"""
import collections
import json
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import pyarrow.parquet  # noqa: E402

from stack_testing import history, lake_reader, topic_reader  # noqa: E402
from stack_testing.broker import Broker, free_port  # noqa: E402
from stack_testing.program import PROGRAM, Process, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

MODEL = ("--mode", "fhs", "--sessions", "6")
USAGE, DATA, UNREACHABLE, STORAGE, CONFLICT, QUERY, INTERRUPTED = 2, 3, 4, 5, 6, 7, 130


class ProgramTest(unittest.TestCase):
    """A folder with a small data set; `stack` started in it."""

    broker = None

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="stack-program-"))
        cls.data = cls.root / "bars.csv"
        history.write_bars(cls.data, random.Random(7), ["AAA", "BBB", "CCC"], 20)
        cls.years = cls.root / "years.csv"  # enough to fit a model on
        history.write_bars(cls.years, random.Random(8), ["AAA", "BBB", "CCC"], 600)

    @classmethod
    def tearDownClass(cls):
        if cls.broker:
            cls.broker.stop()
        shutil.rmtree(cls.root, ignore_errors=True)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.root))
        self.count = 0
        self.processes = []

    def tearDown(self):
        for process in self.processes:
            process.kill()

    def start(self, *arguments, **variables):
        self.count += 1
        process = Process(self.folder, f"{self.count:02}-{arguments[0]}", *arguments, **variables)
        self.processes.append(process)
        return process

    def stack(self, *arguments, **variables):
        """Runs to the end, successfully."""
        return self.start(*arguments, **variables).succeed(120)

    def refused(self, code, *arguments, names=(), **variables):
        """Runs to the end, with this exit code, one short error that names all of `names`, and no data printed."""
        process = self.start(*arguments, **variables)
        self.assertEqual(process.wait(60), code, f"{process}: {process.errors()}")
        lines = process.errors().splitlines()
        errors = [line for line in lines if line.startswith("stack: ")]
        self.assertEqual(len(errors), 1, f"{process}: {lines}")
        self.assertLessEqual(len(lines), 5, f"{process}: {lines}")
        for name in names:
            self.assertIn(str(name), process.errors(), str(process))
        self.assertEqual(process.output(), "", str(process))
        return process

    def topic(self):
        """A topic name of this test's own."""
        return f"t-{self.folder.name}"

    def assert_landed(self, topic, lake, broker=None):
        """Topic and lake hold the same ticks, each once; returns their number."""
        records = topic_reader.read_topic((broker or self.broker).address, topic)
        expected = collections.Counter(lake_reader.tick(json.loads(record.value)) for record in records)
        found = collections.Counter(lake_reader.tick(row) for file in lake_reader.data_files(lake)
                                    for row in lake_reader.rows(file))
        self.assertEqual(sum((expected - found).values()), 0, "lost")
        self.assertEqual(sum((found - expected).values()), 0, "duplicated")
        return len(records)


class Usage(ProgramTest):
    """Without a broker: simulation, and options that cannot be."""

    def test_simulation_is_a_function_of_data_options_and_seed(self):
        feed = self.stack("simulate", self.data, "--seed", 5).output()
        self.assertEqual(feed, self.stack("simulate", self.data, "--seed", 5, "--threads", 1).output())
        self.assertNotEqual(feed, self.stack("simulate", self.data, "--seed", 6).output())
        ticks = [json.loads(line) for line in feed.splitlines()]
        self.assertEqual(len(ticks), 3 * 20 * 390)
        one = self.stack("simulate", self.data, "--seed", 5, "--symbols", "BBB").output().splitlines()
        self.assertEqual(one, [line for line, tick in zip(feed.splitlines(), ticks) if tick["symbol"] == "BBB"])
        for symbol in ("AAA", "BBB", "CCC"):
            self.assertEqual([tick["seq"] for tick in ticks if tick["symbol"] == symbol], list(range(20 * 390)))
        self.assertEqual(sorted(ticks, key=lambda tick: (tick["event_time"], tick["symbol"])), ticks)

    def test_each_day_is_faithful_to_its_bar(self):
        days = collections.defaultdict(list)
        for line in self.stack("simulate", self.data).output().splitlines():
            tick = json.loads(line)
            days[tick["symbol"], tick["session_date"]].append(tick)
        bars = [line.split(",") for line in self.data.read_text().splitlines()[1:]]
        self.assertEqual(len(days), len(bars))
        for symbol, date, opened, high, low, close, volume in bars:
            prices = [tick["price"] for tick in days[symbol, date]]
            self.assertEqual((prices[0], max(prices), min(prices), prices[-1]),
                             tuple(float(price) for price in (opened, high, low, close)))
            self.assertEqual(sum(tick["size"] for tick in days[symbol, date]), int(volume))

    def test_quotes_and_arrivals_are_options_of_the_feed(self):
        feeds = {self.stack("simulate", self.data, "--limit", 500, *options).output()
                 for options in ((), ("--quotes",), ("--arrivals", "uniform"), ("--arrivals", "hawkes"))}
        self.assertEqual(len(feeds), 4)
        for line in self.stack("simulate", self.data, "--quotes").output().splitlines():
            tick = json.loads(line)
            self.assertEqual(list(tick), ["symbol", "session_date", "event_time", "seq", "price", "size", "bid", "ask"])
            self.assertTrue(0 < tick["bid"] < tick["ask"] and tick["price"] in (tick["bid"], tick["ask"]), line)
        self.stack("simulate", self.data, "--quotes", "-o", "ticks.parquet")
        self.refused(USAGE, "simulate", self.data, "--arrivals", "often", names=["--arrivals", "often", "hawkes"])
        self.refused(USAGE, "simulate", self.data, "--quotes", "--mode", "sample", names=["--quotes", "sample"])

    def test_a_models_feed_has_the_forms_of_replay(self):
        ticks = [json.loads(line) for line in self.stack("simulate", self.years, *MODEL).output().splitlines()]
        for name in ("ticks.csv", "ticks.ndjson", "ticks.parquet"):
            self.stack("simulate", self.years, *MODEL, "-o", name)
        lines = (self.folder / "ticks.csv").read_text().splitlines()
        self.assertEqual(lines[0], "symbol,session_date,event_time,seq,price,size")
        self.assertEqual(len(lines), 1 + len(ticks))
        self.assertEqual([json.loads(line) for line in (self.folder / "ticks.ndjson").read_text().splitlines()], ticks)
        self.stack("simulate", self.years, "-o", "replay.parquet")
        table = pyarrow.parquet.read_table(self.folder / "ticks.parquet")
        self.assertEqual(table.schema, pyarrow.parquet.read_schema(self.folder / "replay.parquet"))
        self.assertEqual(table["price"].to_pylist(), [tick["price"] for tick in ticks])
        self.assertEqual([str(date) for date in table["session_date"].to_pylist()],
                         [tick["session_date"] for tick in ticks])

    def test_simulated_bars_are_csv(self):
        for name in ("bars.parquet", "bars.ndjson", "bars.csv.gz"):
            self.refused(USAGE, "simulate", self.years, *MODEL, "--bars", "-o", name, names=["--output", name, "CSV"])
        scenario = self.folder / "crash.toml"
        scenario.write_text('[[shock]]\nkind = "crash"\nsession = 3\nsize = -0.5\n')
        calm, shaken = ([line.split(",") for line in self.stack("simulate", self.years, *MODEL, "--bars", *options)
                         .output().splitlines()[1:]] for options in ((), ("--scenario", scenario)))
        ticks = collections.defaultdict(list)
        for line in self.stack("simulate", self.years, *MODEL, "--scenario", scenario).output().splitlines():
            tick = json.loads(line)
            ticks[tick["symbol"], tick["session_date"]].append(tick["price"])
        self.assertEqual(len(shaken), len(ticks))
        for (symbol, date, opened, high, low, close, _), before in zip(shaken, calm):
            prices = ticks[symbol, date]
            self.assertEqual((prices[0], max(prices), min(prices), prices[-1]),
                             tuple(float(price) for price in (opened, high, low, close)))
            self.assertLess(float(close) / float(before[5]), 1.1 if (symbol, date) < (symbol, shaken[2][1]) else 0.6)

    def test_far_years_have_their_own_daylight_saving(self):
        for start in ("1960-07-01", "2030-07-01", "2060-07-01", "2300-07-02", "9999-07-01"):
            feed = self.stack("simulate", self.years, "--mode", "gbm", "--sessions", "5", "--start-date", start).output()
            hours = {json.loads(line)["event_time"][11:13] for line in feed.splitlines()}
            self.assertEqual((min(hours), max(hours)), ("13", "19"), start)  # New York in summer
        for start, name in (("9999-12-30", "9999"), ("10000-01-01", "10000-01-01"), ("2021-02-30", "2021-02-30")):
            self.refused(USAGE, "simulate", self.years, "--mode", "gbm", "--start-date", start, names=[name])

    def test_bad_data_is_refused(self):
        self.refused(DATA, "simulate", "nothing.csv", names=["nothing.csv"])
        empty = self.folder / "empty.csv"
        empty.write_text("")
        self.refused(DATA, "simulate", empty, names=["empty.csv"])
        header = "Symbol,Date,Open,High,Low,Close,Volume\n"
        for row, what in (("A,2021-01-04,10,9,8,9,100", "High"), ("A,2021-13-04,1,1,1,1,1", "2021-13-04"),
                          ("A,2021-01-04,x,1,1,1,1", "Open"), ("A,2021-01-04,1,1,1,1,-5", "Volume")):
            bad = self.folder / "bad.csv"
            bad.write_text(f"{header}A,2021-01-01,1,1,1,1,1\n{row}\n")
            self.refused(DATA, "simulate", bad, "-o", "feed.ndjson", names=["bad.csv:3", what])
            self.assertFalse((self.folder / "feed.ndjson").exists(), "half-written output")
            self.stack("simulate", bad, "--on-bad-row", "skip")

    def test_bad_options_are_refused(self):
        self.refused(USAGE, "simulate", self.data, "--symbols", "NONE", names=["NONE"])
        self.refused(USAGE, "simulate", self.data, "--from", "2031-01-01", names=["2031-01-01"])
        self.refused(USAGE, "simulate", self.data, "--rate", "-1", names=["rate"])
        self.refused(USAGE, "simulate", self.data, "--events-per-session", "3", names=["events-per-session"])
        self.refused(USAGE, "simulate", self.data, "--sed", "3", names=["--sed", "--seed"])
        self.refused(USAGE, "simulat", self.data, names=["simulat"])
        self.refused(USAGE, "simulate", self.data, STACK_SED="3", names=["STACK_SED"])
        (self.folder / "stack.toml").write_text("sed = 3\n")
        self.refused(USAGE, "simulate", self.data, names=["stack.toml", "sed"])

    def lake_of(self, files):
        lake = self.folder / "lake"
        for name, content in files.items():
            (lake / name).parent.mkdir(parents=True, exist_ok=True)
            (lake / name).write_bytes(content)
        return lake

    def test_json_is_one_object_whatever_the_command(self):
        lake = self.lake_of({"t/dt=1/a.ndjson": b'{"a":1}\n{"a":2}\n'})
        for action, keys in ((("crawl", "--lake", lake), {"tables", "files", "unreadable_files", "seconds"}),
                             (("catalog", "list", "--lake", lake), {"database", "tables"}),
                             (("catalog", "show", "t", "--lake", lake), {"name", "columns", "partitions"}),
                             (("catalog", "ddl", "t", "--lake", lake), {"database", "table", "ddl"}),
                             (("query", "SELECT a FROM t ORDER BY a", "--lake", lake),
                              {"columns", "rows", "row_count", "seconds"}),
                             (("query", "--list"), {"queries"}),
                             (("clean",), {"lakes"}),
                             (("doctor", "--lake", lake), {"healthy", "findings"})):
            process = self.start(*action, "--json")
            process.wait(60)
            result = json.loads(process.output())
            self.assertIsInstance(result, dict, action)
            self.assertLessEqual(keys, set(result), action)
        answer = json.loads(self.stack("query", "SELECT a, dt FROM t ORDER BY a", "--lake", lake, "--json").output())
        self.assertEqual(answer["columns"], [{"name": "a", "type": "BIGINT"}, {"name": "dt", "type": "VARCHAR"}])
        self.assertEqual((answer["rows"], answer["row_count"]), ([{"a": 1, "dt": "1"}, {"a": 2, "dt": "1"}], 2))
        self.assertEqual(json.loads(self.stack("query", "SELECT a FROM t ORDER BY a", "--lake", lake,
                                               "--output", "json").output()), [{"a": 1}, {"a": 2}])
        several = self.folder / "several.sql"
        several.write_text("SELECT 1 AS a; SELECT 2 AS a;")
        results = json.loads(self.stack("query", "-f", several, "--lake", lake, "--json").output())["results"]
        self.assertEqual([result["rows"] for result in results], [[{"a": 1}], [{"a": 2}]])
        self.refused(USAGE, "query", "SELECT 1", "--lake", lake, "--json", "--output", "csv", names=["--json", "csv"])
        watching = self.start("crawl", "--lake", lake, "--watch", "--interval", "50ms", "--json")
        time.sleep(0.5)
        (lake / "t" / "b.ndjson").write_text('{"a":3}')
        time.sleep(0.5)
        watching.signal(signal.SIGINT)
        self.assertEqual(watching.wait(60), 0, watching.errors())
        self.assertEqual(json.loads(watching.output())["files"], 2)

    def test_a_reader_that_has_enough_is_no_error(self):
        lake = self.lake_of({f"t/dt={day}/a.ndjson": b'{"a":1}\n' for day in range(2000)})
        self.stack("crawl", "--lake", lake)
        for arguments in (["query", "SELECT * FROM range(100000000)"], ["query", "SELECT * FROM range(100000000)", "--json"],
                          ["query", "SELECT * FROM range(100000000)", "--output", "csv"], ["catalog", "ddl", "t"],
                          ["catalog", "list", "--json"]):
            process = subprocess.Popen([PROGRAM, *arguments, "--lake", lake], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, cwd=self.folder, env=environment())
            process.stdout.readline()
            process.stdout.close()
            errors = process.stderr.read().decode()
            process.stderr.close()
            self.assertEqual((process.wait(60), errors), (0, ""), arguments)

    def test_a_damaged_file_is_a_warning_that_names_it(self):
        lake = self.lake_of({"t/a.ndjson": b'{"a":1}\n', "t/b.ndjson.gz": b"torn"})
        crawl = self.stack("crawl", "--lake", lake, "--json")
        self.assertEqual(json.loads(crawl.output())["unreadable_files"], 1)
        self.assertRegex(crawl.errors(), r"warning: .*t/b\.ndjson\.gz: ")
        query = self.stack("query", "SELECT a FROM t", "--lake", lake, "--output", "csv")
        self.assertEqual(query.output().split(), ["a", "1"])
        self.assertIn("b.ndjson.gz", query.errors())
        (lake / "t" / "a.ndjson").unlink()
        self.refused(STORAGE, "crawl", "--lake", lake, names=["none of its 1 files"])

    def test_options_are_refused_before_the_data_are_read(self):
        for options in (["--table", "bars"], ["--table", "_stack"], ["--database", "main"], ["--database", "../x"],
                        ["--format", "csv"], ["--partitions", "0"], ["--lake", "ftp://bucket"], ["--speed", "fast"]):
            self.refused(USAGE, "run", "nothing.csv", *options, names=[options[0], options[1]])
        self.refused(USAGE, "produce", "nothing.csv", "--topic", "a b", names=["--topic", "a b"])
        self.refused(USAGE, "verify", "--table", "../x", names=["--table"])
        self.refused(USAGE, "query", "SELECT 1", "--lake", "none", "--database", "temp", names=["--database"])
        self.refused(USAGE, "simulate", "nothing.csv", "-o", self.folder, names=["--output", self.folder])
        self.refused(USAGE, "simulate", "nothing.csv", "-o", "new/", "--format", "parquet", names=["--output", "new/"])
        self.refused(STORAGE, "simulate", self.data, "-o", "none/ticks.parquet", names=["none/ticks.parquet"])

    def test_values_that_cannot_be_are_refused_by_name(self):
        for option, value in (("limit", "0"), ("rate", "0"), ("rate", "nan"), ("rate", "inf"), ("seed", "-1"),
                              ("events-per-session", "3"), ("from", "2021-02-30"), ("symbols", ""), ("symbols", ","),
                              ("speed", ""), ("threads", "0")):
            self.refused(USAGE, "simulate", self.data, f"--{option}", value, names=[f"--{option}"])
        self.refused(USAGE, "simulate", self.data, "--from", "2021-02-01", "--to", "2021-01-01", names=["--from", "--to"])
        self.refused(USAGE, "simulate", self.data, STACK_JSON="ture", names=["STACK_JSON", "ture"])

    def test_a_variable_speaks_to_the_commands_that_know_it(self):
        feed = self.stack("simulate", self.data, "--limit", 3, STACK_FORMAT="parquet", STACK_OUTPUT="json").output()
        self.assertEqual(len([json.loads(line) for line in feed.splitlines()]), 3)
        self.assertFalse((self.folder / "json").exists())
        self.stack("simulate", self.data, "--limit", 3, STACK_EVENTS_FILE="ticks", STACK_EVENTS_FORMAT="csv")
        self.assertTrue((self.folder / "ticks").read_text().startswith("symbol,session_date"))

    def test_every_command_helps(self):
        for command in ("run", "simulate", "produce", "sink", "crawl", "query", "catalog", "verify", "kafka", "topic",
                        "clean", "doctor"):
            self.assertIn(f"stack {command}", re.split("Examples?:", self.stack(command, "--help").output())[1])
            self.refused(USAGE, command, "--no-progres", names=["--no-progress"])

    def test_files_that_are_no_data_are_refused_by_name(self):
        (self.folder / "binary.csv").write_bytes(pathlib.Path(sys.executable).read_bytes()[:100_000])
        for name in ("none.csv", "binary.csv", "."):
            process = self.refused(DATA, "simulate", name, names=[f"stack: {name}: "])
            self.assertLess(len(process.errors()), 300)

    def test_table_names_stay_inside_the_lake(self):
        for table in ("../out", "a/b", "", ".", "_stack"):
            self.refused(USAGE, "sink", "--bootstrap-servers", "127.0.0.1:1", "--table", table, "--lake", "lake",
                         names=["table"])
        self.assertFalse((self.folder / "out").exists() or (self.folder / "lake").exists())

    def test_a_broker_that_is_away_is_an_error_in_time(self):
        address = f"127.0.0.1:{free_port()}"
        (self.folder / "lake").mkdir()
        for command in (("produce", self.data), ("sink",), ("verify", "--lake", "lake"), ("run", self.data)):
            began = time.monotonic()
            self.refused(UNREACHABLE, *command, "--bootstrap-servers", address, "--connect-timeout", "2s", names=[address])
            self.assertLess(time.monotonic() - began, 10)


class WithBroker(ProgramTest):
    """With a real broker."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broker = Broker(cls.root / "broker")
        cls.broker.start()

    def run_json(self, *arguments):
        return json.loads(self.stack("run", *arguments, "--bootstrap-servers", self.broker.address, "--json").output())

    def test_run_does_the_whole_job_and_finds_it_done(self):
        result = self.run_json(self.data, "--topic", self.topic(), "--lake", "lake")
        self.assertEqual((result["produced"], result["landed"], result["lost"], result["duplicated"]),
                         (3 * 20 * 390, 3 * 20 * 390, 0, 0))
        self.assertGreater(result["seconds"], 0)
        self.assertTrue(result["queries"])
        self.assertEqual(self.assert_landed(self.topic(), self.folder / "lake"), 3 * 20 * 390)
        files = lake_reader.data_files(self.folder / "lake")
        again = self.run_json(self.data, "--topic", self.topic(), "--lake", "lake")
        self.assertEqual((again["landed"], again["lost"], again["duplicated"]), (3 * 20 * 390, 0, 0))
        self.assertEqual(lake_reader.data_files(self.folder / "lake"), files)

    def test_a_header_with_unnamed_and_repeated_columns_does_no_harm(self):
        odd = self.folder / "odd.csv"
        lines = self.data.read_text().splitlines()
        odd.write_text("\n".join([f",{lines[0]},Note,note,"] +
                                 [f"{number},{line},x,y,z" for number, line in enumerate(lines[1:])]) + "\n")
        for mode in ((), ("--mode", "sample", "--limit", "500")):
            name = f"{self.topic()}-{len(mode)}"
            result = self.run_json(odd, *mode, "--topic", name, "--lake", name)
            self.assertEqual((result["landed"] > 0, result["lost"], result["dead_letters"]), (True, 0, 0))
            table = "ticks" if mode else "bars"
            columns = json.loads(self.stack("query", f"SELECT * FROM {table} LIMIT 1", "--lake", name,
                                            "--json").output())["columns"]
            self.assertLessEqual({"column_1", "note", "note_1", "column_11"},
                                 {column["name"] for column in columns})

    def test_answers_hold_whichever_partitions_the_table_has(self):
        place = (self.data, "--topic", self.topic(), "--lake", "lake")
        first = self.run_json(*place, "--partition-by", "none", "--limit", "5000")
        for partitions in ("month", "day"):
            again = self.run_json(*place, "--partition-by", partitions, "--limit", "5000")
            self.assertEqual([query["rows"] for query in again["queries"]], [query["rows"] for query in first["queries"]])

    def test_sql_over_what_run_left(self):
        self.run_json(self.data, "--topic", self.topic(), "--lake", "lake", "--format", "parquet", "--partition-by", "day")
        answer = self.stack("query", "SELECT symbol, count(*) AS n FROM ticks GROUP BY symbol ORDER BY symbol",
                            "--lake", "lake", "--output", "csv").output()
        self.assertEqual(answer.split(), ["symbol,n", "AAA,7800", "BBB,7800", "CCC,7800"])
        bars = json.loads(self.stack("query", "SELECT count(*) AS n FROM bars", "--lake", "lake", "--output", "json").output())
        self.assertEqual(json.dumps(bars).replace(" ", "").count('"n":60'), 1)
        self.refused(QUERY, "query", "SELEC 1", "--lake", "lake", names=["SELEC"])
        self.refused(QUERY, "query", "SELECT * FROM nowhere", "--lake", "lake", names=["nowhere"])
        out = self.folder / "out.csv"
        for sql in (f"COPY (SELECT 1) TO '{out}'", "SELECT * FROM read_csv('/etc/passwd')", "INSTALL httpfs",
                    f"ATTACH '{self.folder}/x.db'", "SET enable_external_access=true"):
            self.refused(QUERY, "query", sql, "--lake", "lake")
        self.assertFalse(out.exists() or (self.folder / "x.db").exists())

    def test_quotes_reach_sql(self):
        for form in ("ndjson", "parquet"):
            result = self.run_json(self.data, "--quotes", "--arrivals", "hawkes", "--limit", "3000", "--format", form,
                                   "--topic", f"{self.topic()}-{form}", "--lake", form)
            self.assertEqual((result["landed"], result["lost"], result["duplicated"]), (3000, 0, 0))
            answer = self.stack("query", "SELECT typeof(bid) AS bid, typeof(ask) AS ask, count(*) AS n, count(*) FILTER "
                                "(bid < ask AND (price = bid OR price = ask)) AS sound FROM ticks GROUP BY ALL",
                                "--lake", form, "--output", "csv").output()
            self.assertEqual(answer.split(), ["bid,ask,n,sound", "DOUBLE,DOUBLE,3000,3000"])

    def test_a_models_run_stands_beside_its_history(self):
        arguments = (self.years, "--mode", "fhs", "--sessions", "30", "--quotes", "--arrivals", "poisson", "--symbols",
                     "AAA,CCC", "--topic", self.topic(), "--lake", "lake")
        first = self.run_json(*arguments)
        events = 2 * 30 * 390
        self.assertEqual((first["produced"], first["landed"], first["lost"], first["duplicated"], first["resumed_at"]),
                         (events, events, 0, 0, 0))
        self.assertEqual(self.assert_landed(self.topic(), self.folder / "lake"), events)
        history_rows = [line.split(",") for line in self.years.read_text().splitlines()[1:] if not line.startswith("BBB")]
        dates = sorted(row[1] for row in history_rows)
        self.assertEqual(first["history"], {"bars": len(history_rows), "first": dates[0], "last": dates[-1]})
        self.assertEqual(first["simulated"]["bars"], 60)
        self.assertGreater(first["simulated"]["first"], dates[-1])
        by_name = {query["name"]: query["rows"] for query in first["queries"]}
        compared = by_name["all of them: fields in which ticks and simulated bars differ"]
        self.assertEqual([(row["symbol"], row["sessions"], row["differing_fields"]) for row in compared],
                         [("AAA", 30, 0), ("CCC", 30, 0)])
        self.assertFalse([name for name in by_name if name.endswith("beside the history (the last ones)")])
        self.assertNotIn(None, by_name["daily bars from ticks beside the simulated bars (the last ones)"][0].values())

        def rows(table):
            return [json.loads(line) for file in (self.folder / "lake" / table).iterdir()
                    for line in file.read_text().splitlines()]

        self.assertEqual([(row["symbol"], row["date"], row["open"], row["high"], row["low"], row["close"], row["volume"])
                          for row in rows("bars")],
                         [(row[0], row[1], *(float(field) for field in row[2:])) for row in sorted(history_rows)])
        simulated = rows("simulated_bars")
        written = self.stack("simulate", *arguments[:5], "--symbols", "AAA,CCC", "--bars").output().splitlines()[1:]
        self.assertEqual([",".join(str(value) for value in row.values()).replace(".0,", ",") for row in simulated],
                         [",".join(str(float(field)) if "." in field else field for field in line.split(","))
                          .replace(".0,", ",") for line in written])
        self.assertEqual({(row["symbol"], row["model"], row["seed"]) for row in rows("symbols")},
                         {("AAA", "fhs", 1), ("CCC", "fhs", 1)})
        joined = self.stack(
            "query", "WITH days AS (SELECT symbol, session_date, min_by(price, seq) AS o, max(price) AS h, min(price) AS l,"
            " max_by(price, seq) AS c, sum(size) AS v FROM ticks GROUP BY ALL) SELECT count(*) AS n, count(*) FILTER "
            "(o = open AND h = high AND l = low AND c = close AND v = volume) AS same FROM days JOIN simulated_bars b "
            "ON b.symbol = days.symbol AND b.date = days.session_date", "--lake", "lake", "--output", "csv").output()
        self.assertEqual(joined.split(), ["n,same", "60,60"])
        ready = json.loads(self.stack("query", "simulation-vs-history", "--lake", "lake", "--json").output())
        self.assertEqual(json.dumps(ready).replace(" ", "").count('"differing_fields":0'), 2)

        files = lake_reader.data_files(self.folder / "lake")
        again = self.run_json(*arguments)
        self.assertEqual((again["feed"], again["resumed_at"], again["landed"], again["lost"], again["duplicated"]),
                         (first["feed"], events, events, 0, 0))
        self.assertEqual(lake_reader.data_files(self.folder / "lake"), files)
        broker = ("--bootstrap-servers", self.broker.address)
        for other in (("--sessions", "29"), ("--start-date", "2040-01-02"), ("--mode", "bootstrap"), ("--seed", "2")):
            changed = [option for option in arguments if option not in ("--sessions", "30") or other[0] != "--sessions"]
            if other[0] == "--mode":
                changed[1:3] = []
            self.refused(CONFLICT, "run", *changed, *other, *broker, names=[self.topic()])
        self.assert_landed(self.topic(), self.folder / "lake")

    def test_a_scenarios_bars_stand_beside_the_history_of_a_replay(self):
        scenario = self.folder / "crash.toml"
        scenario.write_text('[[shock]]\nkind = "crash"\nsession = 3\nsize = -0.5\n')
        result = self.run_json(self.data, "--scenario", scenario, "--topic", self.topic(),
                               "--lake", "lake")
        self.assertEqual({row["differing_fields"] for row in result["queries"][1]["rows"]}, {0})
        counts = self.stack("query", "SELECT (SELECT count(*) FROM bars) AS bars, (SELECT count(*) FROM simulated_bars) AS "
                            "made, (SELECT count(*) FROM bars JOIN simulated_bars s USING (symbol, date) WHERE bars.close "
                            "= s.close) AS unchanged", "--lake", "lake", "--output", "csv").output()
        self.assertEqual(counts.split(), ["bars,made,unchanged", "60,60,6"])

    def test_produce_plays_a_models_first_sessions_unless_their_number_is_given(self):
        broker = ("--bootstrap-servers", self.broker.address)
        self.stack("produce", self.years, "--mode", "gbm", "--sessions", "3", "--topic", self.topic(), *broker)
        self.assertEqual(len(topic_reader.read_topic(self.broker.address, self.topic())), 3 * 3 * 390)
        process = self.start("produce", self.years, "--mode", "gbm", "--from", "2021-02-01", "--topic",
                             self.topic() + "-slow", *broker)
        for _ in range(600):
            if "takes about" in process.errors():
                break
            time.sleep(0.1)
        process.signal(signal.SIGINT)
        self.assertEqual(process.wait(60), INTERRUPTED, process.errors())
        # Five days of 6.5 hours, a minute in a second.
        self.assertIn("5,850 events", process.errors())
        self.assertIn("takes about 33 min", process.errors())

    def test_events_to_come_carry_their_own_times(self):
        feed = ("--mode", "gbm", "--sessions", "3", "--start-date", "2300-06-01", "--timestamps", "event")
        result = self.run_json(self.years, *feed, "--topic", self.topic(), "--lake", "lake")
        self.assertEqual((result["landed"], result["lost"], result["duplicated"]), (3 * 3 * 390, 0, 0))
        admin = topic_reader.admin(self.broker.address)
        topic_reader.make_topic(admin, self.topic() + "-hour", retention_ms="-1", segment_ms=str(2**63 - 1))
        broker = ("--bootstrap-servers", self.broker.address)
        self.refused(CONFLICT, "produce", self.years, *feed, "--topic", self.topic() + "-hour", *broker,
                     names=["message.timestamp.after.max.ms"])
        self.refused(USAGE, "run", self.years, "--mode", "gbm", "--start-date", "1969-12-01", "--timestamps", "event", *broker,
                     names=["1970", "--start-date"])

    def test_interrupted_at_any_time_it_goes_on_where_it_stopped(self):
        arguments = (self.data, "--topic", self.topic(), "--lake", "lake", "--rotate-age", "200ms")
        for seconds in (0.3, 1.0, 2.0):
            process = self.start("run", *arguments, "--rate", "4000", "--bootstrap-servers", self.broker.address, "--json")
            time.sleep(seconds)
            process.signal(signal.SIGINT)
            self.assertEqual(process.wait(60), INTERRUPTED, process.errors())
            if topic_reader.topic_exists(topic_reader.admin(self.broker.address), self.topic()):
                self.assert_landed(self.topic(), self.folder / "lake")
        result = self.run_json(*arguments, "--rate", "4000")
        self.assertEqual((result["landed"], result["lost"], result["duplicated"]), (3 * 20 * 390, 0, 0))
        self.assertEqual(self.assert_landed(self.topic(), self.folder / "lake"), 3 * 20 * 390)

    def test_verify_sees_what_is_lost_and_what_is_there_twice(self):
        self.run_json(self.data, "--topic", self.topic(), "--lake", "lake", "--rotate-count", "2000")
        ask = ("verify", "--topic", self.topic(), "--lake", "lake", "--bootstrap-servers", self.broker.address, "--json")
        self.assertEqual(json.loads(self.stack(*ask).output())["lost"], 0)
        file = lake_reader.data_files(self.folder / "lake")[0]
        lines = file.path.read_bytes().splitlines(keepends=True)
        for content, lost, duplicated in ((lines[1:], 1, 0), (lines + lines[:2], 0, 2)):
            file.path.write_bytes(b"".join(content))
            process = self.start(*ask)
            self.assertEqual(process.wait(60), 1, process.errors())
            verdict = json.loads(process.output())
            self.assertEqual((verdict["lost"], verdict["duplicated"]), (lost, duplicated))
        file.path.unlink()
        process = self.start(*ask)
        self.assertEqual(process.wait(60), 1, process.errors())
        self.assertEqual(json.loads(process.output())["lost"], len(lines))

    def test_another_feed_or_partition_count_is_refused(self):
        self.run_json(self.data, "--topic", self.topic(), "--lake", "lake")
        common = ("--topic", self.topic(), "--lake", "lake", "--bootstrap-servers", self.broker.address)
        self.refused(CONFLICT, "run", self.data, "--seed", "2", *common, names=[self.topic()])
        self.refused(CONFLICT, "run", self.data, "--partitions", "7", *common, names=[self.topic(), "partitions"])
        self.refused(CONFLICT, "run", self.data, "--seed", "2", "--topic", self.topic() + "-2", *common[2:], names=["lake"])
        self.assert_landed(self.topic(), self.folder / "lake")
        # Nothing is left of what was refused.
        self.assertFalse(topic_reader.topic_exists(topic_reader.admin(self.broker.address), self.topic() + "-2"))
        self.refused(CONFLICT, "run", self.data, "--seed", "2", *common[:2], "--lake", "other", *common[4:],
                     names=["topic " + self.topic()])
        self.assertFalse((self.folder / "other").exists())

    def test_topics_that_would_lose_a_feed_are_refused(self):
        admin = topic_reader.admin(self.broker.address)
        feed = ("produce", self.data, "--limit", "100", "--bootstrap-servers", self.broker.address, "--topic")
        for name, configs, refused_at in (("week", {"retention_ms": "604800000"}, ["event"]),
                                          ("rolling", {"retention_ms": "-1"}, ["event"]),
                                          ("compact", {"cleanup_policy": "compact"}, ["now", "event"])):
            topic = f"{self.topic()}-{name}"
            topic_reader.make_topic(admin, topic, **configs)
            for timestamps in ("event", "now"):
                if timestamps in refused_at:
                    self.refused(CONFLICT, *feed, topic, "--timestamps", timestamps, names=[topic, "set "])
                else:
                    self.stack(*feed, topic, "--timestamps", timestamps)
        self.stack("topic", "create", self.topic(), "--bootstrap-servers", self.broker.address)
        configs = topic_reader.topic_configs(admin, self.topic())
        self.assertEqual((configs["retention.ms"], configs["segment.ms"]), ("-1", str(2**63 - 1)))
        self.stack(*feed, self.topic(), "--timestamps", "event")

    def test_a_record_that_is_no_event_becomes_a_dead_letter(self):
        self.stack("produce", self.data, "--limit", "500", "--topic", self.topic(),
                   "--bootstrap-servers", self.broker.address)
        topic_reader.produce(self.broker.address, self.topic(), [b'{"symbol":', b"\xff\xfe", b"", b"[1,2]"])
        self.stack("sink", "--topic", self.topic(), "--lake", "lake", "--bootstrap-servers", self.broker.address, "--until-end")
        landed = sum(len(lake_reader.rows(file)) for file in lake_reader.data_files(self.folder / "lake"))
        self.assertEqual(landed, 500)
        letters = [path for path in (self.folder / "lake" / "_stack" / "dlq" / "ticks").rglob("*") if path.is_file()]
        self.assertEqual(sum(len(path.read_bytes().splitlines()) for path in letters), 4)

    def test_reserved_words_are_names_like_any_other(self):
        result = self.run_json(self.data, "--topic", self.topic(), "--lake", "lake", "--table", "order", "--database", "select",
                               "--limit", "1000")
        self.assertEqual(result["queries"][0]["rows"], [{"rows": 1000}])
        answer = self.stack("query", 'SELECT count(*) AS n FROM "order"', "--lake", "lake", "--database", "select",
                            "--output", "csv").output()
        self.assertEqual(answer.split(), ["n", "1000"])

    def test_sampled_rows_land_with_numbers_as_numbers(self):
        odd = self.folder / "odd.csv"
        odd.write_text('Symbol,Date,Open,High,Low,Close,Volume,Note\n'
                       '" A ",2021-01-04,.5,+5,.25,1.,0,5" pipe\nB,2021-01-04,1,1,1,1,+7,"6"" pipe"\n')
        self.run_json(odd, "--mode", "sample", "--limit", "100", "--topic", self.topic(), "--lake", "lake")
        rows = [row for file in lake_reader.data_files(self.folder / "lake") for row in lake_reader.rows(file)]
        self.assertEqual(len(rows), 100)
        bars = [json.loads(line) for file in (self.folder / "lake" / "bars").iterdir()
                for line in file.read_text().splitlines()]
        expected = {"A": (0.5, 5, 0.25, 1, 0, '5" pipe'), "B": (1, 1, 1, 1, 7, '6" pipe')}
        for name, found in (("Symbol Open High Low Close Volume Note", rows), ("symbol open high low close volume note", bars)):
            symbol, *fields = name.split()
            self.assertEqual({row[symbol]: tuple(row[field] for field in fields) for row in found}, expected)
        self.assertEqual({record.key for record in topic_reader.read_topic(self.broker.address, self.topic())}, {b"A", b"B"})

    def test_clean_takes_what_runs_have_made_and_nothing_else(self):
        server = ("--bootstrap-servers", self.broker.address)
        mine, other = self.topic(), f"stock-events-{self.topic()}"
        self.stack("topic", "create", other, *server)
        self.stack("produce", self.data, "--limit", "100", "--topic", mine, *server)
        self.stack("sink", "--topic", mine, "--until-end", *server)  # into stack-lake/<topic>
        made = self.run_json(self.data, "--limit", "1000")
        self.run_json(self.data, "--limit", "100", "--topic", mine, "--lake", "stack-lake/again")
        listed = {left["id"]: left["topics"] for left in json.loads(self.stack("clean", "--json", *server).output())["lakes"]}
        self.assertEqual(listed, {made["feed"]: [made["topic"]], mine: [], "again": []})
        self.stack("clean", "--yes", *server)
        self.assertEqual(list((self.folder / "stack-lake").iterdir()), [])
        admin = topic_reader.admin(self.broker.address)
        self.assertEqual([topic_reader.topic_exists(admin, topic) for topic in (mine, other, made["topic"])],
                         [True, True, False])

    def _on_small_disk(self, work):
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=False, capture_output=True).returncode:
            self.skipTest("needs the right to mount a tmpfs")
        try:
            work(disk)
        finally:
            subprocess.run(["umount", disk], check=True)

    def _remount(self, disk, options):
        subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)

    def test_a_full_disk_and_a_read_only_lake_are_errors_that_leave_nothing_half_written(self):
        def work(disk):
            lake = disk / "lake"
            self.stack("produce", self.data, "--speed", "max", "--topic", self.topic(),
                       "--bootstrap-servers", self.broker.address)
            sink = ("sink", "--topic", self.topic(), "--lake", lake, "--bootstrap-servers", self.broker.address,
                    "--rotate-count", "1000", "--until-end")
            self.refused(STORAGE, *sink, names=[lake])
            self._remount(disk, "ro")
            self.refused(STORAGE, *sink, names=[lake])
            for file in lake_reader.data_files(lake):
                lake_reader.rows(file)  # each is whole
            self._remount(disk, "rw,size=64m")
            self.stack(*sink)
            self.assertEqual(self.assert_landed(self.topic(), lake), 3 * 20 * 390)

        self._on_small_disk(work)


class ManagedBroker(ProgramTest):
    """The broker that the program runs itself."""

    def test_run_brings_its_own_broker(self):
        place = ("--broker-data", self.folder / "kafka")
        try:
            result = json.loads(self.stack("run", self.data, *place, "--json").output())
            self.assertEqual((result["lost"], result["duplicated"], result["landed"]), (0, 0, 3 * 20 * 390))
            lakes = list((self.folder / "stack-lake").iterdir())
            self.assertEqual(len(lakes), 1)
            self.assertEqual(sum(len(lake_reader.rows(file)) for file in lake_reader.data_files(lakes[0])), 3 * 20 * 390)
        finally:
            self.start("kafka", "down", *place).wait(60)

    def test_what_it_holds_survives_down_and_up(self):
        place = ("--broker-data", self.folder / "kafka")
        try:
            self.stack("kafka", "up", *place, "--port", str(free_port()))
            self.stack("produce", self.data, "--limit", "1000", "--topic", "kept", *place)
            self.stack("kafka", "down", *place)
            self.assertNotEqual(self.start("kafka", "status", *place).wait(60), 0)
            self.stack("kafka", "up", *place, "--port", str(free_port()))
            self.stack("kafka", "status", *place)
            self.stack("sink", "--topic", "kept", "--lake", "lake", "--until-end", *place)
            landed = sum(len(lake_reader.rows(file)) for file in lake_reader.data_files(self.folder / "lake"))
            self.assertEqual(landed, 1000)
        finally:
            self.start("kafka", "down", *place).wait(60)


if __name__ == "__main__":
    sys.exit(run_cases(Usage, WithBroker, ManagedBroker))
