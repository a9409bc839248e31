"""A broker that speaks Kafka's protocol over TLS as far as a login by SASL goes, and keeps what was said in it."""
import contextlib
import socketserver
import ssl
import struct
import threading

_API_VERSIONS, _SASL_HANDSHAKE, _SASL_AUTHENTICATE = 18, 17, 36
# API key and newest version: enough for a client to believe that it is a broker.
_SUPPORTED = ((3, 1), (_SASL_HANDSHAKE, 1), (_API_VERSIONS, 0), (_SASL_AUTHENTICATE, 0))


class MskBroker:
    """`logins` are the mechanisms and messages of the logins that came, which all succeed; then the connection ends."""

    def __init__(self, certificate, key):
        self.logins = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            """One connection."""

            def handle(self):
                """Answers requests up to the login."""
                with contextlib.suppress(OSError, EOFError):
                    self.connection = context.wrap_socket(self.request, server_side=True)
                    while self.answer(*self.read_request()):
                        pass

            def read_request(self):
                """API, correlation id and the request behind its header."""
                request = self.read(struct.unpack(">i", self.read(4))[0])
                api, version, correlation, client = struct.unpack_from(">hhih", request)
                return api, version, correlation, request[10 + max(client, 0):]

            def read(self, size):
                """So many bytes."""
                data = b""
                while len(data) < size:
                    piece = self.connection.recv(size - len(data))
                    if not piece:
                        raise EOFError
                    data += piece
                return data

            def send(self, correlation, response):
                """A response behind its header."""
                self.connection.sendall(struct.pack(">ii", len(response) + 4, correlation) + response)

            def answer(self, api, version, correlation, request):
                """Whether to go on."""
                if api == _API_VERSIONS:
                    error = 35 if version > 0 else 0  # UNSUPPORTED_VERSION: the client asks again with version 0
                    apis = b"".join(struct.pack(">hhh", key, 0, newest) for key, newest in _SUPPORTED)
                    self.send(correlation, struct.pack(">hi", error, len(_SUPPORTED)) + apis)
                    return True
                if api == _SASL_HANDSHAKE:
                    self.mechanism = request[2:].decode()
                    self.send(correlation, struct.pack(">hih", 0, 1, len(self.mechanism)) + self.mechanism.encode())
                    return True
                if api == _SASL_AUTHENTICATE:
                    outer.logins.append((self.mechanism, request[4:].decode()))
                    self.send(correlation, struct.pack(">hhi", 0, -1, 0))
                return False

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        """Ends the broker."""
        self._server.shutdown()
        self._server.server_close()
