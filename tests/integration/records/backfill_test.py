"""A part of a topic into a table of its own, exactly once: bounds by offset and by time, crashes, conflicts, beside a
live sink."""
import json
import os
import sys
import time

import confluent_kafka

from records_fixture import CONFLICT, USAGE, RecordsTest, numbered, seeded

from stack_testing import lake_reader
from stack_testing.report import run_cases

ROUNDS = int(os.environ.get("STACK_RECORDS_ROUNDS", "5"))  # of kill -9
HOUR = 3_600_000
DAY_ONE = 1622160000000  # 2021-05-28 00:00:00 UTC in ms


class BackfillTest(RecordsTest):
    """`stack sink` with --from-offset, --to-offset, --from-time, --to-time."""

    def found(self, table):
        """The numbers that the table holds, in order; each has to be there once."""
        numbers = sorted(row["n"] for row in self.rows(table))
        self.assertEqual(len(numbers), len(set(numbers)), "a record is there twice")
        return numbers

    def test_holds_what_lies_between_two_offsets_and_ends_there(self):
        self.make_topic(partitions=2)
        self.produce(numbered(range(1000)) + numbered(range(5000, 6000), partition=1))
        done = self.sink("--table", "part", "--from-offset", "100", "--to-offset", "900", "--rotate-count", "300")
        self.assertTrue(done["reached_end"])
        self.assertEqual(self.found("part"), [*range(100, 900), *range(5100, 5900)])
        self.assertEqual(self.verify("part")["records"], 1600)
        again = self.sink("--table", "part", "--from-offset", "100", "--to-offset", "900")
        self.assertEqual((again["landed"], again["claims"]), (0, 0))
        self.assertEqual(lake_reader.claimed_ends(self.lake, self.topic, "part"), {0: 900, 1: 900})

    def test_leaves_out_partitions_that_a_list_does_not_name(self):
        self.make_topic(partitions=3)
        for partition in range(3):
            self.produce(numbered(range(partition * 100, partition * 100 + 100), partition=partition))
        self.sink("--table", "part", "--from-offset", "0:90,2:0", "--to-offset", "0:95,2:10")
        self.assertEqual(self.found("part"), [*range(90, 95), *range(200, 210)])
        self.verify("part")
        live = self.kafka("sink", "--table", "tail", "--from-offset", "1:50", "--rotate-age", "200ms")
        self.until_rows("tail", 50)
        live.signal(15)
        live.wait(20)
        self.assertEqual(self.found("tail"), [*range(150, 200)])
        self.verify("tail")

    def until_rows(self, table, count, timeout=30):
        """Waits until the table holds so many rows."""
        deadline = time.monotonic() + timeout
        while len(self.rows(table)) < count:
            self.assertLess(time.monotonic(), deadline, [process.errors() for process in self.processes])
            time.sleep(0.1)

    def test_times_become_offsets_once(self):
        self.make_topic(partitions=2, retention_ms=-1)
        times = lambda n: DAY_ONE + n % 1000 * HOUR  # noqa: E731
        self.produce(numbered(range(48), timestamp=times) + numbered(range(1000, 1048), partition=1, timestamp=times))
        bounds = ("--table", "day", "--from-time", "2021-05-28T12:00:00Z", "--to-time", "2021-05-29")
        self.sink(*bounds)
        self.assertEqual(self.found("day"), [*range(12, 24), *range(1012, 1024)])
        # A late record of that day would change what the times mean; what was decided stands.
        self.produce(numbered([99], timestamp=lambda n: DAY_ONE + 13 * HOUR))
        self.assertEqual(self.sink(*bounds)["landed"], 0)
        self.verify("day")
        decided = json.loads((self.lake / "_stack" / "bounds" / "day" / self.topic).read_text())
        self.assertEqual(decided["partitions"], [{"from": 12, "end": 24}, {"from": 12, "end": 24}])

    def test_from_a_time_on_goes_on_with_the_topic(self):
        self.make_topic(retention_ms=-1)
        self.produce(numbered(range(48), timestamp=lambda n: DAY_ONE + n * HOUR))
        self.sink("--table", "tail", "--from-time", "2021-05-29", "--until-end")
        self.produce(numbered(range(48, 60), timestamp=lambda n: DAY_ONE + n * HOUR))
        self.sink("--table", "tail", "--from-time", "2021-05-29", "--until-end")
        self.assertEqual(self.found("tail"), [*range(24, 60)])
        self.verify("tail")

    def test_waits_for_an_end_that_is_yet_to_be_written(self):
        self.make_topic()
        self.produce(numbered(range(10)))
        sink = self.kafka("sink", "--table", "part", "--to-offset", "25", "--rotate-age", "200ms")
        self.until_rows("part", 10)
        self.assertTrue(sink.alive())
        self.produce(numbered(range(10, 40)))
        sink.succeed(30)
        self.assertEqual(self.found("part"), [*range(25)])

    def test_bounds_may_lie_on_control_records(self):
        self.make_topic()
        producer = confluent_kafka.Producer({"bootstrap.servers": self.broker.address, "transactional.id": self.topic})
        producer.init_transactions()
        for first in range(0, 50, 10):  # data at 0-9, 11-20, …; a marker at 10, 21, …
            producer.begin_transaction()
            for _, key, value, _ in numbered(range(first, first + 10)):
                producer.produce(self.topic, value, key)
            producer.commit_transaction()
        for table, begin, end, expected in (("a", 10, 21, range(10, 20)), ("b", 11, 22, range(10, 20)),
                                            ("c", 0, 55, range(50)), ("d", 54, 55, []), ("e", 55, 55, [])):
            self.sink("--table", table, "--from-offset", str(begin), "--to-offset", str(end))
            if expected:
                self.assertEqual(self.found(table), [*expected])
                self.verify(table)

    def test_two_sinks_share_a_part(self):
        self.make_topic(partitions=4)
        for partition in range(4):
            self.produce(numbered(range(partition * 10_000, partition * 10_000 + 5000), partition=partition))
        arguments = ("--table", "part", "--from-offset", "1000", "--to-offset", "4000", "--rotate-count", "200")
        sinks = [self.kafka("sink", *arguments, "--group-instance", f"sink-{number}") for number in range(2)]
        for sink in sinks:
            sink.succeed(60)
        self.assertEqual(self.found("part"), [n for partition in range(4)
                                              for n in range(partition * 10_000 + 1000, partition * 10_000 + 4000)])
        self.verify("part")

    def test_refuses_other_bounds_and_tables_that_were_begun_without(self):
        self.make_topic()
        self.produce(numbered(range(100)))
        self.sink("--table", "part", "--from-offset", "10", "--to-offset", "20")
        self.refused(self.kafka("sink", "--table", "part", "--from-offset", "11", "--to-offset", "20"), CONFLICT,
                     "--from-offset 10 --to-offset 20", "--from-offset 11 --to-offset 20")
        self.refused(self.kafka("sink", "--table", "part", "--until-end"), CONFLICT, "--from-offset 10", "whole topic")
        self.sink("--until-end")
        self.refused(self.kafka("sink", "--from-offset", "10", "--to-offset", "20"), CONFLICT, "as a whole")
        self.assertEqual(self.found("part"), [*range(10, 20)])

    def test_refuses_what_the_topic_does_not_have(self):
        self.make_topic()
        self.produce(numbered(range(100)))
        for arguments, words in [(("--from-offset", "101"), "ends at 100"), (("--from-offset", "5:1"), "no partition 5"),
                                 (("--from-offset", "20", "--to-offset", "10"), "end before it"),
                                 (("--from-offset", "0:1", "--to-offset", "1:9"), "partition"),
                                 (("--from-time", "2999-01-01"), "yet to come"), (("--from-time", "noon"), "2026-11-25"),
                                 (("--to-offset", "-1"), "--to-offset"),
                                 (("--from-time", "2021-01-01", "--from-offset", "1"), "give one of them")]:
            self.refused(self.kafka("sink", "--table", "never", *arguments), USAGE, words)
        self.assertFalse((self.lake / "_stack" / "bounds" / "never").exists())

    def test_killed_at_every_step_it_holds_the_part_exactly_once(self):
        self.make_topic(partitions=2)
        self.produce(numbered(range(3000)) + numbered(range(5000, 8000), partition=1))
        arguments = ("--table", "part", "--from-offset", "250", "--to-offset", "2750", "--rotate-count", "400")
        steps = [f"{step}:{number}" for number in (1, 3) for step in
                 ("before-claim", "after-claim", "before-complete", "after-first-file", "after-files", "after-adopt")]
        for step in steps:
            self.kafka("sink", *arguments, STACK_CRASH_AT=step).wait(60)
        self.sink(*arguments)
        self.assertEqual(self.found("part"), [*range(250, 2750), *range(5250, 7750)])
        self.assertEqual(self.verify("part")["records"], 5000)

    def test_killed_at_any_moment_beside_a_live_sink(self):
        self.make_topic(partitions=2)
        self.produce(numbered(range(20_000)) + numbered(range(50_000, 70_000), partition=1))
        random = seeded()
        live = self.kafka("sink", "--rotate-count", "700", "--rotate-age", "300ms")
        arguments = ("--table", "part", "--from-offset", "1000", "--to-offset", "19000", "--rotate-count", "60")
        hits = 0
        for _ in range(ROUNDS):
            sink = self.kafka("sink", *arguments)
            time.sleep(0.05 + random.random() * 0.35)
            hits += sink.kill()
        self.sink(*arguments)
        print(f"{hits} of {ROUNDS} kills hit a sink at work", flush=True)
        self.assertEqual(self.found("part"), [*range(1000, 19_000), *range(51_000, 69_000)])
        self.verify("part")
        self.until_rows("ticks", 40_000)
        live.signal(15)
        live.wait(20)
        self.assertEqual(self.found("ticks"), [*range(20_000), *range(50_000, 70_000)])
        self.verify()


if __name__ == "__main__":
    sys.exit(run_cases(BackfillTest))
