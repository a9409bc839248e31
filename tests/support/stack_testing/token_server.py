"""An OIDC provider in small: a token endpoint for the client credentials grant (RFC 6749, 4.4) that issues JWTs signed
with RS256, and the key set (RFC 7517) by which a broker checks them."""
import base64
import http.server
import json
import pathlib
import subprocess
import threading
import time
import urllib.parse


def _base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class TokenServer:
    """Listens on a free port of 127.0.0.1; `clients`: id to secret. A client's id is its tokens' subject."""

    AUDIENCE = "kafka"

    def __init__(self, folder, clients):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._clients = dict(clients)
        self.audience = self.AUDIENCE  # of tokens to come; another one than the broker expects makes it refuse them
        self.requests = []  # of each: client, scope
        self._key = self._make_key("token.key")
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self.token_url = f"{self.issuer}/token"
        self.keys_file = self._folder / "keys.json"
        self.keys_file.write_text(json.dumps(self._key_set()))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()

    def _make_key(self, name):
        subprocess.run(["openssl", "genrsa", "-out", name, "2048"], cwd=self._folder, capture_output=True, check=True)
        return self._folder / name

    def _key_set(self):
        printed = subprocess.run(["openssl", "rsa", "-in", self._key, "-noout", "-modulus"], capture_output=True,
                                 text=True, check=True).stdout
        modulus = bytes.fromhex(printed.strip().partition("=")[2])
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "e": "AQAB",
                          "n": _base64url(modulus)}]}

    def token(self, subject, scope="", lifetime=600):
        """A JWT for SUBJECT, valid for LIFETIME seconds."""
        now = int(time.time())
        header = {"alg": "RS256", "typ": "JWT", "kid": "1"}
        claims = {"iss": self.issuer, "sub": subject, "aud": self.audience, "iat": now, "exp": now + lifetime}
        if scope:  # Kafka takes no empty one
            claims["scope"] = scope
        text = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self._key], input=text.encode(),
                                capture_output=True, check=True).stdout
        return f"{text}.{_base64url(signed)}"

    def _grant(self, authorization, body):
        """The status and the answer to a request for a token."""
        fields = {name: values[0] for name, values in urllib.parse.parse_qs(body).items()}
        client, secret = fields.get("client_id", ""), fields.get("client_secret", "")
        if authorization.startswith("Basic "):
            client, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
            client, secret = urllib.parse.unquote(client), urllib.parse.unquote(secret)
        self.requests.append((client, fields.get("scope", "")))
        if fields.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        if not secret or self._clients.get(client) != secret:
            return 401, {"error": "invalid_client", "error_description": "Client authentication failed"}
        return 200, {"access_token": self.token(client, fields.get("scope", "")), "token_type": "Bearer",
                     "expires_in": 600}

    def _handler(self):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One request."""

            def do_POST(self):
                """POST /token."""
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                status, answer = owner._grant(self.headers.get("Authorization", ""), body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        return Handler
