"""An S3 server of a test's own: versitygw over a folder, that can be killed, started again on its data, and be full."""
import json
import os
import pathlib
import resource
import socket
import subprocess
import time

import boto3
import botocore.config

from stack_testing.broker import cache_folder, free_port

ACCESS_KEY, SECRET_KEY, REGION = "stacktest", "stacktestsecret", "us-east-1"
# Further access keys of the same secret, for credentials that change.
SPARE_KEYS = [f"spare{number:02}" for number in range(64)]


def gateway_program():
    """The pinned versitygw."""
    if "STACK_VERSITYGW" in os.environ:
        return pathlib.Path(os.environ["STACK_VERSITYGW"])
    return sorted(cache_folder().glob("versitygw-*"))[-1] / "versitygw"


class Gateway:
    """One server over FOLDER. A bucket's further name is the same bucket: what one sees is what the other sees."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._data, self._iam = self.folder / "data", self.folder / "iam"
        for each in (self._data, self._iam):
            each.mkdir(parents=True)
        spare = {key: {"access": key, "secret": SECRET_KEY, "role": "admin", "userID": 0, "groupID": 0, "projectID": 0}
                 for key in SPARE_KEYS}
        (self._iam / "users.json").write_text(json.dumps({"accessAccounts": spare}))
        self.port = free_port()
        self.process = None

    def make_bucket(self, name, *further_names):
        """Makes the bucket."""
        (self._data / name).mkdir()
        for further in further_names:
            (self._data / further).symlink_to(name)

    def start(self, timeout=20):
        """Starts the server and waits until it takes connections."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with open(self.folder / "gateway.log", "ab") as log:
            self.process = subprocess.Popen(
                [str(gateway_program()), "--port", f"127.0.0.1:{self.port}", "--iam-dir", str(self._iam), "posix",
                 str(self._data)], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**environment, "ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY})
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the S3 server ended at start; see {self.folder}/gateway.log")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"the S3 server did not answer within {timeout} s; see {self.folder}/gateway.log")

    def kill(self):
        """SIGKILL, at rest or at work."""
        self.process.kill()
        self.process.wait()

    def limit_files(self, size):
        """No file may grow beyond SIZE bytes, as on a disk that is full; None lifts that."""
        most = resource.RLIM_INFINITY if size is None else size
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    def stop(self):
        """Ends the server."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def client(self):
        """A client of another maker's, straight to the server."""
        return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{self.port}", aws_access_key_id=ACCESS_KEY,
                            aws_secret_access_key=SECRET_KEY, region_name=REGION,
                            config=botocore.config.Config(s3={"addressing_style": "path"}))


def variables(endpoint):
    """The environment of a program that shall work on the server behind ENDPOINT."""
    return {"AWS_ENDPOINT_URL_S3": endpoint, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
