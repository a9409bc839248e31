"""The records of a round: made up by its seed, and written in transactions, some of which are aborted."""
import datetime
import json
import threading
import time

import confluent_kafka
import confluent_kafka.admin

_JUNK = (b"no json, number %d", b"[%d]", b"{\"number\": %d", b"\xff\xfe %d")


def _quiet(*_):
    pass


class Feed:
    """Ticks of a few symbols. `committed` holds what the topic must hold once write() is done: value -> is it a row.

    A wide feed has records of 24 kB, so that a file of a few hundred takes several parts of an upload.
    """

    def __init__(self, rng, topic, wide=False):
        self.wide = wide
        self.topic, self.partitions = topic, (1 if wide else rng.choice([1, 2, 2, 3]))
        self.events = rng.randint(420, 640) if wide else rng.choice([400, 1000, 2500])
        self.committed = {}
        self.error = None
        self._thread = None
        self._batches = self._make(rng, 24_000 if wide else 0, rng.choice([0, 0, 0.02]))

    def _make(self, rng, width, junk):
        """Batches of (partition, key, value), and whether each is committed."""
        symbols = [f"S{number}" for number in range(rng.randint(1, 6))]
        first = datetime.datetime(2021, 1, 4, 14, 30)
        step = datetime.timedelta(days=rng.choice([2, 4, 10] if self.wide else [2, 20, 100]), seconds=1) / self.events
        seq, batches, size = dict.fromkeys(symbols, 0), [], -(-self.events // rng.randint(2, 10))
        for start in range(0, self.events, size):
            if rng.random() < 0.2:
                batches.append(([self._tick(rng, "aborted", first, start, 0)], False))
            batch = []
            for number in range(start, min(start + size, self.events)):
                symbol = rng.choice(symbols)
                if rng.random() < junk:
                    batch.append((rng.randrange(self.partitions), None, rng.choice(_JUNK) % number, False))
                    continue
                batch.append(self._tick(rng, symbol, first + number * step, seq[symbol], width))
                seq[symbol] += 1
            batches.append((batch, True))
        return batches

    def _tick(self, rng, symbol, moment, seq, width):
        event = {"symbol": symbol, "session_date": moment.date().isoformat(),
                 "event_time": moment.strftime("%Y-%m-%d %H:%M:%S.%f"), "seq": seq,
                 "price": rng.randrange(100, 90_000) / 100, "size": rng.randrange(1, 10**9)}
        if width:
            event["note"] = rng.randbytes(width // 2).hex()
        value = json.dumps(event, separators=(",", ":")).encode()
        return sum(symbol.encode()) % self.partitions, symbol.encode(), value, True

    def make_topic(self, admin):
        """Makes the topic."""
        admin.create_topics([confluent_kafka.admin.NewTopic(self.topic, self.partitions, 1)])[self.topic].result()

    def write(self, address, seconds=0.0):
        """Writes the records, over about so many seconds."""
        producer = confluent_kafka.Producer({"bootstrap.servers": address, "transactional.id": self.topic, "linger.ms": 0,
                                             "log_level": 0, "error_cb": _quiet, "message.max.bytes": 2_000_000})
        producer.init_transactions(30)
        for batch, commits in self._batches:
            producer.begin_transaction()
            for partition, key, value, _ in batch:
                producer.produce(self.topic, value, key, partition)
            if not commits:
                producer.flush(30)
                producer.abort_transaction(30)
                continue
            _commit(producer)
            self.committed.update((value, row) for _, _, value, row in batch)
            time.sleep(seconds / len(self._batches))

    def start(self, address, seconds):
        """As write(), beside what the caller does."""
        def work():
            try:
                self.write(address, seconds)
            except Exception as error:  # pylint: disable=broad-except  # join() tells
                self.error = error
        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()

    def writing(self):
        """Whether there is more to come."""
        return self._thread is not None and self._thread.is_alive()

    def join(self, timeout=60):
        """Waits until everything is written."""
        if self._thread is not None:
            self._thread.join(timeout)
        assert not self.writing(), f"the records were not written within {timeout} s"
        assert self.error is None, f"the records could not be written: {self.error}"


def _commit(producer, patience=60):
    deadline = time.monotonic() + patience
    while True:
        try:
            producer.commit_transaction(10)
            return
        except confluent_kafka.KafkaException as error:
            if not error.args[0].retriable() or time.monotonic() > deadline:
                raise
