"""The ready scenarios through the program: simulated, and a dirty feed through the whole pipeline on a real broker."""
import collections
import json
import math
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing import lake_reader, topic_reader  # noqa: E402
from stack_testing.broker import Broker  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
DATA = ROOT / "examples" / "data" / "stocks.csv"
SCENARIOS = ROOT / "examples" / "scenarios"
USAGE, INTERRUPTED = 2, 130
FEED = ("--symbols", "AAPL,MSFT", "--to", "2010-04-30")


class Bar:
    """Open, high, low, close and volume of one symbol's session, from its ticks."""

    def __init__(self, ticks):
        prices = [tick["price"] for tick in ticks]
        self.open, self.high, self.low, self.close = prices[0], max(prices), min(prices), prices[-1]
        self.volume = sum(tick["size"] for tick in ticks)


class ScenarioTest(unittest.TestCase):
    """A folder of its own for each test."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-scenario-"))
        self.count = 0

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *arguments):
        self.count += 1
        return Process(self.folder, f"{self.count:02}-{arguments[0]}", *arguments)

    def simulate(self, *more, scenario=None, name="feed.ndjson"):
        """The lines of the simulated feed and what was injected."""
        options = ("--scenario", SCENARIOS / f"{scenario}.toml") if scenario else ()
        result = self.start("simulate", DATA, *FEED, "-o", name, "--json", *options, *more).succeed(60)
        lines = (self.folder / name).read_bytes().split(b"\n")[:-1]
        summary = json.loads(result.output())
        self.assertEqual(len(lines), summary["events"])
        return lines, summary.get("injected")

    def sessions(self, scenario=None):
        """The feed's ticks by (symbol, date), the dates, and the bars that the ticks make."""
        lines, _ = self.simulate(scenario=scenario)
        ticks = collections.defaultdict(list)
        for line in lines:
            tick = json.loads(line)
            ticks[tick["symbol"], tick["session_date"]].append(tick)
        return ticks, sorted({date for _, date in ticks}), {key: Bar(each) for key, each in ticks.items()}


