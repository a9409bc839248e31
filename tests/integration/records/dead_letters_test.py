"""Dead letters: copied to a topic, listed, shown, replayed, with bytes that are no text, null keys and crashes."""
import base64
import json
import sys

import confluent_kafka

from records_fixture import CONFLICT, USAGE, RecordsTest, seeded

from stack_testing import topic_reader
from stack_testing.report import run_cases

GOOD = b'{"n":1,"event_time":"2021-05-28 01:30:00.000000"}'
# (key, value) of records that are no rows.
BAD = [(None, b"[]"), (b"k", None), (b"", b""), (b"\xff\xfe", b"\xff\x00\x01"), ("clé".encode(), "né\n\"x".encode()),
       (b"HSI", b'{"session_date":"2021-13-01"}'), (None, b"{"), (b"k", b"x" * 100_000)]


class DeadLettersTest(RecordsTest):
    """`stack sink --dlq-topic` and `stack dlq`."""

    def read(self, topic):
        """All committed records of the topic as (key, value, headers)."""
        consumer = confluent_kafka.Consumer({"bootstrap.servers": self.broker.address, "group.id": "independent-reader",
                                             "isolation.level": "read_committed", "enable.partition.eof": True,
                                             "fetch.message.max.bytes": 10_000_000})
        try:
            numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            consumer.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in numbers])
            found, ended = [], set()
            while len(ended) < len(numbers):
                message = consumer.poll(10)
                self.assertIsNotNone(message)
                if message.error() is None:
                    found.append((message.key(), message.value(), dict(message.headers() or [])))
                else:
                    self.assertEqual(message.error().code(), confluent_kafka.KafkaError._PARTITION_EOF)
                    ended.add(message.partition())
            return found
        finally:
            consumer.close()

    def produce_some(self, turns=1, partitions=1):
        """Good and bad records in turn; the bad ones by position."""
        bad = {}
        for partition in range(partitions):
            records, offset = [], 0
            for _ in range(turns):
                for key, value in BAD:
                    records += [(partition, b"k", GOOD, None), (partition, key, value, None)]
                    bad[f"{self.topic}+{partition}@{offset + 1}"] = (key, value)
                    offset += 2
            self.produce(records)
        return bad

    def dlq(self, what, *arguments):
        """`stack dlq WHAT` that ends well; what it writes."""
        return self.start("dlq", what, *arguments).succeed(60).output()

    def replay(self, *arguments, **variables):
        """`stack dlq replay` at the test's broker."""
        return self.start("dlq", "replay", "--bootstrap-servers", self.broker.address, "--to-topic", f"{self.topic}-again",
                          "--json", *arguments, **variables)

    def expect_replayed(self, bad, times=1):
        """The topic holds each of the records so often, as they were."""
        found = {}
        for key, value, headers in self.read(f"{self.topic}-again"):
            found.setdefault(headers["stack-dlq-position"].decode(), []).append((key, value))
        self.assertEqual(found, {position: [record] * times for position, record in bad.items()})

    def test_copies_hold_value_position_and_reason(self):
        self.make_topic(partitions=2)
        self.make_topic(topic=f"{self.topic}-dlq")
        bad = self.produce_some(partitions=2)
        done = self.sink("--until-end", "--dlq-topic", f"{self.topic}-dlq")
        self.assertEqual((done["dead_letters"], done["landed"]), (len(bad), len(bad)))
        copies = self.read(f"{self.topic}-dlq")
        self.assertEqual({key.decode(): value for key, value, _ in copies},
                         {position: value for position, (_, value) in bad.items()})
        reasons = {f"{letter['topic']}+{letter['partition']}@{letter['offset']}": letter["reason"]
                   for letter in self.dead_letters()}
        for key, _, headers in copies:
            topic, partition, offset = (headers[f"stack-dlq-{name}"].decode() for name in ("topic", "partition", "offset"))
            self.assertEqual(f"{topic}+{partition}@{offset}", key.decode())
            self.assertEqual(headers["stack-dlq-reason"].decode(), reasons[key.decode()])
            self.assertEqual(headers.get("stack-dlq-key"), bad[key.decode()][0])

    def test_a_killed_sink_copies_again_rather_than_not_at_all(self):
        self.make_topic()
        self.make_topic(topic=f"{self.topic}-dlq")
        bad = self.produce_some(turns=30)
        arguments = ("--until-end", "--dlq-topic", f"{self.topic}-dlq", "--rotate-count", "60")
        for step in ("before-claim", "after-claim", "after-dead-letter-copies", "before-complete", "after-first-file",
                     "after-files", "after-dead-letter-copies:3", "after-first-file:4", "after-adopt"):
            self.kafka("sink", *arguments, STACK_CRASH_AT=step).wait(60)
        self.sink(*arguments)
        copies = self.read(f"{self.topic}-dlq")
        self.assertEqual({key.decode(): value for key, value, _ in copies},
                         {position: value for position, (_, value) in bad.items()})
        self.assertEqual(len(self.dead_letters()), len(bad))
        self.verify()

    def test_refuses_topics_that_will_not_do(self):
        self.make_topic()
        self.make_topic(topic=f"{self.topic}-small", max_message_bytes=2000)
        self.produce_some()
        self.produce([(0, b"k", seeded().randbytes(10_000), None)])  # no compression makes it fit
        self.refused(self.kafka("sink", "--until-end", "--dlq-topic", f"{self.topic}-none"), USAGE, f"{self.topic}-none")
        self.refused(self.kafka("sink", "--until-end", "--dlq-topic", self.topic), USAGE, "another")
        self.refused(self.kafka("sink", "--until-end", "--dlq-topic", f"{self.topic}-small"), USAGE,
                     f"{self.topic}-small", "max.message.bytes")
        self.sink("--until-end")  # without the copy it lands
        self.verify()

    def test_list_counts_by_partition_and_reason(self):
        self.make_topic(partitions=2)
        self.produce_some(turns=3, partitions=2)
        self.sink("--until-end", "--rotate-count", "10")
        found = json.loads(self.dlq("list", "--json"))
        self.assertEqual(found["dead_letters"], 6 * len(BAD))
        first = found["partitions"][0]
        self.assertEqual((first["table"], first["topic"], first["partition"]), ("ticks", self.topic, 0))
        self.assertEqual((first["first_offset"], first["last_offset"]), (1, 6 * len(BAD) - 1))
        self.assertEqual(first["reasons"]["null value"], 3)
        self.assertEqual(sum(first["reasons"].values()), first["dead_letters"])
        self.assertGreater(first["files"], 1)
        text = self.dlq("list", "--partition", "1", "--reason", "null")
        self.assertIn(f"{self.topic}/1: 3 in", text)
        self.assertNotIn(f"{self.topic}/0", text)
        self.assertEqual(self.dlq("list", "--table", "other"), "no dead letters\n")

    def test_show_decodes_and_filters(self):
        self.make_topic()
        bad = self.produce_some()
        self.sink("--until-end")
        lines = [json.loads(line) for line in self.dlq("show", "--json").splitlines()]

        def bytes_of(letter, name):
            if f"{name}_base64" in letter:
                return base64.b64decode(letter[f"{name}_base64"])
            return None if letter[name] is None else letter[name].encode()

        self.assertEqual({f"{self.topic}+0@{letter['offset']}": (bytes_of(letter, "key"), bytes_of(letter, "value"))
                          for letter in lines}, bad)
        self.assertEqual(len(self.dlq("show", "--json", "--limit", "3").splitlines()), 3)
        text = self.dlq("show")
        for words in ('key null', 'value null', r'value "\xff\x00\x01"', f"{self.topic}/0@1", "not a JSON object"):
            self.assertIn(words, text)
        self.refused(self.start("dlq", "show", "--partition", "x"), USAGE, "--partition")
        self.refused(self.start("dlq", "lsit"), USAGE, "list, show or replay")

    def test_replay_sends_each_once(self):
        self.make_topic(partitions=2)
        self.make_topic(topic=f"{self.topic}-again", partitions=2)
        bad = self.produce_some(turns=2, partitions=2)
        self.sink("--until-end")
        self.refused(self.start("dlq", "replay", "--bootstrap-servers", self.broker.address), USAGE, "--to-topic")
        dry = json.loads(self.replay("--dry-run").succeed(60).output())
        self.assertEqual((dry["sent"], dry["dead_letters"]), (len(bad), len(bad)))
        self.assertEqual(self.read(f"{self.topic}-again"), [])
        some = json.loads(self.replay("--reason", "null").succeed(60).output())
        self.assertEqual(some["sent"], 4)
        rest = json.loads(self.replay().succeed(60).output())
        self.assertEqual((rest["sent"], rest["already_sent"]), (len(bad) - 4, 4))
        self.expect_replayed(bad)
        self.refused(self.replay(), CONFLICT, "--again", f"{self.topic}-again")
        self.expect_replayed(bad)
        self.replay("--again").succeed(60)
        self.expect_replayed(bad, times=2)
        # What becomes a dead letter later is sent, and that alone.
        self.produce([(0, b"late", b"late", None)])
        self.sink("--until-end")
        self.assertEqual(json.loads(self.replay().succeed(60).output())["sent"], 1)

    def test_a_killed_replay_goes_on_and_sends_nothing_twice(self):
        self.make_topic(partitions=2)
        self.make_topic(topic=f"{self.topic}-again", partitions=3)
        bad = self.produce_some(turns=70, partitions=2)
        self.sink("--until-end")
        for turn, step in enumerate(("before-replay-commit", "after-replay-commit", "before-replay-commit")):
            self.assertEqual(self.replay(STACK_CRASH_AT=step).wait(60), -9, turn)
        self.replay().succeed(60)
        self.expect_replayed(bad)
        self.assertEqual(self.replay("--again", STACK_CRASH_AT="after-replay-commit:2").wait(60), -9)
        self.replay("--again").succeed(60)
        self.expect_replayed(bad, times=2)

    def test_a_topic_that_forgot_is_not_guessed_at(self):
        self.make_topic()
        self.make_topic(topic=f"{self.topic}-again")
        bad = self.produce_some()
        self.sink("--until-end")
        self.replay().succeed(60)
        topic_reader.delete_topic(self.admin, f"{self.topic}-again")
        self.make_topic(topic=f"{self.topic}-again")
        self.refused(self.replay(), CONFLICT, "made anew", "--again")
        self.replay("--again").succeed(60)
        self.expect_replayed(bad)


if __name__ == "__main__":
    sys.exit(run_cases(DeadLettersTest))
