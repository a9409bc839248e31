"""The ways in which a round goes wrong. Each takes a Round, does its harm, and sees the work through to its end."""
import signal
import time

from stack_testing import topic_reader

# Steps of the commit protocol at which the sink can be made to kill itself.
CRASH_STEPS = ("before-claim", "after-claim", "before-complete", "after-first-file", "after-files", "after-commit", "after-adopt")
# Exit codes of a sink that was asked to stop with SIGTERM.
STOPPED = (0, 130, 143, -signal.SIGTERM)
CONFLICT = 6
# Of what is to outlast a broker, which takes its time to start again on a busy machine.
PATIENT = ("--connect-timeout", "60s")


def sink_killed(one):
    """kill -9 of the sink, again and again, while the producer works; other options each time."""
    producer = one.produce()
    one.until_topic()
    for _ in range(one.rng.randint(2, 5)):
        sink = one.sink()
        if one.rng.random() < 0.8:  # else it may die before it has done anything
            one.until_more_claims(sink, more=one.rng.randint(1, 4), timeout=3)
        one.pause(0.5)
        one.kill(sink, "sink")
        one.change_terms()
        if not producer.alive():
            break
    producer.succeed(60)
    one.land()


def producer_killed(one):
    """kill -9 of the producer while a sink works; started again, it goes on where the topic ends."""
    producer = one.produce()
    one.until_topic()
    sink = one.sink()
    for _ in range(one.rng.randint(1, 3)):
        one.pause(1.2)
        one.kill(producer, "producer")
        producer = one.produce()
    producer.succeed(60)
    sink.signal(signal.SIGTERM)
    assert sink.wait(30) in STOPPED, f"{sink} said {sink.errors()}"
    one.land()


def all_killed(one):
    """kill -9 of the producer and of two sinks at once, in any order."""
    producer = one.produce(3)
    one.until_topic()
    sinks = [one.sink(), one.sink()]
    for _ in range(one.rng.randint(3, 6)):
        one.pause(0.8)
        victim = one.rng.randrange(3)
        if victim == 2:
            one.kill(producer, "producer")
            producer = one.produce(3)
        else:
            one.kill(sinks[victim], "sink")
            one.change_terms()
            sinks[victim] = one.sink()
    producer.succeed(60)
    one.land()
    for sink in sinks:
        assert sink.alive(), f"{sink} ended by itself: {sink.errors()}"


