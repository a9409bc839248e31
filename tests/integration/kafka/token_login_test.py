"""Logins by tokens that the program makes itself: a producer, a consumer and an idle admin client over several lifetimes
of their tokens at a real broker that asks them to log in again; and what goes over the wire to an Amazon MSK broker.

Usage: token_login_test.py TOKEN_CLIENT
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing.broker import Broker, free_port  # noqa: E402
from stack_testing.certificates import Authority  # noqa: E402
from stack_testing.msk_broker import MskBroker  # noqa: E402
from stack_testing.msk_token import MskToken  # noqa: E402
from stack_testing.program import PROGRAM, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

CLIENT = sys.argv.pop(1)
SECRET = "canary/secret+key"
BEARER = "org.apache.kafka.common.security.oauthbearer."


class OpenTokens(Broker):
    """A broker that takes unsigned tokens on a listener of its own, for eight seconds at a time."""

    def __init__(self, folder):
        self.tokens = f"127.0.0.1:{free_port()}"
        inner, controller = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        super().__init__(folder, {
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"PLAINTEXT://{inner},TOKENS://{self.tokens},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{inner},TOKENS://{self.tokens}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,TOKENS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.name.tokens.sasl.enabled.mechanisms": "OAUTHBEARER",
            "listener.name.tokens.oauthbearer.connections.max.reauth.ms": 8000,
            "listener.name.tokens.oauthbearer.sasl.jaas.config":
                f'{BEARER}OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
        })
        self.address = inner
        self.port = int(inner.rpartition(":")[2])


class Renewal(unittest.TestCase):
    """Tokens that end while the clients run."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-tokens-"))
        cls.broker = OpenTokens(cls.folder / "broker")
        cls.broker.start()

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def start(self, topic, seconds, lifetime, fails_from=0, fails_until=0):
        """The clients, at work."""
        return subprocess.Popen([CLIENT, self.broker.tokens, topic, *map(str, (seconds, lifetime, fails_from, fails_until, 20))],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self, client):
        """Their summary and their notices."""
        out, notices = client.communicate(timeout=90)
        self.assertEqual(client.returncode, 0, out + notices)
        return json.loads(out), notices

    def test_over_lifetimes_and_through_a_gap(self):
        steady = self.start("steady", 26, lifetime=10)
        broken = self.start("broken", 28, lifetime=10, fails_from=6, fails_until=14)

        told, notices = self.finish(steady)
        self.assertEqual(told["errors"], ["", "", ""])
        self.assertEqual(told["read"], told["sent"])
        self.assertGreater(told["sent"], 90)
        self.assertGreaterEqual(told["made"], 9, "three clients, each renewing every eight seconds")
        self.assertNotRegex(notices, "(?i)sasl|auth|token")

        told, notices = self.finish(broken)
        self.assertEqual(told["errors"], ["", "", ""])
        self.assertEqual(told["read"], told["sent"], "nothing lost, nothing twice through the gap")
        self.assertGreaterEqual(told["failed"], 1)
        self.assertIn("the source of tokens is away", notices)

    def test_a_source_that_never_has_a_token_is_an_error_in_time(self):
        client = subprocess.run([CLIENT, self.broker.tokens, "never", "5", "10", "0", "99", "2"], capture_output=True, text=True,
                                timeout=60, check=False)
        self.assertEqual(client.returncode, 4, client.stderr)
        self.assertIn(f"login to Kafka at {self.broker.tokens}: the source of tokens is away", client.stderr)


class MskLogin(unittest.TestCase):
    """`sasl.mechanism=AWS_MSK_IAM` at a broker that speaks Kafka's protocol as far as the login goes, over TLS."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-msk-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        authority = Authority(self.folder / "tls", "authority")
        self.broker = MskBroker(*authority.issue("server", "localhost", "DNS:localhost"))
        self.addCleanup(self.broker.stop)
        self.certificate = authority.certificate

    def describe(self, *arguments, **variables):
        """`stack topic describe` at the broker; AWS's variables are the test's alone."""
        done = subprocess.run([str(PROGRAM), "topic", "describe", "ticks", "--bootstrap-servers", self.broker.address,
                               "--connect-timeout", "2s", "--kafka-property", f"ssl.ca.location={self.certificate}",
                               *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
                              env=environment(HOME=str(self.folder), AWS_EC2_METADATA_DISABLED="true", **variables))
        self.assertNotIn("canary", done.stdout + done.stderr)
        return done

    def check_login(self, *arguments):
        """Logs in as ARGUMENTS say, and looks at what the broker saw."""
        self.describe(*arguments, "--region", "eu-west-1", AWS_ACCESS_KEY_ID="USER", AWS_SECRET_ACCESS_KEY=SECRET,
                      AWS_SESSION_TOKEN="canary-session")
        mechanism, message = self.broker.logins[0]
        self.assertEqual(mechanism, "OAUTHBEARER")
        fields = message.split("\x01")
        self.assertTrue(fields[1].startswith("auth=Bearer "), fields)  # RFC 7628, 3.1
        token = MskToken(fields[1].removeprefix("auth=Bearer "))
        self.assertTrue(token.is_signed_with(SECRET))
        self.assertEqual((token.access_key_id, token.session_token, token.region), ("USER", "canary-session", "eu-west-1"))

    def test_the_token_goes_over_tls(self):
        self.check_login("--kafka-property", "sasl.mechanism=AWS_MSK_IAM")

    def test_the_option_does_the_same(self):
        self.check_login("--kafka-auth", "msk-iam")

    def test_no_credentials_are_an_error_at_once(self):
        done = self.describe("--kafka-property", "sasl.mechanisms=AWS_MSK_IAM", "--region", "eu-west-1")
        self.assertEqual(done.returncode, 8, done.stderr)
        self.assertIn(f"login to Kafka at {self.broker.address}: no AWS credentials here: tried", done.stderr)
        self.assertEqual(self.broker.logins, [])

    def test_a_protocol_without_login_is_refused(self):
        done = self.describe("--kafka-property", "sasl.mechanism=AWS_MSK_IAM", "--kafka-property", "security.protocol=ssl",
                             "--region", "eu-west-1", AWS_ACCESS_KEY_ID="USER", AWS_SECRET_ACCESS_KEY=SECRET)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("security.protocol=ssl", done.stderr)


if __name__ == "__main__":
    sys.exit(run_cases(Renewal, MskLogin))
