"""What the tests of records have in common: one broker, topics of foreign records, the program in a folder of its own."""
import atexit
import json
import pathlib
import random
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import confluent_kafka  # noqa: E402

from stack_testing import lake_reader, topic_reader  # noqa: E402
from stack_testing.broker import Broker  # noqa: E402
from stack_testing.program import Process  # noqa: E402

USAGE, CONFLICT, INTERRUPTED = 2, 6, 130


class RecordsTest(unittest.TestCase):
    """A broker for all tests, a topic and a lake for each."""

    count = 0
    broker = None

    @classmethod
    def setUpClass(cls):
        if RecordsTest.broker is not None:
            return
        RecordsTest.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-records-"))
        RecordsTest.broker = Broker(RecordsTest.folder / "broker")
        atexit.register(RecordsTest.stop)
        RecordsTest.broker.start()
        RecordsTest.admin = topic_reader.admin(RecordsTest.broker.address)

    @staticmethod
    def stop():
        """The broker ends with the last test."""
        RecordsTest.broker.kill()
        shutil.rmtree(RecordsTest.folder, ignore_errors=True)

    def setUp(self):
        self.processes = []
        self.renew()

    def renew(self):
        """Another lake and topic within one test."""
        RecordsTest.count += 1
        self.lake = self.folder / f"lake-{self.count}"
        self.topic = f"topic-{self.count}"

    def tearDown(self):
        for process in self.processes:
            process.kill()

    # The program ----------------------------------------------------------------------------------------------------

    def start(self, *arguments, lake=True, **variables):
        """`stack ARGUMENTS` on the test's lake."""
        more = ["--lake", self.lake] if lake else []
        process = Process(self.folder, f"{self.count:02}-{len(self.processes):02}-{arguments[0]}", *arguments, *more,
                          **variables)
        self.processes.append(process)
        return process

    def kafka(self, command, *arguments, topic=None, **variables):
        """As start, at the test's broker and topic."""
        return self.start(*command.split(), "--bootstrap-servers", self.broker.address, "--topic", topic or self.topic,
                          *arguments, **variables)

    def sink(self, *arguments, timeout=60, **variables):
        """A sink that ends well; what it says of itself."""
        return json.loads(self.kafka("sink", "--json", *arguments, **variables).succeed(timeout).output())

    def refused(self, process, code, *words):
        """The process ends with the code and says all the words."""
        self.assertEqual(process.wait(60), code, process.errors())
        for word in words:
            self.assertIn(word, process.errors())

    def verify(self, table="ticks"):
        """The program's own audit: nothing lost, nothing twice."""
        audit = json.loads(self.kafka("verify", "--json", "--table", table).succeed(60).output())
        self.assertEqual((audit["lost"], audit["duplicated"]), (0, 0))
        return audit

    # The topic ------------------------------------------------------------------------------------------------------

    def make_topic(self, partitions=1, topic=None, **configs):
        """An empty topic."""
        topic_reader.make_topic(self.admin, topic or self.topic, replicas=[[1]] * partitions, **configs)

    def produce(self, records, topic=None):
        """Records as (partition, key, value, timestamp in ms or None)."""
        producer = confluent_kafka.Producer({"bootstrap.servers": self.broker.address, "log_level": 0,
                                             "queue.buffering.max.messages": 1000000, "linger.ms": 20})
        for partition, key, value, timestamp in records:
            more = {} if timestamp is None else {"timestamp": timestamp}
            producer.produce(topic or self.topic, value, key, partition=partition, **more)
        self.assertEqual(producer.flush(60), 0)

    def rows(self, table="ticks"):
        """What an independent reader finds in the table."""
        return [row for file in lake_reader.data_files(self.lake, table) for row in lake_reader.rows(file)]

    def dead_letters(self, table="ticks"):
        """The table's dead letters, as their files have them."""
        files = sorted((self.lake / "_stack" / "dlq" / table).glob("*.ndjson"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def numbered(numbers, partition=0, timestamp=None):
    """One plain record a number."""
    return [(partition, b"k", json.dumps({"n": n, "event_time": "2021-05-28 01:30:00.000000"}).encode(),
             None if timestamp is None else timestamp(n)) for n in numbers]


def seeded():
    """Randomness that is the same each time."""
    return random.Random(20260528)
