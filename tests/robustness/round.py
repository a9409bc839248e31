"""One round: a topic, a lake and a feed of its own, the processes at work on them, and the audit at the end."""
import collections
import json
import pathlib
import shutil
import time

from stack_testing import history, lake_reader, topic_reader
from stack_testing.program import Process

# No process of a round works for longer; whatever is not done by then hangs.
PATIENCE = 60


def _with(options, others):
    """The options with the values of others, which are names and values in turn as well."""
    changed = dict(zip(others[::2], others[1::2]))
    kept = [text for name, value in _pairs(options) if name not in changed for text in (name, value) if text is not None]
    return kept + list(others)


def _pairs(options):
    """(name, value) of options; (text, None) of those without a value."""
    i = 0
    while i < len(options):
        valued = options[i].startswith("--") and i + 1 < len(options) and not options[i + 1].startswith("--")
        yield (options[i], options[i + 1]) if valued else (options[i], None)
        i += 2 if valued else 1


class Round:
    """What a scenario acts with. Its own assertion failures and those of the audit end the round."""

    def __init__(self, folder, topic, rng, broker):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.lake = self.folder / "lake"
        self.topic, self.rng, self.broker = topic, rng, broker
        self.admin = topic_reader.admin(broker.address)
        self.faults = collections.Counter()
        self.forms = collections.Counter()
        self.events = 0
        self._processes = []
        self.feed, self._feed, self._placing, self.terms = [], [], [], {}

    def prepare(self):
        """Makes up the data and the feed that the topic must hold in the end, and the first sink's terms."""
        rng, data = self.rng, self.folder / "bars.csv"
        symbols = rng.sample(["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"], rng.randint(2, 5))
        history.write_bars(data, rng, symbols, rng.randint(15, 40))
        self._feed = [str(data), "--from", "2021-01-01", "--seed", str(rng.randrange(1000)),
                      "--events-per-session", str(rng.choice([50, 120, 390]))]
        if rng.random() < 0.2:  # two passes and a half
            self._feed += ["--loop", "--limit", str(int(2.5 * len(self._simulated())))]
        self.feed = sorted(self._simulated())
        self._placing = ["--partitioner", rng.choice(["murmur2", "balanced"]),
                         "--timestamps", rng.choice(["now", "now", "event"])]
        self.change_terms()

    def _simulated(self):
        return self._start("simulate", *self._feed).succeed(PATIENCE).output().splitlines()

    # Processes ------------------------------------------------------------------------------------------------------

    def _start(self, *arguments, **variables):
        process = Process(self.folder, f"{len(self._processes):02}-{arguments[0]}", *arguments, "--no-progress", **variables)
        self._processes.append(process)
        return process

    def produce(self, seconds=2.5, shard=None, placing=None, feed=()):
        """A producer of the feed, or of a shard of it, at the pace that takes about so many seconds for the whole feed.
        Started again, it goes on. Other options of the same names take the place of the round's own."""
        part = ["--shard", shard] if shard else []
        return self._start("produce", *_with(self._feed, feed), *_with(self._placing, placing or ()), *part,
                           "--bootstrap-servers", self.broker.address, "--topic", self.topic, "--partitions", "4",
                           "--rate", str(max(500, int(len(self.feed) / seconds))))

    def partitioner(self):
        """That of the round's producers."""
        return self._placing[self._placing.index("--partitioner") + 1]

    def change_terms(self):
        """Other format, compression, partitioning and rotation for the sinks that start from now on."""
        rng = self.rng
        form, compression = rng.choice([("ndjson", "none"), ("ndjson", "gzip"), ("ndjson", "zstd"),
                                        ("parquet", "none"), ("parquet", "zstd")])
        self.terms = {
            "--format": form,
            "--compression": compression,
            "--partition-by": rng.choice(["day", "month", "month", "year", "none"]),
            "--rotate-count": str(rng.choice([97, 500, 2000, 100000])),
            "--rotate-bytes": rng.choice(["20KB", "128KB", "16MB"]),
            "--rotate-age": rng.choice(["100ms", "400ms", "1s"]),
        }

    def sink(self, *arguments, **variables):
        """A sink on the present terms; without arguments it goes on for ever."""
        terms = [text for pair in self.terms.items() for text in pair]
        return self._start("sink", "--mixed-formats", "--bootstrap-servers", self.broker.address, "--topic", self.topic,
                           "--lake", str(self.lake), *terms, *arguments, **variables)

    def end_processes(self):
        """Ends whatever still runs."""
        for process in self._processes:
            process.kill()

    # Moments --------------------------------------------------------------------------------------------------------

    def pause(self, most):
        """Sleeps for a random while of at most so many seconds."""
        time.sleep(self.rng.uniform(0, most))

    def until(self, what, condition, timeout=PATIENCE):
        """Waits until condition() holds."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"{what}: not within {timeout} s"
            time.sleep(0.01)

    def until_topic(self):
        """Waits until the producer has made the topic."""
        self.until("the topic is there", lambda: topic_reader.topic_exists(self.admin, self.topic))

    def until_events(self, count=1):
        """Waits until so many events can be read from the topic."""
        self.until_topic()
        self.until(f"{count} events are there",
                   lambda: sum(topic_reader.ends(self.broker.address, self.topic).values()) >= count)

    def claims(self):
        """How many ranges the sinks have claimed so far."""
        return lake_reader.claims(self.lake)

    def until_more_claims(self, *processes, more=1, timeout=PATIENCE):
        """Waits for so many further claims, as long as one of the processes is alive; whether the claims came."""
        goal, deadline = self.claims() + more, time.monotonic() + timeout
        while self.claims() < goal and time.monotonic() < deadline and any(process.alive() for process in processes):
            time.sleep(0.01)
        return self.claims() >= goal

    def kill(self, process, kind):
        """kill -9; counts as a fault only when it hit a process at work."""
        if process.kill():
            self.faults[f"{kind} killed"] += 1

    # The end --------------------------------------------------------------------------------------------------------

    def land(self):
        """A last sink, on the terms of the moment, takes what is left."""
        self.sink("--until-end").succeed(PATIENCE)

    def finish(self):
        """The audit: the feed is in the topic, and the topic in the lake, each exactly once. The fault must have hit."""
        records = topic_reader.read_topic(self.broker.address, self.topic)
        in_topic = sorted(record.value.decode() for record in records)
        self._same("topic", collections.Counter(self.feed), collections.Counter(in_topic))
        self._in_order(records)
        files = lake_reader.data_files(self.lake)
        in_lake = collections.Counter()
        for file in files:
            self.forms[file.form] += 1
            rows = lake_reader.rows(file)
            assert rows, f"{file.path} holds nothing"
            for row in rows:
                assert file.dt is None or row["session_date"].startswith(file.dt), f"{file.path} holds {row}"
                in_lake[lake_reader.tick(row)] += 1
        self._same("lake", collections.Counter(lake_reader.tick(json.loads(line)) for line in in_topic), in_lake)
        self.events = sum(in_lake.values())
        assert self.events > 0, "nothing was produced"
        assert self.faults, "no fault hit a process at work"
        self._ask_verify()

    @staticmethod
    def _in_order(records):
        """Each symbol's events stand in one partition, by seq."""
        places, expected = {}, collections.Counter()
        for record in sorted(records, key=lambda each: (each.partition, each.offset)):
            event = json.loads(record.value)
            symbol = event["symbol"]
            assert record.key.decode() == symbol, f"{symbol} has the key {record.key}"
            assert places.setdefault(symbol, record.partition) == record.partition, f"{symbol} is in two partitions"
            assert event["seq"] == expected[symbol], (f"{record.partition}@{record.offset}: {symbol} has seq "
                                                      f"{event['seq']} where {expected[symbol]} was due")
            expected[symbol] += 1

    @staticmethod
    def _same(where, expected, found):
        """Equal as multisets: nothing lost, nothing twice, nothing else."""
        lost, more = expected - found, found - expected
        assert not lost and not more, (f"{where}: {sum(lost.values())} lost, such as {list(lost)[:3]}; "
                                       f"{sum(more.values())} duplicated or foreign, such as {list(more)[:3]}")

    def _ask_verify(self):
        """`stack verify` must come to the same verdict."""
        verify = self._start("verify", "--bootstrap-servers", self.broker.address, "--topic", self.topic,
                             "--lake", str(self.lake), "--json").succeed(PATIENCE)
        verdict = json.loads(verify.output())
        assert verdict["lost"] == 0 and verdict["duplicated"] == 0, f"verify says {verdict}"

    def remove_lake(self):
        """The lake is gone; the consumer group, which is named by it, stays."""
        shutil.rmtree(self.lake)

    def lake_state(self):
        """Names and sizes of all that the lake holds, its state included."""
        return {str(path): path.stat().st_size for path in self.lake.rglob("*") if path.is_file()}

    def summary(self):
        """What happened, for the round's line."""
        faults = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items())) or "no fault"
        forms = " ".join(f"{form}:{count}" for form, count in sorted(self.forms.items()))
        return f"{self.events:>6} events  {faults:<36} {forms:<50}"