def crash_step(one):
    """The sink dies at a chosen step of its commit protocol; its successor has other options."""
    one.produce(0.5).succeed(60)
    some_ranges = str(max(50, len(one.feed) // 40))  # enough of them to come to the next step
    one.terms["--rotate-count"] = some_ranges
    first = (one.rng.choice(("after-claim", "before-complete")), 1)  # always reached; leaves a range to adopt
    for step, time_reached in [first] + [(step, one.rng.randint(1, 3)) for step in one.rng.sample(CRASH_STEPS, 4)]:
        sink = one.sink("--until-end", STACK_CRASH_AT=f"{step}:{time_reached}")
        code = sink.wait(60)
        assert code in (0, -signal.SIGKILL), f"{sink} ended with {code}: {sink.errors()}"
        if code == -signal.SIGKILL:
            one.faults["crashes at a step"] += 1
        one.change_terms()
        one.terms["--rotate-count"] = some_ranges
    one.land()


def sink_paused(one):
    """A sink sleeps past its session timeout while another takes over; then it wakes, believing to own its range."""
    session = ("--kafka-property", "session.timeout.ms=2000", "--kafka-property", "heartbeat.interval.ms=300")
    producer = one.produce(5)
    one.until_topic()
    first = one.sink(*session)
    assert one.until_more_claims(first), f"{first} made no claim: {first.errors()}"
    one.change_terms()
    second = one.sink(*session)
    one.pause(1.0)
    assert first.signal(signal.SIGSTOP), f"{first} ended by itself: {first.errors()}"
    one.faults["sink paused"] += 1
    time.sleep(2.5)  # the session is over
    assert one.until_more_claims(second, more=3, timeout=30), f"{second} did not take over: {second.errors()}"
    one.pause(0.5)
    first.signal(signal.SIGCONT)
    producer.succeed(60)
    one.pause(1.0)
    for sink in (first, second):
        sink.signal(signal.SIGTERM)
    for sink in (first, second):
        assert sink.wait(30) in STOPPED, f"{sink} said {sink.errors()}"
    one.land()


def sink_joins(one):
    """Sinks come and go while the topic rests: whoever keeps a partition goes on with its very next record."""
    producer = one.produce(3)
    one.until_topic()
    sinks = [one.sink()]
    for _ in range(2):
        one.pause(0.8)
        one.kill(producer, "producer")
        time.sleep(0.7)  # all that was committed has been read
        sinks.append(one.sink())
        time.sleep(1.0)  # partitions have changed hands
        producer = one.produce(3)
    one.faults["rebalance at rest"] += 2
    producer.succeed(60)
    for sink in sinks:
        sink.signal(signal.SIGTERM)
    for sink in sinks:
        assert sink.wait(30) in STOPPED, f"{sink} said {sink.errors()}"
    one.land()


def producer_paused(one):
    """A producer sleeps, its successor fences it and goes on; woken, it must not add a single record.

    One that slept before it had its transactional id fences the successor instead: one of the two finishes the feed.
    """
    paused = one.produce(3)
    one.until_topic()
    sink = one.sink()
    one.pause(1.0)
    assert paused.signal(signal.SIGSTOP), f"{paused} ended by itself: {paused.errors()}"
    one.faults["producer paused"] += 1
    successor = one.produce(1.5)
    one.pause(2.0)
    paused.signal(signal.SIGCONT)
    codes = successor.wait(60), paused.wait(60)
    assert 0 in codes, f"{codes}: {successor.errors()}\n{paused.errors()}"
    sink.signal(signal.SIGTERM)
    assert sink.wait(30) in STOPPED, f"{sink} said {sink.errors()}"
    one.land()


def shards_killed(one):
    """Two or three shards at once, killed in any order, one of them perhaps late or at rest while the others go on."""
    count = one.rng.randint(2, 3)
    names = [f"{number}/{count}" for number in range(1, count + 1)]
    producers = {name: one.produce(4, name) for name in names[:-1]}
    one.until_topic()
    sink = one.sink()
    one.pause(1.0)
    producers[names[-1]] = one.produce(4, names[-1])
    for _ in range(one.rng.randint(3, 6)):
        one.pause(0.8)
        name = one.rng.choice(names)
        one.kill(producers[name], "shard")
        one.pause(0.5)
        producers[name] = one.produce(4, name)
    for producer in producers.values():
        producer.succeed(60)
    sink.signal(signal.SIGTERM)
    assert sink.wait(30) in STOPPED, f"{sink} said {sink.errors()}"
    one.land()


def producer_replaced(one):
    """The broker sleeps while a producer is killed and replaced: what lies in its socket comes too late to count."""
    shard = one.rng.choice([None, "1/2"])
    other = one.produce(2, "2/2") if shard else None
    first = one.produce(3, shard)
    one.until_events()
    one.pause(0.8)
    one.broker.process.send_signal(signal.SIGSTOP)
    one.pause(1.0)
    one.kill(first, "producer")
    successor = one.produce(1.5, shard)
    one.pause(1.5)
    one.broker.process.send_signal(signal.SIGCONT)
    one.faults["broker paused"] += 1
    successor.succeed(60)
    if other:
        other.succeed(60)
    one.land()


def broker_killed_in_commit(one):
    """kill -9 of the broker and, at about the same time, of a producer that commits ten times a second."""
    first = one.produce(2)
    one.until_events()
    one.pause(0.8)
    victims = [lambda: one.kill(first, "producer"), one.broker.kill]
    one.rng.shuffle(victims)
    for end in victims:
        end()
        one.pause(0.05)
    one.faults["broker killed"] += 1
    successor = None
    if one.rng.random() < 0.5:
        successor = one.produce(1.5, feed=PATIENT)  # waits for the broker
    one.broker.start()
    (successor or one.produce(1.5)).succeed(90)
    one.land()


def producer_fenced(one):
    """A producer sleeps while its successor finishes the feed: woken, it says so, and adds nothing."""
    zombie = one.produce(5)
    one.until_events()
    one.pause(0.5)
    assert zombie.signal(signal.SIGSTOP), f"{zombie} ended by itself: {zombie.errors()}"
    one.faults["producer paused"] += 1
    one.produce(1).succeed(60)
    before = len(topic_reader.read_topic(one.broker.address, one.topic))
    zombie.signal(signal.SIGCONT)
    code = zombie.wait(60)
    assert code == CONFLICT, f"{zombie} ended with {code}, not {CONFLICT}: {zombie.errors()}"
    assert "another producer of the same feed" in zombie.errors(), zombie.errors()
    assert len(topic_reader.read_topic(one.broker.address, one.topic)) == before, "the fenced producer added records"
    one.land()


def twins(one):
    """Two producers of one shard start at once: one of them finishes the feed, the other is told."""
    shard = one.rng.choice([None, "1/2"])
    pair = [one.produce(1.5, shard), one.produce(1.5, shard)]
    if one.rng.random() < 0.3:
        one.pause(0.5)
        pair.append(one.produce(1.5, shard))
    codes = [producer.wait(60) for producer in pair]
    assert 0 in codes, f"{codes}: {[producer.errors() for producer in pair]}"
    assert set(codes) <= {0, CONFLICT}, f"{codes}: {[producer.errors() for producer in pair]}"
    one.faults["producers at once"] += 1
    if shard:
        one.produce(0.5, "2/2").succeed(60)
    one.land()


def other_options(one):
    """A topic that is half filled is closed to a producer with other options, and says why."""
    count = one.rng.choice([1, 2])
    shard = "1/2" if count == 2 else None
    producer = one.produce(2, shard)
    one.until_events()
    one.pause(0.5)
    one.kill(producer, "producer")
    before = topic_reader.ends(one.broker.address, one.topic)
    partitioner = "balanced" if one.partitioner() == "murmur2" else "murmur2"
    refused = {"was filled by": one.produce(1, shard, placing=("--partitioner", partitioner)),
               "the same number of shards": one.produce(1, "1/3" if shard else "2/2"),
               "already holds feed": one.produce(1, shard, feed=("--seed", "4711"))}
    if shard:
        refused["without --shard"] = one.produce(1)
    for words, other in refused.items():
        code = other.wait(60)
        assert code == CONFLICT, f"{other} ended with {code}, not {CONFLICT}: {other.errors()}"
        assert words in other.errors(), f"{other} did not say {words!r}: {other.errors()}"
    one.faults["other options"] += len(refused)
    assert topic_reader.ends(one.broker.address, one.topic) == before, "a refused producer added records"
    one.produce(0.5, shard).succeed(60)
    if shard:
        one.produce(0.5, "2/2").succeed(60)
    topic_reader.widen_topic(one.admin, one.topic, 5)
    wider = one.produce(1, shard)
    assert wider.wait(60) == CONFLICT, f"{wider}: {wider.errors()}"
    one.land()


def broker_killed(one):
    """kill -9 of the broker under a working producer and a working sink; both outlast it."""
    producer = one.produce(3, feed=PATIENT)
    one.until_topic()
    sink = one.sink(*PATIENT)
    one.until_more_claims(sink)
    one.pause(1.0)
    one.broker.kill()
    one.faults["broker killed"] += 1
    one.pause(1.5)
    one.broker.start()
    producer.succeed(90)
    assert sink.alive(), f"{sink} did not outlast the broker: {sink.errors()}"
    sink.signal(signal.SIGTERM)
    assert sink.wait(30) in STOPPED, f"{sink} said {sink.errors()}"
    one.land()


def fresh_lake(one):
    """The lake is removed, the group's committed offsets stay: the new lake starts from the topic's beginning."""
    one.produce(0.5).succeed(60)
    one.land()
    one.remove_lake()
    one.faults["lake removed"] += 1
    one.change_terms()
    sink = one.sink()
    one.until_more_claims(sink)
    one.kill(sink, "sink")
    one.land()


def topic_made_anew(one):
    """A topic deleted and made again is another topic: the sink refuses it and leaves the lake as it is."""
    one.produce(0.5).succeed(60)
    one.land()
    before = one.lake_state()
    topic_reader.delete_topic(one.admin, one.topic)
    one.faults["topic made anew"] += 1
    one.produce(0.5).succeed(60)
    sink = one.sink("--until-end")
    code = sink.wait(60)
    assert code == CONFLICT, f"{sink} ended with {code}, not {CONFLICT}: {sink.errors()}"
    assert one.topic in sink.errors(), f"the message does not name the topic: {sink.errors()}"
    assert one.lake_state() == before, "the sink changed the lake"
    one.remove_lake()  # what the message tells to do, or an other lake; then the work goes on
    one.land()


ALL = {
    "sink-killed": sink_killed,
    "producer-killed": producer_killed,
    "all-killed": all_killed,
    "crash-step": crash_step,
    "sink-paused": sink_paused,
    "sink-joins": sink_joins,
    "producer-paused": producer_paused,
    "broker-killed": broker_killed,
    "shards-killed": shards_killed,
    "producer-replaced": producer_replaced,
    "broker-killed-in-commit": broker_killed_in_commit,
    "producer-fenced": producer_fenced,
    "twins": twins,
    "other-options": other_options,
    "fresh-lake": fresh_lake,
    "topic-made-anew": topic_made_anew,
}
# The order of the rounds. The cheap ones come more often than those that wait for a session or a broker.
SCHEDULE = ("sink-killed", "producer-killed", "crash-step", "all-killed", "sink-joins",
            "sink-paused", "sink-killed", "broker-killed", "crash-step", "producer-paused",
            "sink-killed", "fresh-lake", "producer-killed", "sink-killed", "topic-made-anew",
            "all-killed", "crash-step", "sink-joins", "producer-killed", "broker-killed",
            "sink-killed", "producer-killed", "crash-step", "sink-killed", "all-killed",
            "shards-killed", "producer-replaced", "twins", "shards-killed", "broker-killed-in-commit",
            "producer-fenced", "shards-killed", "other-options", "producer-replaced", "broker-killed-in-commit")
