"""Credentials that end soon, handed out as a container's credentials service does, and told apart by the S3 proxy."""
import datetime
import threading
import time

from stack_testing import aws_server, s3_gateway

_PATH = "/credentials"


class ShortCredentials:
    """Within the context PROXY takes only tokens that were handed out in the last LIFE seconds.

    Not honest: the credentials claim to last an hour, as those that are revoked do. `ended` counts the refusals.
    """

    def __init__(self, proxy, life, honest=True):
        self._proxy, self._life, self._honest = proxy, life, honest
        self._server, self._lock, self._ends = aws_server.AwsServer(), threading.Lock(), {}
        self.ended = 0

    def __enter__(self):
        self._server.answers["GET", _PATH] = lambda request: (200, self._hand_out())
        self._proxy.admits = self._admits
        return self

    def __exit__(self, *_):
        self._proxy.admits = lambda token: True
        self._server.stop()

    def variables(self, others):
        """OTHERS, with the service in place of keys."""
        kept = {name: value for name, value in others.items() if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        return {**kept, "AWS_CONTAINER_CREDENTIALS_FULL_URI": self._server.url + _PATH}

    def _hand_out(self):
        with self._lock:
            token = f"token-{len(self._ends)}"
            self._ends[token] = time.monotonic() + self._life
        said = datetime.timedelta(seconds=self._life if self._honest else 3600)
        expires = (datetime.datetime.now(datetime.UTC) + said).strftime("%Y-%m-%dT%H:%M:%SZ")
        return aws_server.credentials(s3_gateway.ACCESS_KEY, s3_gateway.SECRET_KEY, token, expires)

    def _admits(self, token):
        with self._lock:
            if time.monotonic() < self._ends.get(token, 0):
                return True
            self.ended += 1
            return False
