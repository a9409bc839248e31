"""A real three-broker Apache Kafka cluster (KRaft) on loopback, whose nodes can be killed, paused and brought back.

Every node is broker and controller, so that with any one of them gone two of three remain: a quorum of controllers, and
for topics of three replicas with min.insync.replicas 2 enough brokers to write to. Transactions and consumer groups have
one partition of state each, so that there is one coordinator of either to aim at.
"""
import concurrent.futures
import contextlib
import pathlib
import signal
import socket
import time

import confluent_kafka

from stack_testing import topic_reader, wire
from stack_testing.broker import Broker, new_id

NODES = (1, 2, 3)
_PROPERTIES = {
    "default.replication.factor": 3,
    "min.insync.replicas": 2,
    "offsets.topic.replication.factor": 3,
    "offsets.topic.num.partitions": 1,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
    "transaction.state.log.num.partitions": 1,
    "unclean.leader.election.enable": "false",
    "auto.leader.rebalance.enable": "false",  # leaders move when a test says so
    "broker.heartbeat.interval.ms": 500,
    "broker.session.timeout.ms": 3000,  # a node paused for 5 s has lost its partitions when it wakes
    "log.segment.bytes": 67108864,
}


def _free_ports(count):
    """So many ports that nothing listens on now, each of them once."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class Cluster:
    """Three nodes over `folder`. What asks the cluster something does so through nodes that are up."""

    def __init__(self, folder):
        ports = _free_ports(2 * len(NODES))
        clients, controllers = dict(zip(NODES, ports)), dict(zip(NODES, ports[len(NODES):]))
        voters = ",".join(f"{node}@127.0.0.1:{port}" for node, port in controllers.items())
        cluster_id = new_id()

        def make(node):
            properties = {**_PROPERTIES, "node.id": node, "controller.quorum.voters": voters}
            return Broker(pathlib.Path(folder) / f"node-{node}", properties, (clients[node], controllers[node]), cluster_id)

        with concurrent.futures.ThreadPoolExecutor() as pool:
            self.nodes = dict(zip(NODES, pool.map(make, NODES)))
        self.address = ",".join(node.address for node in self.nodes.values())
        self.admin = topic_reader.admin(self.address)
        self._paused = set()

    # Nodes ----------------------------------------------------------------------------------------------------------

    def start(self, timeout=90):
        """Starts the nodes that are down and waits until the cluster has three brokers and a controller."""
        self._start_all([node for node in NODES if not self._is_alive(node)], timeout)
        self._until("three brokers", lambda: len(self._metadata().brokers) == len(NODES), timeout)
        self._until("a controller", lambda: self.controller() > 0, timeout)

    def _start_all(self, nodes, timeout):
        # A node answers only once a quorum of controllers is there: they have to be started together.
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: self.nodes[node].start(timeout), nodes))

    def _is_alive(self, node):
        process = self.nodes[node].process
        return process is not None and process.poll() is None

    def kill(self, *nodes):
        """SIGKILL to each at once."""
        for node in nodes:
            self.nodes[node].process.send_signal(signal.SIGKILL)
        for node in nodes:
            self.nodes[node].process.wait()
            self._paused.discard(node)

    def shut_down(self, node):
        """A controlled shutdown: the node hands its partitions over first."""
        self.nodes[node].stop()

    def pause(self, *nodes):
        """SIGSTOP: they keep their connections and believe to lead what they led."""
        for node in nodes:
            self.nodes[node].process.send_signal(signal.SIGSTOP)
            self._paused.add(node)

    def resume(self, *nodes):
        """SIGCONT."""
        for node in nodes:
            self.nodes[node].process.send_signal(signal.SIGCONT)
            self._paused.discard(node)

    def stop(self):
        """Ends all nodes. Not politely: a last one without a quorum would wait for it."""
        self.kill(*(node for node in NODES if self._is_alive(node)))

    def heal(self, timeout=90):
        """Wakes the paused, starts the dead, waits until all replicas are in sync."""
        self.resume(*list(self._paused))
        self.start(timeout)
        self.until_in_sync(timeout)

    # What the cluster says ------------------------------------------------------------------------------------------

    def _metadata(self, topic=None):
        return self.admin.list_topics(topic, timeout=5)

    @staticmethod
    def _until(what, condition, timeout):
        deadline = time.monotonic() + timeout
        while True:
            with contextlib.suppress(confluent_kafka.KafkaException, OSError):
                if condition():
                    return
            assert time.monotonic() < deadline, f"the cluster: no {what} within {timeout} s"
            time.sleep(0.1)

    def _ask_any(self, question):
        """The first answer that a node which is up gives."""
        error = None
        for node in NODES:
            if not self._is_alive(node) or node in self._paused:
                continue
            try:
                return question(self.nodes[node].port)
            except OSError as failure:
                error = failure
        raise error or ConnectionError("no node is up")

    def controller(self):
        """The node that is the active controller."""
        return self._ask_any(wire.controller)

    def leader(self, topic, partition):
        """The node that leads the partition, -1 when none does."""
        return self._metadata(topic).topics[topic].partitions[partition].leader

    def leaders(self, topic):
        """The leader of each partition."""
        return {number: each.leader for number, each in self._metadata(topic).topics[topic].partitions.items()}

    def transaction_coordinator(self):
        """The node that coordinates all transactions."""
        return self.leader("__transaction_state", 0)

    def group_coordinator(self):
        """The node that coordinates all consumer groups."""
        return self.leader("__consumer_offsets", 0)

    def until_in_sync(self, timeout=60):
        """Waits until every partition of every topic has a leader and all its replicas in sync."""
        def in_sync():
            return all(each.leader in NODES and len(each.isrs) == len(each.replicas)
                       for topic in self._metadata().topics.values() for each in topic.partitions.values())

        self._until("full set of replicas in sync", in_sync, timeout)

    # Leaders --------------------------------------------------------------------------------------------------------

    def move_leaders(self, topic, rng):
        """Gives every partition that can have one another leader: reorders its replicas, then elects the first.

        How many have moved, as far as it shows within two seconds.
        """
        before = self._metadata(topic).topics[topic].partitions
        order = {}
        for number, each in before.items():
            others = [node for node in each.isrs if node != each.leader]
            first = rng.choice(others) if others else each.leader
            order[number] = [first, *(node for node in each.replicas if node != first)]
        self._ask_any(lambda port: wire.reassign(port, topic, order))
        self._ask_any(lambda port: wire.elect_preferred(port, topic, order))
        with contextlib.suppress(AssertionError):
            self._until("new leaders", lambda: all(self.leaders(topic)[number] == nodes[0] for number, nodes in order.items()), 2)
        after = self.leaders(topic)
        return sum(after[number] != each.leader for number, each in before.items())
