"""A real Apache Kafka broker (one node, KRaft) of a test's own, that can be killed and started again on its data."""
import contextlib
import os
import pathlib
import random
import signal
import socket
import subprocess
import time
import uuid
import base64


def cache_folder():
    """The folder of the pinned third-party parts, as scripts/third-party chooses it."""
    if "STACK_CACHE" in os.environ:
        return pathlib.Path(os.environ["STACK_CACHE"])
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "stack"


def kafka_jars():
    """The folder of Kafka's jars."""
    if "STACK_KAFKA_JARS" in os.environ:
        return pathlib.Path(os.environ["STACK_KAFKA_JARS"])
    return sorted(cache_folder().glob("kafka-*"))[-1]


_GIVEN = set()


def free_port():
    """A port that nothing listens on now. Not one that the kernel picks: tests run side by side, and those ports are
    also given to outgoing connections before the server comes to it, or while it is down."""
    while True:
        port = random.SystemRandom().randrange(21_000, 32_000)
        if port in _GIVEN:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            _GIVEN.add(port)
            return port


def new_id():
    """A cluster's id, as Kafka writes UUIDs."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


class Broker:
    """One broker process over `folder`. start() waits until it answers; kill() is SIGKILL; the data stays.

    A node of a cluster is given its ports (of clients, of the controller) and the id of the cluster.
    """

    def __init__(self, folder, properties=None, ports=None, cluster_id=None, format_arguments=(), jvm_options=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self._controller_port = ports or (free_port(), free_port())
        self.address = f"127.0.0.1:{self.port}"
        self.process = None
        self._jvm_options = list(jvm_options)
        self._write_properties(properties or {})
        self._java("kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id or new_id()}",
                   "-c", str(self.folder / "server.properties"), *format_arguments)

    def _write_properties(self, extra):
        controller = self._controller_port
        properties = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": self.folder / "log",
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "broker.heartbeat.interval.ms": 250,  # a killed broker may come back as soon as its session is over
            "broker.session.timeout.ms": 1000,
            **extra,
        }
        text = "".join(f"{name}={value}\n" for name, value in properties.items())
        (self.folder / "server.properties").write_text(text)

    def _command(self, *arguments):
        return ["java", "-Xms128m", "-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *self._jvm_options,
                "-cp", str(kafka_jars() / "*"), *arguments]

    def _java(self, *arguments):
        done = subprocess.run(self._command(*arguments), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{arguments[0]} failed: {done.stdout}{done.stderr}")

    def start(self, timeout=60):
        """Starts the broker and waits until it answers requests."""
        with open(self.folder / "broker.log", "ab") as log:
            self.process = subprocess.Popen(self._command("kafka.Kafka", str(self.folder / "server.properties")),
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the broker ended at start; see {self.folder}/broker.log")
            if self._answers():
                return
            time.sleep(0.1)
        raise RuntimeError(f"the broker did not answer within {timeout} s; see {self.folder}/broker.log")

    def _answers(self):
        # An ApiVersions request, version 0: the broker answers it once it is up.
        request = bytes.fromhex("0012" "0000" "00000001" "0000")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(len(request).to_bytes(4, "big") + request)
            return len(connection.recv(4)) == 4
        return False

    def kill(self):
        """SIGKILL: what a crash of the machine's process looks like."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Ends the broker, politely first."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
