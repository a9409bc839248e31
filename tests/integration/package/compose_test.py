"""The compose file: its form, and its wiring, by running what its services run against a real broker and an S3 server."""
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing.broker import Broker, free_port  # noqa: E402
from stack_testing.program import PROGRAM, Process, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402
from stack_testing.s3_gateway import gateway_program  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
FILE = ROOT / "deploy" / "compose" / "compose.yaml"
OURS = ("topic", "producer", "sink", "query")


def filled_in(value):
    """A text of the file as compose reads it, with nothing set outside."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


class ComposeTest(unittest.TestCase):
    """The services of the file."""

    @classmethod
    def setUpClass(cls):
        cls.file = yaml.safe_load(FILE.read_text(encoding="utf-8"))
        cls.services = cls.file["services"]

    def test_images_are_pinned_and_those_that_the_tests_use(self):
        versions = dict(line.split("=", 1) for name in ("versions", "test_versions")
                        for line in (ROOT / "third_party" / name).read_text().splitlines() if re.match(r"[A-Z_]+=", line))
        self.assertEqual(self.services["kafka"]["image"].rpartition(":")[2], versions["KAFKA_VERSION"])
        self.assertEqual(self.services["s3"]["image"].rpartition(":")[2], "v" + versions["VERSITYGW_VERSION"])
        told = subprocess.run([PROGRAM, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
        for name in OURS:
            self.assertEqual(self.services[name]["image"], f"stack:{told}")
            self.assertTrue((FILE.parent / self.services[name]["build"]["context"] / "Dockerfile").exists())

    def test_ports_are_open_on_this_machine_only(self):
        for name, service in self.services.items():
            for port in service.get("ports", []):
                self.assertTrue(port.startswith("127.0.0.1:"), f"{name}: {port}")

    def test_services_wait_for_what_they_need(self):
        for name, service in self.services.items():
            for needed, how in service.get("depends_on", {}).items():
                condition = how["condition"]
                self.assertIn(condition, ("service_healthy", "service_completed_successfully"))
                if condition == "service_healthy":
                    self.assertIn("healthcheck", self.services[needed], f"{name} waits for {needed}")

    def test_every_volume_is_declared(self):
        used = {volume.split(":")[0] for service in self.services.values() for volume in service.get("volumes", [])}
        self.assertEqual(used, set(self.file["volumes"]))

    def test_our_services_can_do_little(self):
        for name in OURS:
            self.assertTrue(self.services[name]["read_only"])
            self.assertEqual(self.services[name]["cap_drop"], ["ALL"])

    def test_what_they_run_works_together(self):
        with tempfile.TemporaryDirectory(prefix="stack-compose-") as folder:
            folder = pathlib.Path(folder)
            broker = Broker(folder / "kafka", self.broker_properties())
            self.addCleanup(broker.stop)
            broker.start()
            endpoint, server = self.start_s3(folder)
            self.addCleanup(server.wait)
            self.addCleanup(server.kill)
            self.produce_and_land(folder, broker.address, endpoint)

    def broker_properties(self):
        """What the image makes of the environment, without the listeners and folders of a container."""
        own = ("node.id", "process.roles", "listeners", "advertised.listeners", "listener.security.protocol.map",
               "inter.broker.listener.name", "controller.listener.names", "controller.quorum.voters", "log.dirs")
        properties = {name.removeprefix("KAFKA_").lower().replace("_", "."): value
                      for name, value in self.services["kafka"]["environment"].items() if name.startswith("KAFKA_")}
        self.assertLessEqual(set(own), set(properties))
        return {name: value for name, value in properties.items() if name not in own}

    def start_s3(self, folder):
        """The S3 service's own command line, in a folder instead of a container."""
        service, port = self.services["s3"], free_port()
        command = service["command"][0].replace("/usr/local/bin/versitygw", str(gateway_program()))
        command = command.replace("/data", str(folder / "data")).replace(":7070", f"127.0.0.1:{port}")
        variables = {name: filled_in(value) for name, value in service["environment"].items()}
        server = subprocess.Popen(["/bin/sh", "-c", command], env=environment(**variables), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        endpoint = f"http://127.0.0.1:{port}"
        self.wait_for_answer(service["healthcheck"]["test"][-1].replace("http://127.0.0.1:7070", endpoint))
        return endpoint, server

    def wait_for_answer(self, url):
        """Waits until URL answers well."""
        deadline = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    self.assertEqual(answer.status, 200)
                    return
            except OSError:
                self.assertLess(time.monotonic(), deadline, f"{url} does not answer")
                time.sleep(0.05)

    def process(self, folder, name, places, more=(), command=None):
        """A service's program, with its command and environment, but with PLACES for the names of containers."""
        service = self.services[name]
        settings = {key: filled_in(value) for key, value in service["environment"].items()}
        arguments = [*service.get("entrypoint", ["/usr/bin/stack"])[1:], *(command or service["command"]), *more]
        for old, new in places.items():
            settings = {key: value.replace(old, new) for key, value in settings.items()}
            arguments = [argument.replace(old, new) for argument in arguments]
        return Process(folder, name, *arguments, **settings)

    def produce_and_land(self, folder, kafka, endpoint):
        """topic, producer and sink together; the health check of each; then a query."""
        def places(metrics):
            return {"kafka:9092": kafka, "http://s3:7070": endpoint, "127.0.0.1:9464": f"127.0.0.1:{metrics}"}

        self.process(folder, "topic", places(0)).succeed(30)
        self.process(folder, "topic", places(0)).succeed(30)  # as `up` runs it each time
        ports = {name: free_port() for name in ("producer", "sink")}
        running = {name: self.process(folder, name, places(ports[name]), more) for name, more in
                   (("producer", ["--limit", "3000", "--rate", "3000"]), ("sink", []))}
        for process in running.values():
            self.addCleanup(process.kill)
        for name, process in running.items():
            process.wait_for(f"127.0.0.1:{ports[name]}", 20)
            check = self.services[name]["healthcheck"]["test"]
            self.assertEqual(check[:3], ["CMD", "bash", "-c"])
            self.wait_until_healthy(check[3].replace("9464", str(ports[name])), process)
        running["producer"].succeed(60)
        deadline = time.monotonic() + 30
        while self.count(folder, places(0)) < 3000:
            self.assertLess(time.monotonic(), deadline, running["sink"].errors())
            time.sleep(0.5)
        running["sink"].signal(15)
        running["sink"].succeed(60)
        self.assertEqual(self.count(folder, places(0)), 3000)

    def count(self, folder, places):
        """Rows in the lake, as the query service sees them; none before the first file."""
        query = self.process(folder, "query", places, ["--output", "csv"], ["SELECT count(*) AS n FROM ticks"])
        query.wait(30)
        return int(query.output().split()[1]) if query.output() else 0

    def wait_until_healthy(self, check, process):
        """Runs a health check until it is content."""
        deadline = time.monotonic() + 20
        while subprocess.run(["bash", "-c", check], capture_output=True, check=False).returncode != 0:
            self.assertTrue(process.alive(), process.errors())
            self.assertLess(time.monotonic(), deadline, f"{process} is not healthy")
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(run_cases(ComposeTest))
