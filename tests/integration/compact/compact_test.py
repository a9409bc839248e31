"""`stack compact`: every row once for every reader, whatever it is killed at, beside sinks, queries and itself."""
import collections
import datetime
import json
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing import lake_reader  # noqa: E402
from stack_testing.broker import Broker  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

DATA = pathlib.Path(__file__).resolve().parents[3] / "examples" / "data" / "stocks.csv"
EVENTS = 40_000
MERGED = re.compile(r"^(?P<lane>.+\+\d+)\+(?P<first>\d{20})(-(?P<end>\d{20})\.c)?\.(?P<form>ndjson(\.gz|\.zst)?|parquet)$")
STEPS = [("before-record", 1), ("after-record", 1), ("after-output", 1), ("after-output", 2), ("amid-removal", 1),
         ("amid-removal", 4), ("after-record", 2)]
QUESTION = "SELECT count(*) AS n, count(DISTINCT symbol || seq) AS d, sum(seq) AS s FROM ticks"


def live_rows(lake):
    """How often each (symbol, seq) is there for a reader that goes by the names."""
    folders = collections.defaultdict(list)
    for path in sorted((lake / "ticks").rglob("*")):
        if path.is_file():
            folders[path.parent].append((path, MERGED.match(path.name)))
    seen = collections.Counter()
    for files in folders.values():
        merged = [(name["lane"], int(name["first"]), int(name["end"])) for _, name in files if name["end"]]
        for path, name in files:
            extent = (name["lane"], int(name["first"]), int(name["end"] or name["first"]))
            if any(lane == extent[0] and first <= extent[1] < end and extent[2] <= end and (first, end) != extent[1:]
                   for lane, first, end in merged):
                continue
            for row in lake_reader.rows_of_path(path):
                seen[row["symbol"], row["seq"]] += 1
    return seen


