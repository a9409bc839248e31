"""The same on S3: a part of a topic, dead letters, and registering, in a bucket of versitygw."""
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

from records_fixture import CONFLICT, RecordsTest

from register_test import ticks
from stack_testing.broker import cache_folder, free_port
from stack_testing.report import run_cases


class S3Test(RecordsTest):
    """A gateway over a folder; the lake is in its bucket."""

    def setUp(self):
        super().setUp()
        port, data = free_port(), self.folder / f"s3-{self.count}"
        iam = self.folder / f"iam-{self.count}"
        (data / "bucket").mkdir(parents=True)
        iam.mkdir()
        program = sorted(cache_folder().glob("versitygw-*/versitygw"))[-1]
        variables = {name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE"}
        with open(self.folder / f"versitygw-{self.count}.log", "wb") as log:
            self.gateway = subprocess.Popen(
                [program, "--port", f"127.0.0.1:{port}", "--iam-dir", str(iam), "posix", str(data)], stdout=log,
                stderr=log, stdin=subprocess.DEVNULL,
                env={**variables, "ROOT_ACCESS_KEY": "key", "ROOT_SECRET_KEY": "secret"})
        self.addCleanup(self.end_gateway)
        self.variables = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
                          "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}"}
        deadline = time.monotonic() + 20
        while not self.answers(port):
            self.assertLess(time.monotonic(), deadline, "versitygw does not answer")
            time.sleep(0.05)
        self.bucket = pathlib.Path(data / "bucket")
        self.lake = "s3://bucket/lake"

    def end_gateway(self):
        """No longer needed."""
        self.gateway.terminate()
        self.gateway.wait()

    @staticmethod
    def answers(port):
        """Whether it takes requests; it refuses those without a signature."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def start(self, *arguments, **variables):
        """As ever, with the gateway's key."""
        return super().start(*arguments, **self.variables, **variables)

    def test_parts_dead_letters_and_registering(self):
        self.make_topic()
        self.make_topic(topic=f"{self.topic}-again")
        self.produce([(0, b"k", value, None) for value in ticks(0, 1000)] + [(0, b"\xff", b"\xfe", None)])
        part = ("--table", "part", "--from-offset", "100", "--to-offset", "900", "--rotate-count", "300", "--register")
        for step in ("after-claim", "after-first-file:2", "after-files"):
            self.assertEqual(self.kafka("sink", *part, STACK_CRASH_AT=step).wait(60), -9)
        self.sink(*part)
        self.assertEqual(self.verify("part")["records"], 800)
        self.refused(self.kafka("sink", "--table", "part", "--until-end"), CONFLICT, "--from-offset 100")

        done = self.sink("--until-end", "--register", "--partition-by", "day", "--rotate-count", "300",
                         "--dlq-topic", f"{self.topic}-again")
        self.assertEqual((done["landed"], done["dead_letters"]), (1000, 1))
        self.assertEqual(done["registered"], done["files"] - 1)
        crawled = json.loads(self.start("crawl", "--json").succeed(60).output())
        self.assertEqual([(table["changed"], table["files_read"]) for table in crawled["tables"]], [(False, 0)] * 2)

        self.assertIn('"dead_letters":1}', self.start("dlq", "list", "--json").succeed(60).output())
        replay = ("dlq", "replay", "--bootstrap-servers", self.broker.address, "--to-topic", f"{self.topic}-again")
        self.start(*replay).succeed(60)
        self.refused(self.start(*replay), CONFLICT, "--again")


if __name__ == "__main__":
    sys.exit(run_cases(S3Test))
