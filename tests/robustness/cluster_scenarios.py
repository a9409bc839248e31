"""The ways in which a cluster goes wrong under a pipeline at full speed. Each takes a ClusterRound."""
import time

from stack_testing import topic_reader
from stack_testing.cluster import NODES

UNREACHABLE = 4
PAUSE = 5  # s: longer than a broker's session


def _busiest_leader(one):
    """The node that leads most of the topic's partitions."""
    leaders = list(one.cluster.leaders(one.topic).values())
    return max(NODES, key=leaders.count)


def _killed(fault, victim_of):
    """kill -9 of one node, which comes back a while later."""
    def scenario(one):
        producer, sink = one.pipeline()
        one.pause(1.0)
        victim = victim_of(one)
        one.hit(fault, producer, sink)
        one.cluster.kill(victim)
        one.pause(6.0)
        one.cluster.heal()
        one.goes_on(producer, sink)
    scenario.__doc__ = f"{fault}: it comes back a while later."
    return scenario


def leader_paused(one):
    """The node that leads most partitions sleeps until it leads none of them, and wakes believing that it does."""
    producer, sink = one.pipeline()
    one.pause(1.0)
    victim = _busiest_leader(one)
    one.hit("leader paused", producer, sink)
    one.cluster.pause(victim)
    time.sleep(PAUSE)
    one.cluster.resume(victim)
    one.goes_on(producer, sink)
    one.cluster.until_in_sync()


def coordinators_paused(one):
    """The same with the coordinator of the transactions, or of the groups."""
    producer, sink = one.pipeline()
    one.pause(1.0)
    which = one.rng.choice(["transaction", "group"])
    victim = one.cluster.transaction_coordinator() if which == "transaction" else one.cluster.group_coordinator()
    one.hit(f"{which} coordinator paused", producer, sink)
    one.cluster.pause(victim)
    time.sleep(PAUSE)
    one.cluster.resume(victim)
    one.goes_on(producer, sink)
    one.cluster.until_in_sync()


def leaders_moved(one):
    """Every partition is given another leader, again and again; the coordinators' partitions too."""
    producer, sink = one.pipeline()
    while producer.alive():
        topic = one.rng.choice([one.topic, one.topic, "__transaction_state", "__consumer_offsets"])
        moved = one.cluster.move_leaders(topic, one.rng)
        if producer.alive():
            one.faults["leaders moved"] += moved
        one.pause(0.6)
    one.goes_on(producer, sink)


def too_few_for_a_while(one):
    """Two of three nodes are killed or paused at once: nothing can be written until they are back; then all goes on."""
    producer, sink = one.pipeline()
    one.pause(1.0)
    victims = one.rng.sample(NODES, 2)
    how = one.rng.choice(["killed", "paused"])
    one.hit(f"two nodes {how}", producer, sink)
    (one.cluster.kill if how == "killed" else one.cluster.pause)(*victims)
    time.sleep(one.rng.uniform(3, 7))
    one.cluster.heal()
    one.goes_on(producer, sink)


def too_few_for_long(one):
    """The same for longer than the program waits: it says so and ends; run again, it goes on."""
    patience = 5
    producer, sink = one.pipeline("--connect-timeout", f"{patience}s")
    one.pause(1.0)
    victims = one.rng.sample(NODES, 2)
    one.hit("two nodes killed for long", producer, sink)
    one.cluster.kill(*victims)
    began = time.monotonic()
    code = producer.wait(100)
    one.notes.append(f"producer gave up after {time.monotonic() - began:.0f} s")
    assert code == UNREACHABLE, f"{producer} ended with {code}: {producer.errors()}"
    assert "run again" in producer.errors() or "--connect-timeout" in producer.errors(), producer.errors()
    one.cluster.heal()
    producer = one.produce()
    if not sink.alive():
        code = sink.wait(1)
        assert code == UNREACHABLE, f"{sink} ended with {code}: {sink.errors()}"
        sink = one.sink()
    one.goes_on(producer, sink)


def leaderless(one):
    """One partition of a topic without replicas loses its leader: who needs it says so and ends, who does not goes on."""
    lost, homes = NODES[-1], [[node] for node in (1, 2, 3, 1)]
    topic_reader.make_topic(one.cluster.admin, one.topic, replicas=homes, min_insync_replicas="1", retention_ms="-1")
    patience = ("--connect-timeout", "6s")
    producer = one.produce(*patience)
    sink = one.sink()
    assert one.until_more_claims(producer, sink, more=4), f"no claim: {sink.errors()}"
    one.hit("partition without a leader", producer, sink)
    one.cluster.kill(lost)
    began = time.monotonic()
    bounded = one.sink("--until-end", *patience)
    for process in (producer, bounded):
        code = process.wait(60)
        one.notes.append(f"{process.arguments[0]} gave up after {time.monotonic() - began:.0f} s")
        assert code == UNREACHABLE, f"{process} ended with {code}: {process.errors()}"
        assert f"{one.topic}/{homes.index([lost])}" in process.errors(), f"the partition is not named: {process.errors()}"
    sink.wait_for(f"no leader for partition {homes.index([lost])}: waiting; the others go on", 30)
    newcomer = one.sink()  # takes partitions over although one of them tells nobody where it begins
    assert one.until_landed_but_for(homes.index([lost])), f"the others did not go on: {sink.errors()}"
    assert sink.alive() and newcomer.alive(), f"a sink ended by itself: {sink.errors()}{newcomer.errors()}"
    one.cluster.heal()
    one.goes_on(one.produce(), sink, newcomer)


def rolling_restart(one):
    """All three nodes are restarted, one after the other, each once the others are in sync."""
    producer = one.produce(rate=len(one.feed) / 20)
    one.until_topic()
    sink = one.sink()
    for node in NODES:
        if producer.alive():
            one.faults["nodes restarted"] += 1
        one.cluster.shut_down(node)
        one.cluster.heal()
    one.goes_on(producer, sink)


ALL = {
    "leader-killed": _killed("leader killed", _busiest_leader),
    "transactions-killed": _killed("transaction coordinator killed", lambda one: one.cluster.transaction_coordinator()),
    "group-killed": _killed("group coordinator killed", lambda one: one.cluster.group_coordinator()),
    "controller-killed": _killed("controller killed", lambda one: one.cluster.controller()),
    "leader-paused": leader_paused,
    "coordinator-paused": coordinators_paused,
    "leaders-moved": leaders_moved,
    "too-few-for-a-while": too_few_for_a_while,
    "too-few-for-long": too_few_for_long,
    "rolling-restart": rolling_restart,
    "leaderless": leaderless,
}
# The order of the rounds; the first three are those of a short campaign.
SCHEDULE = ("leader-killed", "leaders-moved", "leader-paused", "transactions-killed", "too-few-for-a-while",
            "group-killed", "controller-killed", "coordinator-paused", "rolling-restart", "leaderless",
            "too-few-for-long")
