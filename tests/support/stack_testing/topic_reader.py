"""Independent readers of a topic, from the beginning, what was committed alone: confluent-kafka, and kafka-python, which
has no librdkafka in it as the program and confluent-kafka do."""
import dataclasses
import time

import confluent_kafka
import confluent_kafka.admin
import kafka


@dataclasses.dataclass
class Record:
    """One record as the topic holds it."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    timestamp: int = 0  # ms


def _quiet(_):
    pass


def admin(address):
    """An admin client that keeps its complaints about a broker that is away to itself."""
    return confluent_kafka.admin.AdminClient({"bootstrap.servers": address, "log_level": 0, "error_cb": _quiet})


def topic_exists(client, topic):
    """Whether the topic is there and has its partitions."""
    try:
        found = client.list_topics(timeout=5).topics.get(topic)
    except confluent_kafka.KafkaException:
        return False
    return found is not None and found.error is None and bool(found.partitions)


def _end(consumer, partition):
    try:
        return consumer.get_watermark_offsets(partition, timeout=10)[1]
    except confluent_kafka.KafkaException:
        return 0


def ends(address, topic):
    """The offset behind the last committed record of each partition, control records included; 0 without a leader."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": "independent-reader",
                                         "isolation.level": "read_committed", "log_level": 0, "error_cb": _quiet})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        return {number: _end(consumer, confluent_kafka.TopicPartition(topic, number)) for number in partitions}
    finally:
        consumer.close()


def read_topic(address, topic, timeout=60, settings=None):
    """All committed records of the topic; `settings`: how to come in, where the address alone does not tell."""
    consumer = confluent_kafka.Consumer({
        **(settings or {"bootstrap.servers": address}), "group.id": "independent-reader", "isolation.level": "read_committed",
        "enable.auto.commit": False, "enable.partition.eof": True, "log_level": 0, "error_cb": _quiet})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([confluent_kafka.TopicPartition(topic, number, confluent_kafka.OFFSET_BEGINNING)
                         for number in partitions])
        records, ended, deadline = [], set(), time.monotonic() + timeout
        while len(ended) < len(partitions):
            if time.monotonic() > deadline:
                raise TimeoutError(f"topic {topic} was not read to its end within {timeout} s")
            for message in consumer.consume(5000, timeout=0.2):
                if message.error() is None:
                    records.append(Record(message.partition(), message.offset(), message.key(), message.value(),
                                          message.timestamp()[1]))
                elif message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                    ended.add(message.partition())
                else:
                    raise confluent_kafka.KafkaException(message.error())
        return records
    finally:
        consumer.close()


def read_topic_in_python(address, topic, timeout=60):
    """All committed records of the topic, by kafka-python."""
    consumer = kafka.KafkaConsumer(bootstrap_servers=address, isolation_level="read_committed", enable_auto_commit=False,
                                   group_id=None, max_poll_records=5000, fetch_max_wait_ms=100)
    try:
        partitions = [kafka.TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends, records, deadline = consumer.end_offsets(partitions), [], time.monotonic() + timeout
        while any(consumer.position(each) < ends[each] for each in partitions):
            if time.monotonic() > deadline:
                raise TimeoutError(f"topic {topic} was not read to its end within {timeout} s")
            for batch in consumer.poll(200).values():
                records += (Record(each.partition, each.offset, each.key, each.value, each.timestamp) for each in batch)
        return records
    finally:
        consumer.close()


def make_topic(client, topic, replicas=None, **configs):
    """Makes a topic of one partition, or of those whose nodes are given; settings' names have underscores for points."""
    settings = {name.replace("_", "."): value for name, value in configs.items()}
    if replicas is None:
        new = confluent_kafka.admin.NewTopic(topic, 1, 1, config=settings)
    else:
        new = confluent_kafka.admin.NewTopic(topic, len(replicas), replica_assignment=replicas, config=settings)
    client.create_topics([new])[topic].result()


def topic_configs(client, topic):
    """The topic's settings, the defaults included."""
    resource = confluent_kafka.admin.ConfigResource(confluent_kafka.admin.ResourceType.TOPIC, topic)
    return {name: entry.value for name, entry in client.describe_configs([resource])[resource].result().items()}


def widen_topic(client, topic, partitions):
    """Adds partitions to the topic, as an operator might."""
    client.create_partitions([confluent_kafka.admin.NewPartitions(topic, partitions)])[topic].result()


def delete_topic(client, topic, timeout=30):
    """Deletes the topic and waits until it is gone."""
    client.delete_topics([topic])[topic].result()
    deadline = time.monotonic() + timeout
    while topic in client.list_topics(timeout=5).topics:
        if time.monotonic() > deadline:
            raise TimeoutError(f"topic {topic} is still there")
        time.sleep(0.1)


def produce(address, topic, values):
    """Writes records as a foreign producer would, one a value."""
    producer = confluent_kafka.Producer({"bootstrap.servers": address, "log_level": 0})
    for value in values:
        producer.produce(topic, value)
    assert producer.flush(30) == 0, "not all records were taken"