class Simulated(ScenarioTest):
    """Each of the ready scenarios."""

    def test_black_monday_falls_as_it_did(self):
        was_ticks, dates, was = self.sessions()
        ticks, _, now = self.sessions("1987-10-19")
        for symbol in ("AAPL", "MSFT"):
            for date in dates[:16]:
                self.assertEqual(was_ticks[symbol, date], ticks[symbol, date])
            level = [bar.close / was[key].close for key, bar in sorted(now.items()) if key[0] == symbol]
            self.assertAlmostEqual(level[18], 0.91, delta=0.001)
            self.assertAlmostEqual(level[19], 0.91 * 0.795, delta=0.001)
            self.assertLess(now[symbol, dates[19]].close / now[symbol, dates[18]].close - 1, -0.17)
            for session in (19, 20):
                volume = was[symbol, dates[session]].volume
                self.assertEqual(now[symbol, dates[session]].volume, 3 * volume)
            moves = [abs(math.log(now[symbol, dates[i]].close / now[symbol, dates[i - 1]].close)) /
                     max(1e-9, abs(math.log(was[symbol, dates[i]].close / was[symbol, dates[i - 1]].close)))
                     for i in range(45, 60)]
            self.assertAlmostEqual(sorted(moves)[7], 1, delta=0.05)  # the regime is over, no jump is left

    def test_flash_crash_is_down_by_nine_per_cent_and_back(self):
        was_ticks, dates, was = self.sessions()
        ticks, _, now = self.sessions("flash-crash")
        for key, before in was_ticks.items():
            if key[1] != dates[4]:
                self.assertEqual(before, ticks[key])
                continue
            self.assertEqual((now[key].open, now[key].close), (was[key].open, was[key].close))
            window = [(old, new) for old, new in zip(before, ticks[key]) if "15:32" <= new["event_time"][11:16] < "16:08"]
            self.assertAlmostEqual(min(new["price"] / old["price"] for old, new in window), 0.91, delta=0.005)
            self.assertGreater(len(window), 15)
            for old, new in window:
                self.assertEqual(new["size"], 6 * old["size"])

    def test_circuit_breaker_halts_and_reopens_with_an_auction(self):
        _, dates, was = self.sessions()
        ticks, _, now = self.sessions("circuit-breaker")
        for symbol in ("AAPL", "MSFT"):
            day = ticks[symbol, dates[2]]
            times = [tick["event_time"][11:16] for tick in day]
            self.assertFalse([time for time in times if "15:42" <= time < "15:57"])
            reopening = next(i for i, time in enumerate(times) if time >= "15:57")
            usual = sorted(tick["size"] for tick in day)[len(day) // 2]
            self.assertGreater(day[reopening]["size"], 8 * usual)
            self.assertAlmostEqual(now[symbol, dates[2]].close / was[symbol, dates[2]].close, 0.93, delta=0.002)

    def test_dirty_feed_has_what_it_says(self):
        clean, _ = self.simulate()
        lines, injected = self.simulate(scenario="dirty-feed")
        self.assertEqual(lines, self.simulate("--threads", 3, scenario="dirty-feed", name="again.ndjson")[0])
        self.assertEqual(len(lines), len(clean) - injected["dropped"] + injected["duplicated"])
        seen = collections.defaultdict(list)
        damaged = 0
        for line in lines:
            try:
                tick = json.loads(line)
                if not isinstance(tick["session_date"], str):
                    raise ValueError("wrong type")
                seen[tick["symbol"], tick["seq"]].append(line)
            except ValueError:
                damaged += 1
        self.assertEqual(damaged, injected["malformed"])
        self.assertEqual(sum(len(each) - 1 for each in seen.values()), injected["duplicated"])
        self.assertTrue(all(len(set(each)) == 1 for each in seen.values()))
        for kind in ("late", "held", "duplicated", "malformed", "dropped"):
            self.assertGreater(injected[kind], 0, kind)
        self.assertEqual(self.simulate("--limit", 5000, scenario="dirty-feed", name="cut.ndjson")[0], lines[:5000])

    def test_malformed_events_are_lines_of_csv_and_no_parquet(self):
        result = self.start("simulate", DATA, *FEED, "--scenario", SCENARIOS / "dirty-feed.toml", "-o", "t.parquet")
        self.assertEqual(result.wait(60), USAGE)
        self.assertIn("malformed", result.errors())
        self.assertFalse((self.folder / "t.parquet").exists())
        lines, injected = self.simulate("--limit", 20000, scenario="dirty-feed", name="t.ndjson")
        self.start("simulate", DATA, *FEED, "--limit", 20000, "--scenario", SCENARIOS / "dirty-feed.toml", "-o",
                   "t.csv").succeed(60)
        text = (self.folder / "t.csv").read_bytes().split(b"\n")[1:-1]
        self.assertEqual(len(text), len(lines))
        self.assertGreater(injected["malformed"], 0)
        self.start("simulate", DATA, *FEED, "--scenario", SCENARIOS / "flash-crash.toml", "-o", "t.parquet").succeed(60)

    def test_mistakes_are_named_by_file_and_line(self):
        (self.folder / "s.toml").write_text("[[shock]]\nkind = \"crash\"\nsesion = 3\nsize = -0.1\n")
        for command in ("simulate", "produce", "run"):
            result = self.start(command, DATA, "--scenario", "s.toml")
            self.assertEqual(result.wait(60), USAGE)
            self.assertIn("s.toml:3: ", result.errors())
            self.assertIn("session", result.errors())


class Run(ScenarioTest):
    """The dirty feed through the pipeline."""

    def test_all_of_a_dirty_feed_is_in_the_lake_once(self):
        broker = Broker(self.folder / "broker")
        broker.start()
        try:
            self.run_dirty_feed(broker)
            self.run_in_parts(broker)
        finally:
            broker.stop()

    def run_dirty_feed(self, broker):
        common = ("run", DATA, *FEED, "--scenario", SCENARIOS / "dirty-feed.toml", "--bootstrap-servers",
                  broker.address, "--topic", "dirty", "--lake", "lake", "--json")
        result = json.loads(self.start(*common).succeed(120).output())
        _, injected = self.simulate(scenario="dirty-feed")
        self.assertEqual(result["injected"], injected)
        self.assertEqual((result["lost"], result["duplicated"]), (0, 0))
        self.assertEqual(result["dead_letters"], injected["malformed"])
        self.assertEqual(result["landed"] + result["dead_letters"], result["produced"])
        # The topic and the lake, read by others.
        records = topic_reader.read_topic(broker.address, "dirty")
        self.assertEqual(len(records), result["produced"])
        rows = [lake_reader.tick(row) for file in lake_reader.data_files(self.folder / "lake")
                for row in lake_reader.rows(file)]
        self.assertEqual(len(rows), result["landed"])
        self.assertEqual(len(rows) - len(set(rows)), injected["duplicated"])
        again = json.loads(self.start(*common).succeed(120).output())
        self.assertEqual((again["produced"], again["resumed_at"], again["landed"]),
                         (result["produced"], result["produced"], result["landed"]))
        # An audit that does not know the scenario says what it sees.
        verdict = self.start("verify", "--topic", "dirty", "--lake", "lake", "--bootstrap-servers", broker.address, "--json")
        self.assertEqual(verdict.wait(60), 1)
        self.assertEqual(json.loads(verdict.output())["duplicated"], injected["duplicated"])

    def run_in_parts(self, broker):
        """A run that is stopped on its way is right about what it has produced, and the next one goes on."""
        common = ("run", DATA, *FEED, "--seed", 2, "--scenario", SCENARIOS / "dirty-feed.toml", "--bootstrap-servers",
                  broker.address, "--topic", "parts", "--lake", "parts", "--json")
        first = self.start(*common, "--rate", 20000)
        time.sleep(2)
        self.assertTrue(first.signal(signal.SIGINT))
        self.assertEqual(first.wait(60), INTERRUPTED, first.errors())
        stopped = json.loads(first.output())
        self.assertGreater(stopped["produced"], 0)
        self.assertEqual((stopped["lost"], stopped["duplicated"]), (0, 0))
        self.assertEqual(stopped["dead_letters"], stopped["injected"]["malformed"])
        whole = json.loads(self.start(*common).succeed(120).output())
        self.assertEqual(whole["resumed_at"], stopped["produced"])
        self.assertGreater(whole["produced"], stopped["produced"])
        self.assertEqual((whole["lost"], whole["duplicated"]), (0, 0))
        self.assertEqual(whole["dead_letters"], whole["injected"]["malformed"])


if __name__ == "__main__":
    sys.exit(run_cases(Simulated, Run))
