"""A proxy between a program and an S3 server that does harm on the way, as a plan says.

Requests pass unchanged, the Host header included, so that signatures hold. Conditional writes of one key are passed on
one at a time: of those S3 lets one win, and no race inside the server of a test shall blur that.
What is done to a request follows from the plan's seed, the request and how often it has come: not from its timing.
"""
import asyncio
import collections
import concurrent.futures
import dataclasses
import email.utils
import random
import re
import threading
import typing

WRITES = ("PUT", "POST", "DELETE")
_ERRORS = {
    "slow down": (503, "SlowDown", "Please reduce your request rate."),
    "internal error": (500, "InternalError", "We encountered an internal error. Please try again."),
    "unavailable": (503, "ServiceUnavailable", "Service is unable to handle request."),
    "request timeout": (400, "RequestTimeout", "Your socket connection to the server was not read from in time."),
    "skewed": (403, "RequestTimeTooSkewed", "The difference between the request time and the server's is too large."),
    "conflict": (409, "ConditionalRequestConflict", "A conflicting conditional operation is under way."),
    "error in 200": (200, "InternalError", "We encountered an internal error. Please try again."),
}
FAULTS = (*_ERRORS, "refused", "lost answer", "half an answer", "half a request", "stalled", "late", "very late")


@dataclasses.dataclass
class Plan:
    """The faults to come: which, how often (0 to 1) and how long one that takes time may last, in seconds."""

    seed: int = 0
    rate: float = 0.0
    kinds: tuple = FAULTS
    longest: float = 1.0


# Kinds of requests, as a Trap names them, and when it springs: before the server sees the request, when it has half of
# it, when it has answered and the client does not know yet, when the client has the answer.
KINDS = ("claim", "file", "dead letters", "begin", "part", "complete", "abort", "list", "head", "get")
MOMENTS = ("before", "half", "unanswered", "answered")


@dataclasses.dataclass
class Trap:
    """Calls ACTION once, at a MOMENT of the NTH request of KIND."""

    kind: str
    nth: int
    moment: str
    action: typing.Callable[[], None]
    sprung: bool = False


@dataclasses.dataclass
class Request:
    """One request as it came."""

    head: bytes
    body: bytes
    method: str
    target: str
    headers: dict

    @property
    def conditional(self):
        """Whether it asks that its key be free."""
        return "if-none-match" in self.headers

    @property
    def kind(self):
        """One of KINDS; "other" for what a sink does not ask."""
        if "uploadId=" in self.target:
            return {"PUT": "part", "POST": "complete", "DELETE": "abort"}.get(self.method, "other")
        if self.method == "PUT":
            return ("claim" if "/_stack/claims/" in self.target else
                    "dead letters" if "/_stack/dlq/" in self.target else "file")
        if self.method == "GET":
            return "list" if "list-type=" in self.target else "get"
        return "begin" if "?uploads" in self.target else {"HEAD": "head"}.get(self.method, "other")

    @property
    def access_key(self):
        """Whose request it is, by its signature; None where there is none."""
        match = re.search("Credential=([^/]+)/", self.headers.get("authorization", ""))
        return match and match[1]

    @property
    def key(self):
        """What it is about: the path behind the bucket."""
        return self.target.partition("?")[0].lstrip("/").partition("/")[2]


def _parse(head, body):
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    fields = (line.partition(":") for line in lines[1:] if line)
    return Request(head, body, method, target, {name.strip().lower(): value.strip() for name, _, value in fields})


async def _read_head(reader):
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def _header(head, name):
    match = re.search(rb"\r\n" + name + rb":[ \t]*([^\r\n]*)", head, re.IGNORECASE)
    return match and match[1].strip().lower()


async def _read_body(reader, head, until_end=False):
    """The body that follows HEAD, as its bytes came."""
    if _header(head, b"transfer-encoding") == b"chunked":
        body = bytearray()
        while True:
            line = await reader.readuntil(b"\r\n")
            body += line
            body += await reader.readexactly(int(line.split(b";")[0], 16) + 2)
            if line.split(b";")[0].strip(b"0\r\n") == b"":
                return bytes(body)
    length = _header(head, b"content-length")
    if length is not None:
        return await reader.readexactly(int(length))
    return await reader.read() if until_end else b""


