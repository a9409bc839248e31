"""How often a consumer group was rebalanced, by the broker's own account: what it wrote to __consumer_offsets.

Each time the members of a group have agreed on who has what, the coordinator writes the group's metadata (key version
2), whose generation is one up from the last; so does a group that has become empty.
"""
import struct
import time

import confluent_kafka

_TOPIC, _GROUP_METADATA = "__consumer_offsets", 2


def _text(data, at):
    (length,) = struct.unpack_from(">h", data, at)
    return data[at + 2:at + 2 + length].decode(), at + 2 + length


def generations(address, group_prefix, timeout=60):
    """The generations so far of each group whose name begins so: group -> set of numbers."""
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": address, "group.id": "independent-reader", "enable.auto.commit": False,
        "enable.partition.eof": True, "log_level": 0})
    found, ended, deadline = {}, set(), time.monotonic() + timeout
    try:
        partitions = [confluent_kafka.TopicPartition(_TOPIC, number, confluent_kafka.OFFSET_BEGINNING)
                      for number in consumer.list_topics(_TOPIC, timeout=10).topics[_TOPIC].partitions]
        ends = {each.partition: consumer.get_watermark_offsets(each, timeout=10)[1] for each in partitions}
        consumer.assign(partitions)
        while len(ended) < len(partitions):
            assert time.monotonic() < deadline, f"{_TOPIC} was not read to its end within {timeout} s"
            for message in consumer.consume(5000, timeout=0.2):
                # Where commits go on there is hardly ever an end: what there was at the start is enough.
                if message.error() is not None or message.offset() >= ends[message.partition()] - 1:
                    ended.add(message.partition())
                if message.error() is not None:
                    continue
                key, value = message.key(), message.value()
                if value is None or struct.unpack_from(">h", key)[0] != _GROUP_METADATA:
                    continue
                group, _ = _text(key, 2)
                if group.startswith(group_prefix):
                    _, at = _text(value, 2)  # behind the version: the protocol's type
                    found.setdefault(group, set()).add(struct.unpack_from(">i", value, at)[0])
        return found
    finally:
        consumer.close()
