"""AWS as moto plays it, as a server of a test's own."""
import os
import subprocess
import sys
import time
import urllib.request

import boto3

from stack_testing.broker import free_port


class Moto:
    """One server; FOLDER holds its log."""

    def __init__(self, folder):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with open(folder / "moto.log", "wb") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
                                            env=clean, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.reset()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.stop()
                    raise RuntimeError(f"moto does not come up; see {folder}/moto.log") from None
                time.sleep(0.05)

    def reset(self):
        """Forgets everything."""
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/reset", method="POST"), timeout=5):
            pass

    def client(self, service):
        """A client of another maker's."""
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", aws_access_key_id="tester",
                            aws_secret_access_key="tester-secret")

    def stop(self):
        """Ends the server."""
        self.process.kill()
        self.process.wait()
