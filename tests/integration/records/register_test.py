"""`stack sink --register`: partitions are in the catalog as they land, whoever lands them, and a crawl has nothing to add."""
import json
import os
import sys
import threading
import time

from records_fixture import RecordsTest, seeded

from stack_testing.report import run_cases

ROUNDS = int(os.environ.get("STACK_RECORDS_ROUNDS", "8"))  # of kill -9


def ticks(first, count, day_of=lambda seq: 1 + seq // 100 % 28, quoted=False):
    """Ticks in the event contract's form, on several days of one month."""
    quote = ',"bid":100.0,"ask":100.5' if quoted else ""
    return [f'{{"symbol":"HSI","session_date":"2021-05-{day_of(seq):02}","event_time":"2021-05-{day_of(seq):02} '
            f'01:30:00.{seq % 1000000:06}","seq":{seq},"price":100.5,"size":{seq % 7}{quote}}}'.encode()
            for seq in range(first, first + count)]


class RegisterTest(RecordsTest):
    """The catalog beside the sink."""

    def crawl(self):
        """One crawl; what it says of its only table."""
        done = json.loads(self.start("crawl", "--json").succeed(60).output())
        self.assertEqual(len(done["tables"]), 1, done)
        return done["tables"][0]

    def entry(self, table="ticks"):
        """The catalog's entry, or None."""
        path = self.lake / "_stack" / "catalog" / "stack" / f"{table}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def partitions(self, table="ticks"):
        """The values of the partitions that the catalog knows."""
        entry = self.entry(table)
        return {partition["values"][0] for partition in entry["partitions"]} if entry else set()

    def expect_nothing_left_for_a_crawl(self):
        """The crawl reads no file and changes nothing, twice; nor does one that reads everything anew."""
        for _ in range(3):
            crawled = self.crawl()
            self.assertFalse(crawled["changed"], self.processes[-1].errors())
            self.assertEqual(crawled["files_read"], 0)
        for path in sorted((self.lake / "_stack" / "crawl").rglob("*")):
            if path.is_file():
                path.unlink()
        for path in sorted((self.lake / "_stack" / "registered").rglob("*")):
            if path.is_file():
                path.unlink()
        self.assertFalse(self.crawl()["changed"], self.processes[-1].errors())

    def folders(self, table="ticks"):
        """The partitions that have a file."""
        return {path.name.removeprefix("dt=") for path in (self.lake / table).iterdir()}

    def produce_values(self, values, partition=0):
        """One record a value."""
        self.produce([(partition, b"HSI", value, None) for value in values])

    def test_what_it_registers_is_what_a_crawl_would_say(self):
        forms = {"plain": ticks(0, 3000), "quoted": ticks(0, 3000, quoted=True),
                 "foreign": [json.dumps({"id": n, "event_time": f"2021-05-{1 + n // 100:02} 00:00:00", "tags": ["a"],
                                         **({"extra": {"n": n}} if n % 3 else {"Extra": None})}).encode()
                             for n in range(2000)]}
        forms["mixed"] = [value for pair in zip(forms["plain"], forms["foreign"]) for value in pair]
        for form, values in forms.items():
            for file_format in ("ndjson", "parquet"):
                with self.subTest(form=form, format=file_format):
                    self.renew()
                    self.make_topic()
                    self.produce_values(values)
                    done = self.sink("--register", "--until-end", "--partition-by", "day", "--rotate-count", "700",
                                     "--format", file_format)
                    self.assertEqual(done["registered"], done["files"])
                    self.assertEqual(self.partitions(), self.folders())
                    self.assertEqual(self.entry()["rows"], len(values))
                    answer = self.start("query", "SELECT count(*) AS n, count(DISTINCT dt) AS d FROM ticks", "--json")
                    self.assertIn(str(len(values)), answer.succeed(60).output())
                    self.expect_nothing_left_for_a_crawl()

    def test_a_partition_is_there_within_a_second_of_its_files(self):
        self.make_topic()
        sink = self.kafka("sink", "--register", "--partition-by", "day", "--rotate-count", "50")
        worst = 0.0
        for day in range(1, 13):
            self.produce_values(ticks(day * 100, 50, day_of=lambda _: day))  # noqa: B023
            file, known = None, None
            deadline = time.monotonic() + 30
            while known is None:
                self.assertLess(time.monotonic(), deadline, sink.errors())
                now = time.monotonic()
                if file is None and (self.lake / "ticks" / f"dt=2021-05-{day:02}").exists():
                    file = now
                if f"2021-05-{day:02}" in self.partitions():
                    known = now
                time.sleep(0.005)
            worst = max(worst, known - (file or known))
        sink.signal(15)
        sink.wait(20)
        print(f"slowest partition: {worst * 1000:.0f} ms after its first file", flush=True)
        self.assertLess(worst, 1.0)

    def test_sinks_and_crawls_at_once_lose_nothing_of_each_other(self):
        self.make_topic(partitions=4)
        sinks = [self.kafka("sink", "--register", "--partition-by", "day", "--rotate-count", "40", "--rotate-age", "200ms",
                            "--group-instance", f"sink-{number}") for number in range(3)]
        stop = threading.Event()

        def crawl_on():
            while not stop.is_set():
                self.start("crawl", "--json").wait(60)

        for sink in sinks:
            sink.wait_for("sink: topic", 30)
        time.sleep(1.5)  # so that each has partitions
        crawler = threading.Thread(target=crawl_on)
        (self.lake / "ticks").mkdir(parents=True, exist_ok=True)
        crawler.start()
        try:
            for turn in range(7):
                for partition in range(4):
                    self.produce_values(ticks(turn * 10000 + partition * 100, 100,
                                              day_of=lambda _: turn * 4 + partition + 1), partition)  # noqa: B023
                time.sleep(0.3)
            deadline = time.monotonic() + 30
            while len(self.folders()) < 28:
                self.assertLess(time.monotonic(), deadline, [sink.errors() for sink in sinks])
                time.sleep(0.1)
        finally:
            stop.set()
            crawler.join()
        for sink in sinks:
            sink.signal(15)
        for sink in sinks:
            sink.wait(30)
        self.assertEqual(self.partitions(), self.folders())
        self.assertEqual(self.entry()["rows"], 2800)
        self.verify()
        self.assertFalse(self.crawl()["changed"], self.processes[-1].errors())

    def test_what_a_killed_sink_had_not_registered_the_next_one_does(self):
        self.make_topic(partitions=2)
        random = seeded()
        for turn in range(ROUNDS):
            self.produce_values(ticks(turn * 300, 300), turn % 2)
            sink = self.kafka("sink", "--register", "--partition-by", "day", "--rotate-count", "30")
            time.sleep(0.15 + random.random() * 0.4)
            sink.kill()
        self.sink("--register", "--partition-by", "day", "--rotate-count", "30", "--until-end")
        self.assertEqual(self.partitions(), self.folders())
        self.assertEqual(self.entry()["rows"], ROUNDS * 300)
        self.verify()
        self.assertFalse(self.crawl()["changed"], self.processes[-1].errors())

    def test_a_catalog_that_cannot_be_written_holds_nothing_up(self):
        self.make_topic()
        self.produce_values(ticks(0, 500))
        (self.lake / "_stack").mkdir(parents=True)
        (self.lake / "_stack" / "catalog").write_text("in the way")
        sink = self.kafka("sink", "--register", "--until-end", "--json")
        sink.succeed(60)
        self.assertEqual(json.loads(sink.output())["landed"], 500)
        self.assertIn("stack crawl", sink.errors())
        (self.lake / "_stack" / "catalog").unlink()
        self.assertTrue(self.crawl()["changed"])


if __name__ == "__main__":
    sys.exit(run_cases(RegisterTest))
