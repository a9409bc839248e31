"""The services that hand out AWS credentials, as one HTTP(S) server of a test's own: what is asked and what is answered
is the test's to see and to say."""
import http.server
import json
import ssl
import threading


class AwsServer:
    """`answers[(method, path)]` is a function from a request to (status, text); `requests` are those that came."""

    def __init__(self, certificate=None, key=None):
        self.answers = {}
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Looks an answer up by method and path without query."""

            def handle_any(self):
                """One request."""
                self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                outer.requests.append(self)
                answer = outer.answers.get((self.command, self.path.partition("?")[0]), lambda request: (404, ""))
                status, text = answer(self)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *arguments):
                """Nothing on standard error."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https://localhost' if certificate else 'http://127.0.0.1'}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self):
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()


def credentials(key, secret, token, expires="2999-01-01T00:00:00Z"):
    """Credentials as metadata services give them."""
    return json.dumps({"Code": "Success", "AccessKeyId": key, "SecretAccessKey": secret, "Token": token,
                       "Expiration": expires})


def role_answer(key, secret, token, expires="2999-01-01T00:00:00Z"):
    """The answer of STS to AssumeRole."""
    return ("<AssumeRoleResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><AssumeRoleResult><Credentials>"
            f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
            f"<SessionToken>{token}</SessionToken><Expiration>{expires}</Expiration>"
            "</Credentials></AssumeRoleResult></AssumeRoleResponse>")


def refusal(code, message):
    """A refusal of STS."""
    return f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
