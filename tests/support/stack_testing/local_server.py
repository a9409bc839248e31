"""HTTP servers of tests: on a free port of 127.0.0.1, answering until they are stopped."""
import http.server
import socket
import threading


class QuietHandler(http.server.BaseHTTPRequestHandler):
    """One request after the other of a connection; says nothing on standard error."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def body(self):
        """The request's."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def reply(self, status, headers, text):
        """Answers with TEXT, of which HEAD gets but the headers."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def log_message(self, *arguments):
        """Nothing."""


class MuteServer:
    """Takes connections and requests, and answers none of them; `asked` is set once something has come."""

    def __init__(self):
        self.asked = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._taken = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        while True:
            try:
                self._taken.append(self._listener.accept()[0])
                self._taken[-1].recv(1)
            except OSError:
                return
            self.asked.set()

    def stop(self):
        """Ends the server."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._taken:
            connection.close()


class LocalServer:
    """Listens at `url` once it is started with a class of handlers."""

    def start(self, handler):
        """Serves in threads of its own."""
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()
