"""AWS as moto plays it, as a server of a test's own."""
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

import boto3
import botocore.config

from stack_testing.broker import free_port


CLOUDFORMATION = pathlib.Path(__file__).with_name("moto_cloudformation.py")


class Moto:
    """One server; FOLDER holds its log. Its CloudFormation is there if asked for: it takes seconds to load."""

    def __init__(self, folder, cloudformation=False):
        port = free_port()
        self.url, self.port = f"http://127.0.0.1:{port}", port
        self._log = pathlib.Path(folder) / "moto.log"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        program = [CLOUDFORMATION] if cloudformation else ["-m", "moto.server"]
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen([sys.executable, *program, "-H", "127.0.0.1", "-p", str(port)],
                                            env=clean, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.reset()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.stop()
                    raise RuntimeError(f"moto does not come up:\n{self._log.read_text()}") from None
                time.sleep(0.05)

    def reset(self):
        """Forgets everything."""
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/reset", method="POST"), timeout=5):
            pass

    def check_permissions(self, on):
        """Whether signatures and policies are looked at from now on."""
        self._post("/moto-api/reset-auth", b"0" if on else b"inf", "text/plain")

    def give_athena(self, region, results):
        """What Athena's queries of a region answer from now on, one after another."""
        body = {"account_id": "123456789012", "region": region, "results": results}
        self._post("/moto-api/static/athena/query-results", json.dumps(body).encode(), "application/json")

    def _post(self, path, body, kind):
        request = urllib.request.Request(f"{self.url}{path}", body, {"Content-Type": kind})
        urllib.request.urlopen(request, timeout=10).close()

    def client(self, service, region="us-east-1"):
        """A client of another maker's."""
        return boto3.client(service, endpoint_url=self.url, region_name=region, aws_access_key_id="tester",
                            aws_secret_access_key="tester-secret",
                            config=botocore.config.Config(s3={"addressing_style": "path"}))

    def stop(self):
        """Ends the server."""
        self.process.kill()
        self.process.wait()
