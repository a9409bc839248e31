"""An S3 server in memory whose behaviour is the test's to say: what it refuses, what it ignores, what it was asked."""
import collections
import dataclasses
import email.utils
import hashlib
import re
import threading
import time
import urllib.parse
import xml.sax.saxutils

from stack_testing.local_server import LocalServer, QuietHandler


@dataclasses.dataclass
class Behaviour:
    """What is wrong with the store. Actions are S3's: GetObject, PutObject, DeleteObject, ListBucket."""

    denied: tuple = ()  # actions that are answered 403 AccessDenied
    conditions: str = "kept"  # of If-None-Match: kept, ignored, refused (501)
    region: str = ""  # requests signed for another one are answered 400
    tells_region: bool = True
    clock: float = 0.0  # seconds that its clock is ahead; beyond 15 minutes requests are refused
    no_s3: bool = False  # a web server that knows nothing of S3


class ScriptedS3(LocalServer):
    """One bucket, addressed by path. `objects` holds key -> bytes; `requests` counts (method, key) with key '' for
    listings."""

    def __init__(self, bucket="lake"):
        self.bucket, self.behaviour = bucket, Behaviour()
        self.objects, self.times, self.uploads = {}, {}, {}
        self.requests = collections.Counter()
        self.lock = threading.Lock()
        outer = self

        class Handler(QuietHandler):
            """Hands each request on with its body read."""

            def handle_any(self):
                """One request."""
                body = self.body()
                with outer.lock:
                    status, headers, text = outer._answer(self, body)
                self.reply(status, headers, text)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any  # noqa: N815

            def date_time_string(self, timestamp=None):
                """The Date header, by the store's own clock."""
                return email.utils.formatdate(time.time() + outer.behaviour.clock, usegmt=True)

        self.start(Handler)

    def read(self):
        """The keys of objects that were fetched since the last call, with the number of requests."""
        with self.lock:
            found = {key: count for (method, key), count in self.requests.items() if method == "GET" and key}
            self.requests.clear()
        return found

    def _answer(self, request, body):
        url = urllib.parse.urlsplit(request.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        bucket, _, key = urllib.parse.unquote(url.path)[1:].partition("/")
        self.requests[request.command, key] += 1
        refusal = self._refusal(request, bucket, key)
        if refusal:
            return refusal
        if not key:
            return self._uploads() if "uploads" in query else self._list(query)
        return getattr(self, f"_{request.command.lower()}")(request, key, query, body)

    def _refusal(self, request, bucket, key):
        said, method = self.behaviour, request.command
        if said.no_s3:
            return 404, {"Content-Type": "text/html"}, b"<html><body>nothing here</body></html>"
        if bucket != self.bucket:
            return _error(404, "NoSuchBucket", "The specified bucket does not exist")
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/s3", request.headers.get("Authorization", ""))
        if said.region and scope and scope[1] != said.region:
            return _error(400, "AuthorizationHeaderMalformed", f"the region '{scope[1]}' is wrong",
                          f"<Region>{said.region}</Region>" if said.tells_region else "")
        if abs(said.clock) > 900:
            signed = time.strptime(request.headers["X-Amz-Date"] + " UTC", "%Y%m%dT%H%M%SZ %Z")
            if abs(_seconds(signed) - time.time() - said.clock) > 900:
                return _error(403, "RequestTimeTooSkewed", "The difference between the request time and the current "
                                                           "time is too large.")
        actions = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "POST": "PutObject",
                   "DELETE": "DeleteObject"}
        if (actions[method] if key else "ListBucket") in said.denied:
            return _error(403, "AccessDenied", "Access Denied")
        return None

    def _taken(self, request, key):
        if request.headers.get("If-None-Match") != "*" or self.behaviour.conditions == "ignored":
            return None
        if self.behaviour.conditions == "refused":
            return _error(501, "NotImplemented", "A header you provided implies functionality that is not implemented.")
        if key in self.objects:
            return _error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        return None

    def _store(self, key, body):
        self.objects[key], self.times[key] = body, time.time() + self.behaviour.clock
        return 200, {"ETag": _tag(body)}, b""

    def _put(self, request, key, query, body):
        if "partNumber" in query:
            self.uploads[query["uploadId"]][int(query["partNumber"])] = body
            return 200, {"ETag": _tag(body)}, b""
        return self._taken(request, key) or self._store(key, body)

    def _post(self, request, key, query, body):
        if "uploads" in query:
            name = f"upload-{len(self.uploads)}"
            self.uploads[name] = {}
            return 200, {}, _xml("InitiateMultipartUploadResult", f"<UploadId>{name}</UploadId>")
        taken = self._taken(request, key)
        if taken:
            return taken
        parts = self.uploads.pop(query["uploadId"])
        self._store(key, b"".join(parts[number] for number in sorted(parts)))
        return 200, {}, _xml("CompleteMultipartUploadResult", f"<Key>{key}</Key>")

    def _delete(self, request, key, query, body):
        if "uploadId" in query:
            self.uploads.pop(query["uploadId"], None)
        else:
            self.objects.pop(key, None)
        return 204, {}, b""

    def _head(self, request, key, query, body):
        if key not in self.objects:
            return 404, {}, b""
        return 200, {"Content-Length": str(len(self.objects[key])), **self._headers(key)}, b""

    def _get(self, request, key, query, body):
        if key not in self.objects:
            return _error(404, "NoSuchKey", "The specified key does not exist.")
        data = self.objects[key]
        ranged = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        if not ranged:
            return 200, self._headers(key), data
        first, last = int(ranged[1]), min(int(ranged[2] or len(data)), len(data) - 1)
        if first >= len(data):
            return _error(416, "InvalidRange", "The requested range is not satisfiable")
        return 206, {**self._headers(key), "Content-Range": f"bytes {first}-{last}/{len(data)}"}, data[first:last + 1]

    def _headers(self, key):
        return {"ETag": _tag(self.objects[key]), "Last-Modified": email.utils.formatdate(self.times[key], usegmt=True)}

    def _uploads(self):
        return 200, {}, _xml("ListMultipartUploadsResult", "")

    def _list(self, query):
        after = query.get("continuation-token") or query.get("start-after", "")
        keys = sorted(key for key in self.objects if key.startswith(query.get("prefix", "")) and key > after)
        page, rest = keys[:1000], keys[1000:]
        text = "".join(
            f"<Contents><Key>{xml.sax.saxutils.escape(key)}</Key><LastModified>"
            f"{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(self.times[key]))}</LastModified>"
            f"<ETag>{_tag(self.objects[key])}</ETag><Size>{len(self.objects[key])}</Size></Contents>" for key in page)
        more = f"<NextContinuationToken>{xml.sax.saxutils.escape(page[-1])}</NextContinuationToken>" if rest else ""
        return 200, {}, _xml("ListBucketResult", f"<IsTruncated>{str(bool(rest)).lower()}</IsTruncated>{more}{text}")


def _seconds(utc):
    return time.mktime(utc) - time.timezone


def _tag(body):
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _xml(name, content):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}>{content}</{name}>'.encode()


def _error(status, code, message, more=""):
    text = f"<Code>{code}</Code><Message>{message}</Message>{more}<RequestId>REQUEST1</RequestId>"
    return status, {"x-amz-request-id": "REQUEST1"}, _xml("Error", text)
