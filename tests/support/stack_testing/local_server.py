"""HTTP servers of tests: on a free port of 127.0.0.1, answering until they are stopped."""
import http.server
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