class S3Proxy:
    """Listens on `address` from start() to stop(), and passes on to UPSTREAM, a port of this machine.

    `plan` may be exchanged at any time. `admits` is asked for each request's access key; False is
    answered by ExpiredToken. `trap`, if there is one, waits for its request. `injected` counts the faults by kind,
    `requests` what came by kind.
    """

    def __init__(self, upstream):
        self.plan, self.admits, self.trap = Plan(), lambda key: True, None
        self.injected, self.requests = collections.Counter(), collections.Counter()
        self.address = None
        self._upstream = upstream
        self._times, self._held, self._locks = collections.Counter(), [], {}
        self._loop = asyncio.new_event_loop()
        self._waiting, self._open = set(), set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self):
        """Begins to listen."""
        self._thread.start()
        server = self._call(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20))
        self.address = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]

    def stop(self):
        """Ends all at once."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def release_late(self, timeout=30):
        """Passes on what is still held back, and waits until the server has answered; how many requests that were."""
        return self._call(self._release(), timeout)

    def new_round(self, plan):
        """Another plan, and all that was counted forgotten."""
        self.release_late()
        self.plan, self.admits, self.trap = plan, lambda key: True, None
        for counter in (self.injected, self.requests, self._times):
            counter.clear()
        self._locks.clear()

    def _call(self, task, timeout=30):
        future = asyncio.run_coroutine_threadsafe(task, self._loop)
        try:
            return future.result(timeout)
        except concurrent.futures.TimeoutError:
            raise TimeoutError(f"the S3 server did not answer within {timeout} s") from None

    async def _release(self):
        held, self._held = self._held, []
        for event in held:
            event.set()
        late = list(self._waiting)
        await asyncio.gather(*late, return_exceptions=True)
        return len(late)

    # A connection ---------------------------------------------------------------------------------------------------

    async def _serve(self, reader, writer):
        self._open.add(asyncio.current_task())
        try:
            while head := await _read_head(reader):
                if _header(head, b"expect") == b"100-continue":
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    head = re.sub(rb"\r\nexpect:[^\r\n]*", b"", head, flags=re.IGNORECASE)
                request = _parse(head, await _read_body(reader, head))
                self.requests[request.kind] += 1
                if not await self._answer(request, writer):
                    writer.transport.abort()
                    return
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client or the server has gone
        finally:
            self._open.discard(asyncio.current_task())
            writer.transport.abort()

    async def _answer(self, request, writer):
        """Deals with one request; whether the connection goes on."""
        if not self.admits(request.access_key):
            writer.write(_error(request, 400, "ExpiredToken", "The provided token has expired."))
            self.injected["expired token"] += 1
            return True
        if self._springs(request):
            return await self._spring(request, writer)
        fault, rng = self._fault(request)
        if fault is None:
            writer.write(await self._pass_on(request))
            return True
        self.injected[fault] += 1
        if fault in _ERRORS:
            writer.write(_error(request, *_ERRORS[fault]))
            return True
        return await getattr(self, "_" + fault.replace(" ", "_"))(request, writer, rng)

    def _fault(self, request):
        """What is to be done to the request, and the random numbers for it."""
        name = f"{request.method} {re.sub('uploadId=[^&]*', 'uploadId', request.target)}"
        self._times[name] += 1
        rng = random.Random(f"{self.plan.seed} {name} {self._times[name]}")
        if rng.random() >= self.plan.rate:
            return None, rng
        kinds = [kind for kind in self.plan.kinds if _applies(kind, request, self._times[name])]
        return (rng.choice(kinds) if kinds else None), rng

    def _springs(self, request):
        trap = self.trap
        if trap is None or trap.sprung or request.kind != trap.kind:
            return False
        trap.nth -= 1
        trap.sprung = trap.nth <= 0
        return trap.sprung

    async def _spring(self, request, writer):
        trap = self.trap
        if trap.moment == "half":
            await self._half_a_request(request, writer, random.Random(0))
        elif trap.moment != "before":
            answer = await self._pass_on(request)
            if trap.moment == "answered":
                writer.write(answer)
                await writer.drain()
        trap.action()
        return False

    # Faults: each returns whether the connection goes on ------------------------------------------------------------

    async def _refused(self, *_):
        return False

    async def _lost_answer(self, request, *_):
        await self._pass_on(request)
        return False

    async def _half_an_answer(self, request, writer, rng):
        answer = await self._pass_on(request)
        writer.write(answer[:rng.randrange(1, len(answer))])
        await writer.drain()
        await asyncio.sleep(0.01)  # else the reset overtakes it
        return False

    async def _half_a_request(self, request, _, rng):
        whole = request.head + request.body
        _, upstream = await asyncio.open_connection("127.0.0.1", self._upstream)
        upstream.write(whole[:rng.randrange(1, len(whole))])
        await upstream.drain()
        upstream.close()
        return False

    async def _stalled(self, request, writer, rng):
        await asyncio.sleep(rng.uniform(0, self.plan.longest))
        writer.write(await self._pass_on(request))
        return True

    async def _late(self, request, _, rng):
        """The client is cut off now; the server sees the request a while later."""
        return self._hold(self._pass_on_after(request, asyncio.sleep(rng.uniform(0, self.plan.longest))))

    async def _very_late(self, request, *_):
        """As late, but after all else: when release_late() is called."""
        event = asyncio.Event()
        self._held.append(event)
        return self._hold(self._pass_on_after(request, event.wait()))

    def _hold(self, work):
        task = self._loop.create_task(work)
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        return False

    async def _pass_on_after(self, request, waiting):
        await waiting
        await self._pass_on(request)

    # The server -----------------------------------------------------------------------------------------------------

    async def _pass_on(self, request):
        """The server's answer, head and body."""
        if not request.conditional:
            return await self._ask(request)
        lock = self._locks.setdefault(request.key, asyncio.Lock())
        async with lock:
            return await self._ask(request)

    async def _ask(self, request):
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream, limit=1 << 20)
        try:
            writer.write(request.head + request.body)
            await writer.drain()
            head = await _read_head(reader)
            if not head:
                raise ConnectionResetError("the server closed the connection")
            bodiless = request.method == "HEAD" or head.split(b" ", 2)[1] in (b"204", b"304")
            return head if bodiless else head + await _read_body(reader, head, until_end=True)
        finally:
            writer.close()


def _applies(kind, request, times):
    if kind in ("late", "very late"):
        return request.method in WRITES
    if kind == "conflict":
        return request.conditional
    if kind == "skewed" and times > 1:
        return False  # a client that has learnt the server's time is not told so again
    if kind in ("request timeout", "skewed"):
        return request.method != "HEAD"  # whose answer has no body that would tell
    if kind == "error in 200":
        return request.kind == "complete"
    return True


def _error(request, status, code, message):
    body = "" if request.method == "HEAD" else (
        f"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>"
        "<RequestId>HARM0001</RequestId></Error>")
    return (f"HTTP/1.1 {status} Harm\r\nx-amz-request-id: HARM0001\r\nContent-Type: application/xml\r\n"
            f"Date: {email.utils.formatdate(usegmt=True)}\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()
