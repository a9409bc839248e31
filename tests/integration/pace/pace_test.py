"""How time passes on a real broker: what is judged are the records' own times, which an independent reader reads back.

Bounds are loose: they catch a wrong law, not a slow machine.
"""
import json
import pathlib
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing import history, lake_reader, topic_reader  # noqa: E402
from stack_testing.broker import Broker  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

USAGE, UNREACHABLE, INTERRUPTED = 2, 4, 130


class PaceTest(unittest.TestCase):
    """One broker for all; each test has a folder and a topic of its own."""

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="stack-pace-"))
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
        self.topic = f"t-{self.folder.name}"
        self.processes = []

    def tearDown(self):
        for process in self.processes:
            process.signal(signal.SIGCONT)
            process.kill()

    def start(self, *arguments, **variables):
        process = Process(self.folder, f"{len(self.processes):02}-{arguments[0]}", *arguments, **variables)
        self.processes.append(process)
        return process

    def produce(self, *options, topic=None):
        return self.start("produce", self.data, "--bootstrap-servers", self.broker.address,
                          "--topic", topic or self.topic, "--partitions", 2, "--json", *options)

    def controlled(self, *options, command="produce"):
        """A feed with a control address, once it plays."""
        if command == "produce":
            process = self.produce("--control", "127.0.0.1:0", *options)
        else:
            process = self.start("run", self.data, "--bootstrap-servers", self.broker.address, "--json",
                                 "--control", "127.0.0.1:0", *options)
        process.wait_for("control at http://", 30)
        self.control = re.search(r"control at (http://\S+)", process.errors())[1]
        self.wait_until(lambda: self.status()["state"] == "running" and self.status()["position"] > 0, "the feed to play")
        return process

    def ask(self, method, target, body=None, **headers):
        """The status code and the answer's JSON."""
        request = urllib.request.Request(self.control + target, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def status(self):
        return self.ask("GET", "/status")[1]

    def post(self, target, body=None):
        code, answer = self.ask("POST", target, body)
        self.assertEqual(code, 200, answer)
        return answer

    def wait_until(self, holds, what, timeout=20):
        deadline = time.monotonic() + timeout
        while not holds():
            self.assertLess(time.monotonic(), deadline, f"waited for {what}")
            time.sleep(0.02)

    def times(self, topic=None):
        """When each record says that it was sent, in seconds, in order."""
        return sorted(record.timestamp / 1000 for record in topic_reader.read_topic(self.broker.address, topic or self.topic))

    @staticmethod
    def most_within(times, seconds):
        """The most records in any stretch of so many seconds."""
        most, first = 0, 0
        for last, moment in enumerate(times):
            while moment - times[first] > seconds:
                first += 1
            most = max(most, last - first + 1)
        return most


class Laws(PaceTest):
    """Rates, speeds, gaps and starts."""

    def test_a_fractional_rate_is_held(self):
        result = json.loads(self.produce("--rate", 2.5, "--limit", 6).succeed(30).output())
        self.assertEqual(result["committed"], 6)
        times = self.times()
        for number, moment in enumerate(times):
            self.assertAlmostEqual(moment - times[0], number * 0.4, delta=0.2)

    def test_delays_are_told_and_small(self):
        process = self.produce("--rate", 6000, "--limit", 18_000).succeed(60)
        result = json.loads(process.output())
        self.assertLess(result["due_to_sent_ms"]["p50"], 10)
        self.assertLess(result["due_to_sent_ms"]["p99"], 500)
        self.assertLess(result["due_to_visible_ms"]["p50"], 1500)
        self.assertIn("due to sent p50", process.errors())
        times = self.times()
        self.assertEqual(len(times), 18_000)
        self.assertAlmostEqual(times[-1] - times[0], 3, delta=0.5 + result["lost_seconds"])

    def test_closed_hours_are_skipped_or_kept(self):
        # Two sessions of six and a half hours, seventeen and a half between them; 50,000 of their seconds in one.
        options = ("--symbols", "AAA", "--speed", "50000x", "--limit", 780)
        self.produce(*options, "--from", "2000-01-01").succeed(60)
        skipped = self.times()
        self.produce(*options, "--from", "2000-01-01", "--keep-gaps", topic=f"{self.topic}-gaps").succeed(60)
        kept = self.times(f"{self.topic}-gaps")
        ticks = [json.loads(record.value) for record in topic_reader.read_topic(self.broker.address, self.topic)]
        self.assertEqual(len({tick["session_date"] for tick in ticks}), 2)
        gap = [later - earlier for earlier, later in zip(kept, kept[1:])]
        self.assertAlmostEqual(skipped[-1] - skipped[0], 13 * 3600 / 50_000, delta=0.4)
        self.assertGreater(max(gap), 17 * 3600 / 50_000)
        self.assertGreater(kept[-1] - kept[0], 30 * 3600 / 50_000 - 0.4)

    def test_two_begin_together_when_they_are_told_to(self):
        moment = int(time.time()) + 4
        text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
        both = [self.produce("--rate", 50, "--limit", 20, "--start-at", text, "--seed", seed, topic=f"{self.topic}-{seed}")
                for seed in (1, 2)]
        both[0].wait_for("starts at", 30)
        for process in both:
            process.succeed(40)
        firsts = [self.times(f"{self.topic}-{seed}")[0] for seed in (1, 2)]
        for first in firsts:
            self.assertGreaterEqual(first, moment)
            self.assertAlmostEqual(first, moment, delta=0.5)

    def test_a_wait_for_the_start_is_stopped_and_a_past_one_is_none(self):
        process = self.produce("--rate", 50, "--limit", 20, "--start-at", time.strftime("%H:%M", time.gmtime(time.time() + 7200)))
        process.wait_for("starts at", 30)
        process.signal(signal.SIGINT)
        self.assertEqual(process.wait(20), INTERRUPTED)
        self.assertEqual(json.loads(process.output())["produced"], 0)
        late = self.produce("--rate", 50, "--limit", 20, "--start-at", "2020-01-01 00:00:00").succeed(30)
        self.assertIn("is past: begins at once", late.errors())
        self.assertEqual(len(self.times()), 20)

    def test_event_times_are_what_records_carry_with_gaps_too(self):
        self.produce("--symbols", "BBB", "--speed", "1000000x", "--keep-gaps", "--timestamps", "event", "--limit", 1000,
                     "--from", "2000-01-01").succeed(60)
        for record in topic_reader.read_topic(self.broker.address, self.topic):
            event = json.loads(record.value)["event_time"]
            seconds = time.mktime(time.strptime(event[:19], "%Y-%m-%d %H:%M:%S")) - time.timezone
            self.assertEqual(record.timestamp, int(seconds) * 1000 + int(event[20:23]))

    def test_what_cannot_be_is_refused(self):
        for options, names in ((("--rate", 5, "--keep-gaps"), "--keep-gaps"),
                               (("--start-at", "tomorrow"), "--start-at"),
                               (("--catch-up", "-1s"), "--catch-up"),
                               (("--speed", "0x"), "--speed"),
                               (("--control", "nowhere:port"), "--control")):
            process = self.produce(*options)
            self.assertEqual(process.wait(20), USAGE, process.errors())
            self.assertIn(names, process.errors())


class Stalls(PaceTest):
    """A sender or a broker that stood still does not make up for it beyond the bound."""

    def stalled(self, stop, go, seconds, *options):
        """Plays 400 events a second, stalls in the middle; the records' times."""
        process = self.controlled("--rate", 400, "--limit", 1200, *options)
        time.sleep(0.8)
        stop(process)
        time.sleep(seconds)
        go(process)
        self.result = json.loads(process.succeed(60).output())
        times = self.times()
        self.assertEqual(len(times), 1200)
        return times

    def stall_sender(self, seconds, *options):
        return self.stalled(lambda process: process.signal(signal.SIGSTOP), lambda process: process.signal(signal.SIGCONT),
                            seconds, *options)

    def test_a_long_stop_of_the_sender_is_not_made_up_for(self):
        times = self.stall_sender(3, "--catch-up", "500ms")
        self.assertGreaterEqual(self.result["times_behind"], 1)
        self.assertGreater(self.result["lost_seconds"], 2)
        # At most the bound's 200 beside the 40 of a tenth of a second.
        self.assertLess(self.most_within(times, 0.1), 300)
        self.assertGreater(times[-1] - times[0], 2.8 + 2.4)

    def test_a_short_one_is(self):
        times = self.stall_sender(1.5, "--catch-up", "30s")
        self.assertEqual(self.result["times_behind"], 0)
        self.assertGreater(self.most_within(times, 0.2), 400)
        self.assertAlmostEqual(times[-1] - times[0], 3, delta=0.5)

    def test_no_catching_up_means_none(self):
        times = self.stall_sender(1, "--catch-up", 0)
        self.assertGreaterEqual(self.result["times_behind"], 1)
        self.assertLess(self.most_within(times, 0.1), 100)

    def test_a_broker_that_stood_still_gets_no_flood(self):
        self.stalled(lambda _: self.broker.process.send_signal(signal.SIGSTOP),
                     lambda _: self.broker.process.send_signal(signal.SIGCONT), 5)
        # Sent while it stood still: a transaction's worth; afterwards: what may be caught up.
        self.assertGreaterEqual(self.result["times_behind"], 1)
        self.assertGreater(self.result["lost_seconds"], 2)


class Control(PaceTest):
    """Pause, resume, another pace: by signal and by the control address."""

    def assert_stands_still(self):
        """Paused within moments, all that was sent visible, and nothing more comes."""
        self.wait_until(lambda: self.status()["state"] == "paused", "the pause", 5)
        status = self.status()
        self.assertEqual(status["position"], status["committed"])
        self.assertEqual(len(self.times()), status["committed"])
        time.sleep(1)
        self.assertEqual(self.status()["position"], status["position"])
        return status["position"]

    def test_a_signal_pauses_and_resumes(self):
        process = self.controlled("--rate", 1000, "--limit", 20_000)
        process.signal(signal.SIGUSR1)
        asked = time.time()
        position = self.assert_stands_still()
        self.assertLess(self.times()[-1], asked + 0.3)
        process.signal(signal.SIGUSR1)
        self.wait_until(lambda: self.status()["position"] > position + 1000, "the feed to go on")
        self.post("/stop")
        self.assertEqual(process.wait(20), INTERRUPTED)
        times = self.times()
        result = json.loads(process.output())
        self.assertEqual(len(times), result["committed"])
        self.assertEqual(result["times_behind"], 0)
        after = [moment for moment in times if moment > asked + 0.5]
        self.assertLess(self.most_within(after, 0.1), 100 + 300, "a burst after the pause")

    def test_the_control_address_steers(self):
        process = self.controlled("--rate", 100)
        self.assertEqual(self.status()["rate"], 100)
        self.post("/pause")
        position = self.assert_stands_still()
        self.post("/rate?x=2000")
        self.post("/resume")
        self.wait_until(lambda: self.status()["position"] > position + 1000, "the new rate")
        self.post("/speed", json.dumps({"speed": "60x"}).encode())
        status = self.status()
        self.assertEqual((status["speed"], status["rate"], status["pace"]), (60, None, "60x"))
        for arguments in (("pause",), ("status",), ("speed", "90x"), ("rate", "7.5"), ("resume",)):
            answer = self.start("control", self.control.removeprefix("http://"), *arguments).succeed(20)
            self.assertEqual(json.loads(answer.output())["feed"], status["feed"])
        self.assertEqual(self.status()["rate"], 7.5)
        self.start("control", self.control.removeprefix("http://"), "speed", "max").succeed(20)
        process.succeed(60)
        self.assertEqual(len(self.times()), 3 * 20 * 390)

    def test_bad_requests_change_nothing(self):
        process = self.controlled("--rate", 100)
        for method, target, code, headers in (("GET", "/pause", 405, {}), ("POST", "/speed?x=0", 400, {}),
                                              ("POST", "/speed", 400, {}), ("POST", "/nothing", 404, {}),
                                              ("POST", "/stop", 403, {"Origin": "http://evil.example"}),
                                              ("POST", "/stop", 403, {"Host": "evil.example"}),
                                              ("GET", "/status", 403, {"Host": "evil.example"})):
            self.assertEqual(self.ask(method, target, b"" if method == "POST" else None, **headers)[0], code, target)
        self.assertEqual(self.status()["state"], "running")
        self.assertTrue(process.alive())
        address = self.control.removeprefix("http://")
        for arguments, code in (((address, "speed", "fast"), USAGE), ((address, "faster"), USAGE), ((address, "speed"), USAGE),
                                ((address, "pause", "1"), USAGE), (("127.0.0.1:1", "pause"), UNREACHABLE)):
            wrong = self.start("control", *arguments)
            self.assertEqual(wrong.wait(20), code, wrong.errors())
        self.post("/stop")
        self.assertEqual(process.wait(20), INTERRUPTED)

    def test_a_run_is_paused_and_stopped_and_is_whole(self):
        process = self.controlled("--rate", 500, "--topic", self.topic, "--rotate-age", "1s", command="run")
        process.signal(signal.SIGUSR1)
        position = self.assert_stands_still()
        self.post("/resume")
        self.wait_until(lambda: self.status()["position"] > position, "the feed to go on")
        self.post("/stop")
        self.assertEqual(process.wait(60), INTERRUPTED, process.errors())
        result = json.loads(process.output())
        self.assertEqual((result["lost"], result["duplicated"]), (0, 0))
        lake = next(self.folder.glob("stack-lake/*"))
        rows = sum(len(list(lake_reader.rows(file))) for file in lake_reader.data_files(lake))
        self.assertEqual(rows, len(self.times()))

    def test_a_broker_that_goes_away_is_noticed_while_paused(self):
        broker = Broker(self.folder / "broker")
        broker.start()
        try:
            process = self.start("produce", self.data, "--bootstrap-servers", broker.address, "--rate", 100,
                                 "--control", "127.0.0.1:0", "--connect-timeout", "3s")
            process.wait_for("control at http://", 30)
            self.control = re.search(r"control at (http://\S+)", process.errors())[1]
            self.wait_until(lambda: self.status()["position"] > 0, "the feed to play")
            self.post("/pause")
            self.wait_until(lambda: self.status()["state"] == "paused", "the pause")
            time.sleep(4)
            self.assertTrue(process.alive(), process.errors())
            broker.kill()
            self.assertEqual(process.wait(20), UNREACHABLE, process.errors())
        finally:
            broker.stop()


if __name__ == "__main__":
    sys.exit(run_cases(Laws, Stalls, Control))
