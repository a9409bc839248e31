"""One round on the cluster: as a Round, with a feed large enough to last at full speed and an audit that keeps up."""
import collections
import gzip
import signal
import time

import confluent_kafka
import pyarrow

from round import PATIENCE, Round
from scenarios import STOPPED
from stack_testing import history, lake_reader, topic_reader

# After the producer is done all that it wrote is in the lake within so many seconds.
LAG_RECOVERS = 30

MARKERS = 5


def _lines(file):
    if file.form == "ndjson.zst":
        with pyarrow.input_stream(str(file.path), compression="zstd") as stream:
            text = stream.read()
    else:
        with (gzip.open if file.form == "ndjson.gz" else open)(file.path, "rb") as stream:
            text = stream.read()
    assert not text or text.endswith(b"\n"), f"{file.path} ends within a line"
    return text.splitlines()


class ClusterRound(Round):
    """What a cluster's scenario acts with. NDJSON alone: records are compared byte by byte."""

    def __init__(self, folder, topic, rng, cluster, events, partitions):
        super().__init__(folder, topic, rng, cluster)
        self.cluster, self.partitions, self._events = cluster, partitions, events
        self.recovered_in, self.notes = None, []

    def prepare(self):
        """Makes up the data and the feed that the topic must hold in the end, and the sinks' terms."""
        data, symbols, sessions = self.folder / "bars.csv", [f"S{number:02}" for number in range(16)], 40
        history.write_bars(data, self.rng, symbols, sessions)
        self._feed = [str(data), "--from", "2021-01-01", "--seed", str(self.rng.randrange(1000)),
                      "--events-per-session", str(max(4, self._events // len(symbols) // sessions))]
        self.feed = self._start("simulate", *self._feed).succeed(PATIENCE).output().encode().splitlines()
        self.change_terms()

    def change_terms(self):
        """Other compression, partitioning and rotation for the sinks that start from now on."""
        rng = self.rng
        self.terms = {
            "--compression": rng.choice(["none", "none", "gzip", "zstd"]),
            "--partition-by": rng.choice(["day", "month", "month", "none"]),
            "--rotate-count": str(rng.choice([5_000, 20_000, 100_000])),
            "--rotate-age": rng.choice(["300ms", "500ms", "1s"]),
        }

    def produce(self, *arguments, rate=None):
        """A producer of the whole feed, at full speed or at so many events a second. Started again, it goes on."""
        pace = ["--speed", "max"] if rate is None else ["--rate", str(int(rate))]
        return self._start("produce", *self._feed, *pace, "--bootstrap-servers", self.cluster.address, "--topic",
                           self.topic, "--partitions", str(self.partitions), *arguments)

    def pipeline(self, *arguments):
        """A producer and a sink that both have begun their work."""
        producer = self.produce(*arguments)
        self.until_topic()
        sink = self.sink(*arguments)
        assert self.until_more_claims(producer, sink), f"no claim: {sink.errors()}"
        return producer, sink

    def hit(self, fault, *processes):
        """Notes that FAULT hit PROCESSES at work."""
        for process in processes:
            assert process.alive(), f"{process} ended before the fault: {process.errors()}"
        self.faults[fault] += 1

    def until_landed_but_for(self, partition, timeout=PATIENCE):
        """Waits until the lake has all that the topic holds now, one partition left aside; whether it came to that."""
        watched = [confluent_kafka.TopicPartition(self.topic, each) for each in range(self.partitions) if each != partition]
        reader = confluent_kafka.Consumer({"bootstrap.servers": self.cluster.address, "group.id": "independent-reader"})
        ends = {each.partition: reader.get_watermark_offsets(each, timeout=10)[1] for each in watched}
        reader.close()
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            landed = lake_reader.claimed_ends(self.lake, self.topic)
            # Behind the last record there may be markers of transactions, one each, which no range needs to cover.
            if all(landed.get(each, 0) >= end - MARKERS for each, end in ends.items()):
                return True
            time.sleep(0.2)
        return False

    def goes_on(self, producer, *sinks):
        """The producer finishes, and no sink ended by itself; the lake then has everything before long."""
        producer.succeed(2 * PATIENCE)
        began = time.monotonic()
        while lake_reader.claimed_records(self.lake) < len(self.feed):
            for sink in sinks:
                assert sink.alive(), f"{sink} ended by itself: {sink.errors()}"
            waited = time.monotonic() - began
            assert waited < LAG_RECOVERS, f"lag: the lake lacks records {waited:.0f} s after the last: {sinks[0].errors()}"
            time.sleep(0.1)
        self.recovered_in = time.monotonic() - began
        for sink in sinks:
            sink.signal(signal.SIGTERM)
        for sink in sinks:
            assert sink.wait(PATIENCE) in STOPPED, f"{sink} said {sink.errors()}"

    def finish(self):
        """The audit: the feed is in the topic, and the topic in the lake, each exactly once, byte by byte."""
        feed = collections.Counter(self.feed)
        in_topic = collections.Counter(each.value for each in topic_reader.read_topic(self.cluster.address, self.topic))
        self._same("topic", feed, in_topic)
        in_lake = collections.Counter()
        for file in lake_reader.data_files(self.lake):
            self.forms[file.form] += 1
            in_lake.update(_lines(file))
        self._same("lake", in_topic, in_lake)
        self.events = sum(in_lake.values())
        assert self.faults, "no fault hit a process at work"
        self._ask_verify()

    def summary(self):
        """What happened, for the round's line."""
        faults = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items())) or "no fault"
        lag = "" if self.recovered_in is None else f"lag gone in {self.recovered_in:.1f} s"
        return f"{self.events:>8} events  {faults:<40} {lag:<18} {'; '.join(self.notes)}"
