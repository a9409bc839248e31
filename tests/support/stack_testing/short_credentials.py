"""Credentials that end soon, handed out as a container's credentials service does, and refused by the S3 proxy once they have ended."""
import datetime
import threading
import time

from stack_testing import aws_server, s3_gateway

_PATH = "/credentials"


class ShortCredentials:
    """Within the context PROXY takes only access keys that were handed out in the last LIFE seconds.

    Honest: they say when they end, to the second. Else they claim to last an hour, as those that are revoked do. `ended`
    counts the refusals.
    """

    def __init__(self, proxy, life, honest=True):
        self._proxy, self._life, self._honest = proxy, life, honest
        self._server, self._lock, self._ends = aws_server.AwsServer(), threading.Lock(), {}
        self.ended = self._handed_out = 0

    def __enter__(self):
        self._server.answers["GET", _PATH] = lambda request: (200, self._hand_out())
        self._proxy.admits = self._admits
        return self

    def __exit__(self, *_):
        self._proxy.admits = lambda key: True
        self._server.stop()

    def variables(self, others):
        """OTHERS, with the service in place of keys."""
        kept = {name: value for name, value in others.items() if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        return {**kept, "AWS_CONTAINER_CREDENTIALS_FULL_URI": self._server.url + _PATH}

    def revoke(self):
        """All that were handed out end now."""
        with self._lock:
            self._ends.clear()

    def _hand_out(self):
        with self._lock:
            key = s3_gateway.SPARE_KEYS[self._handed_out % len(s3_gateway.SPARE_KEYS)]
            self._handed_out += 1
            self._ends[key] = time.monotonic() + self._life
        said = datetime.timedelta(seconds=self._life + 1 if self._honest else 3600)
        expires = (datetime.datetime.now(datetime.UTC) + said).strftime("%Y-%m-%dT%H:%M:%SZ")
        return aws_server.credentials(key, s3_gateway.SECRET_KEY, "", expires)

    def _admits(self, key):
        with self._lock:
            if time.monotonic() < self._ends.get(key, 0):
                return True
            self.ended += 1
            return False