class CompactTest(unittest.TestCase):
    """One broker and one topic; a lake of each form, copied for each test."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-compact-"))
        cls.broker = Broker(cls.folder / "broker")
        cls.broker.start()
        cls.count = 0
        Process(cls.folder, "produce", "produce", DATA, "--speed", "max", "--limit", EVENTS, "--topic", "t",
                "--partitions", 2, "--bootstrap-servers", cls.broker.address).succeed(60)
        for form in (["ndjson", "none"], ["ndjson", "gzip"], ["ndjson", "zstd"], ["parquet", "none"]):
            options = ["--format", form[0]] + (["--compression", form[1]] if form[0] == "ndjson" else [])
            cls.sink(cls.folder / "-".join(form), "--until-end", *options).succeed(60)

    @classmethod
    def tearDownClass(cls):
        cls.broker.kill()
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def start(cls, name, *arguments, **variables):
        """`stack ARGUMENTS`."""
        cls.count += 1
        return Process(cls.folder, f"{cls.count:03}-{name}", *arguments, **variables)

    @classmethod
    def sink(cls, lake, *arguments, **variables):
        """Many small ranges."""
        return cls.start("sink", "sink", "--topic", "t", "--bootstrap-servers", cls.broker.address, "--lake", lake,
                         *(arguments if "--rotate-count" in arguments else ("--rotate-count", 1500, *arguments)), **variables)

    def lake(self, form="ndjson-none"):
        """A copy of its own."""
        CompactTest.count += 1
        copy = self.folder / f"lake-{self.count}"
        shutil.copytree(self.folder / form, copy)
        return copy

    def compact(self, lake, *arguments, **variables):
        """At once, whenever ranges were closed."""
        return self.start("compact", "compact", "--lake", lake, "--closed-for", "0s", "--json", *arguments, **variables)

    def summary(self, process):
        """Of the only table."""
        return json.loads(process.succeed(60).output())["tables"][0]

    @staticmethod
    def row(asked):
        """The only row of an answer."""
        names, values = (line.split(",") for line in asked.output().splitlines())
        return {name: int(value) for name, value in zip(names, values)}

    def query(self, lake):
        """Rows, distinct rows and the sum of seq."""
        self.start("crawl", "crawl", "--lake", lake).succeed(60)
        asked = self.start("query", "query", QUESTION, "--lake", lake, "--output", "csv").succeed(60)
        return self.row(asked)

    def check(self, lake):
        """Every event once, by our engine and by an independent reader."""
        answer = self.query(lake)
        self.assertEqual((answer["n"], answer["d"]), (EVENTS, EVENTS))
        seen = live_rows(lake)
        self.assertEqual((len(seen), sum(seen.values())), (EVENTS, EVENTS))

    def verify(self, lake):
        """By the topic."""
        return self.start("verify", "verify", "--topic", "t", "--bootstrap-servers", self.broker.address, "--lake",
                          lake, "--json").succeed(60)

    def test_every_form_is_merged_and_nothing_is_left_for_a_second_run(self):
        for form in ("ndjson-none", "ndjson-gzip", "ndjson-zstd", "parquet-none"):
            with self.subTest(form):
                lake = self.lake(form)
                before = len(lake_reader.data_files(lake))
                done = self.summary(self.compact(lake))
                self.assertGreater(done["inputs"], done["merged"])
                self.assertLess(done["files_after"], before)
                self.check(lake)
                self.verify(lake)
                again = self.summary(self.compact(lake))
                self.assertEqual((again["merged"], again["files_before"]), (0, done["files_after"]))

    def test_a_dry_run_changes_nothing(self):
        lake = self.lake()
        before = sorted(str(path) for path in lake.rglob("*") if "tmp" not in path.parts)
        planned = self.summary(self.compact(lake, "--dry-run"))
        self.assertEqual(before, sorted(str(path) for path in lake.rglob("*") if "tmp" not in path.parts))
        self.assertEqual(planned["merged"], self.summary(self.compact(lake))["merged"])

    def test_young_and_open_ranges_are_left_alone(self):
        lake = self.lake()
        waits = self.summary(self.start("compact", "compact", "--lake", lake, "--json"))
        self.assertEqual(waits["merged"], 0)
        self.assertGreater(waits["waiting"], 10)
        self.compact(lake).succeed(60)
        newest = {partition: max(int(claim.name) for claim in (lake / "_stack/claims/ticks/t" / partition).iterdir())
                  for partition in ("0", "1")
                  if (lake / "_stack/claims/ticks/t" / partition).exists()}
        for partition, first in newest.items():
            self.assertTrue(list((lake / "ticks").rglob(f"t+{partition}+{first:020}.ndjson")), partition)

    def test_killed_at_any_step_every_reader_sees_every_row_once(self):
        for form in ("ndjson-gzip", "parquet-none"):
            for step, time in STEPS:
                with self.subTest(form=form, step=step, time=time):
                    lake = self.lake(form)
                    code = self.compact(lake, STACK_CRASH_AT=f"{step}:{time}").wait(60)
                    self.assertEqual(code, -9)
                    self.check(lake)
                    self.compact(lake).succeed(60)
                    self.check(lake)
                    raw = sum(1 for path in (lake / "ticks").rglob("t+*") for _ in lake_reader.rows_of_path(path))
                    self.assertEqual(raw, EVENTS)
                    self.verify(lake)

    def test_two_at_once(self):
        for _ in range(4):
            lake = self.lake()
            both = [self.compact(lake, "--target-size", size) for size in ("128MB", "400KB")]
            for process in both:
                process.succeed(60)
            self.check(lake)
            self.verify(lake)

    def test_beside_a_sink_and_queries(self):
        CompactTest.count += 1
        lake = self.folder / f"lake-{self.count}"
        sink = self.sink(lake, "--until-end", "--rotate-count", 400)
        while sink.alive():
            if (lake / "_stack/claims").exists():
                self.compact(lake).succeed(60)
            if (lake / "ticks").exists():
                self.start("crawl", "crawl", "--lake", lake).wait(60)
                answer = self.start("query", "query", QUESTION, "--lake", lake, "--output", "csv")
                if answer.wait(60) == 0:
                    row = self.row(answer)
                    self.assertEqual(row["n"], row["d"])
        sink.succeed(60)
        self.compact(lake).succeed(60)
        self.check(lake)
        self.verify(lake)

    def test_a_merged_file_that_lacks_rows_is_told(self):
        lake = self.lake()
        self.compact(lake).succeed(60)
        merged = next(path for path in sorted((lake / "ticks").rglob("*.c.ndjson")))
        lines = merged.read_text().splitlines(keepends=True)
        merged.write_text("".join(lines[:-3]))
        audit = self.start("verify", "verify", "--topic", "t", "--bootstrap-servers", self.broker.address, "--lake", lake)
        self.assertEqual(audit.wait(60), 1)
        self.assertIn("lost 3", audit.output())
        self.assertIn(merged.name, audit.errors())

    def test_what_others_remove_or_bring_back_does_not_stop_it(self):
        lake = self.lake()
        copies = {path: path.read_bytes() for path in (lake / "ticks").rglob("t+*")}
        self.compact(lake).succeed(60)
        gone = next(path for path in sorted(copies) if not path.exists())
        gone.write_bytes(copies[gone])  # as a put that was late would
        self.compact(lake).succeed(60)
        self.assertFalse(gone.exists())
        self.check(lake)
        next(path for path in sorted((lake / "ticks").rglob("*.c.ndjson"))).unlink()
        self.compact(lake).succeed(60)

    def test_a_sink_goes_on_where_it_was(self):
        lake = self.lake()
        self.compact(lake).succeed(60)
        landed = json.loads(self.sink(lake, "--until-end", "--json").succeed(60).output())
        self.assertEqual((landed["landed"], landed["adopted"]), (0, 0))

    def test_expired_partitions_go_and_are_not_lost(self):
        lake = self.lake("parquet-none")
        keep = "2011"
        days = (datetime.date.today() - datetime.date(2011, 1, 1)).days
        planned = self.summary(self.compact(lake, "--expire", f"{days}d", "--dry-run"))
        done = self.summary(self.compact(lake, "--expire", f"{days}d"))
        self.assertEqual(planned["expired_files"], done["expired_files"])
        self.assertGreater(done["expired_files"], 0)
        left = {path.name for path in (lake / "ticks").iterdir() if any(path.iterdir())}
        self.assertTrue(all(name.startswith(f"dt={keep}") for name in left), left)
        self.start("crawl", "crawl", "--lake", lake).succeed(60)
        audit = self.verify(lake)
        self.assertIn("have expired", audit.errors())
        again = json.loads(self.sink(lake, "--until-end", "--format", "parquet", "--json").succeed(60).output())
        self.assertEqual(again["landed"], 0)
        self.assertEqual(self.summary(self.compact(lake, "--expire", f"{days}d"))["expired_files"], 0)

    def test_wrong_use(self):
        lake = self.lake()
        for arguments, code, said in ((["--table", "nothing"], 2, "no sink has written a table 'nothing'"),
                                      (["--target-size", "0"], 2, "--target-size"),
                                      (["--expire", "1h"], 2, "--expire"),
                                      (["--closed-for", "soon"], 2, "--closed-for")):
            process = self.start("compact", "compact", "--lake", lake, *arguments)
            self.assertEqual(process.wait(60), code)
            self.assertIn(said, process.errors())


if __name__ == "__main__":
    sys.exit(run_cases(CompactTest))
