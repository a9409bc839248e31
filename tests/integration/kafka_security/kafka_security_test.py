"""The program and a real broker with every way to log in: the pipeline over each, what is said when a login or a right
is refused, and that no secret ever shows."""
import concurrent.futures
import contextlib
import itertools
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from confluent_kafka.admin import AclOperation, ResourceType  # noqa: E402
from stack_testing.certificates import PASSWORD_OF_KEYS  # noqa: E402
from stack_testing.program import PROGRAM, Process, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402
from stack_testing.secured_broker import (Acl, PASSWORDS, POOR, SECRETS, SUPER, SecuredBroker,  # noqa: E402
                                          settings_of_reader)
from stack_testing.topic_reader import make_topic, read_topic  # noqa: E402

DATA = ROOT / "examples" / "data" / "stocks.csv"
EVENTS = 20_000
REFUSED, USAGE, AWAY = 8, 2, 4
WRONG = "canary-wrong"  # a password or secret that is none of the broker's
CANARY = re.compile(rb"canary")


class SecuredCase(unittest.TestCase):
    """One broker for all cases, and a folder in which every output of the program stays."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-security-"))
        cls.work = cls.folder / "work"
        cls.work.mkdir()
        cls.broker = SecuredBroker(cls.folder / "broker")
        cls.broker.start()
        cls.numbers = itertools.count(1)

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)

    # How to come in through each listener: arguments, environment, and the independent reader's settings.

    def tls(self, listener="TLS"):
        return ["--bootstrap-servers", self.broker.addresses[listener], "--kafka-auth", "tls",
                "--kafka-ca", self.broker.authority.certificate]

    def mutual(self, certificate=None, key=None):
        return [*self.tls("MUTUAL"), "--kafka-cert", certificate or self.broker.client_certificate,
                "--kafka-key", key or self.broker.client_key]

    def password(self, mechanism, user=SUPER, listener="PASSWORDS"):
        return ["--bootstrap-servers", self.broker.addresses[listener], "--kafka-auth", mechanism, "--kafka-user", user,
                "--kafka-ca", self.broker.authority.certificate]

    def tokens(self, client=SUPER, url=None, listener="TOKENS"):
        return ["--bootstrap-servers", self.broker.addresses[listener], "--kafka-auth", "oauthbearer",
                "--kafka-ca", self.broker.authority.certificate, "--oauth-client-id", client,
                "--oauth-token-url", url or self.broker.tokens.token_url]

    def start(self, *arguments, **variables):
        return Process(self.work, f"run-{next(self.numbers)}", *arguments, **variables)

    def run_to_end(self, *arguments, timeout=60, **variables):
        """The exit code, what it said and how long it took."""
        began = time.monotonic()
        process = self.start(*arguments, **variables)
        code = process.wait(timeout)
        self.last_errors = process.errors()
        return code, self.last_errors, time.monotonic() - began

    @contextlib.contextmanager
    def together(self):
        """What is said to `refused` here is checked at once: most of it is waiting."""
        asked = []
        yield lambda *words, **how: asked.append((words, how))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(self.refused, *words, within=20, **how) for words, how in asked]
            for done in asked:
                done.result()

    def refused(self, code, *words, command=("topic", "describe", "any"), login, within=4.0, **variables):
        """The command ends with CODE in time, and its last line has all the words."""
        timeout = () if "--connect-timeout" in login else ("--connect-timeout", "20s")
        found, said, took = self.run_to_end(*command, *login, *timeout, **variables)
        self.assertEqual(found, code, said)
        last = said.strip().splitlines()[-1]
        self.assertTrue(last.startswith("stack: "), said)
        for word in words:
            self.assertIn(str(word), last)
        self.assertLess(took, within, said)
        self.assertLess(len(said.splitlines()), 8, said)
        return said


class SecurityTest(SecuredCase):
    """Every promise about security."""

    # The pipeline

    def pipeline(self, name, login, variables, reader):
        topic = f"feed-{name}"
        self.start("produce", DATA, "--limit", EVENTS, "--speed", "max", "--topic", topic, "--partitions", 2,
                   *login, **variables).succeed(60)
        self.start("sink", "--topic", topic, "--lake", self.work / name, "--until-end", *login, **variables).succeed(60)
        audit = self.start("verify", "--topic", topic, "--lake", self.work / name, *login, **variables).succeed(60)
        self.assertIn("lost 0\nduplicated 0", audit.output())
        sent = sorted(record.value for record in read_topic(None, topic, settings=reader))
        landed = sorted(line for file in (self.work / name / "ticks").glob("dt=*/*.ndjson")
                        for line in file.read_bytes().splitlines())
        self.assertEqual(len(sent), EVENTS)
        self.assertEqual(sent, landed)

    def test_pipeline_with_client_certificates(self):
        locked = self.broker.authority.encrypt_key("client")
        reader = settings_of_reader(self.broker, "MUTUAL", ssl_certificate_location=self.broker.client_certificate,
                                    ssl_key_location=self.broker.client_key)
        self.pipeline("mutual", self.mutual(key=locked), {"KAFKA_KEY_PASSWORD": PASSWORD_OF_KEYS}, reader)

    def test_pipeline_by_scram(self):
        file = self.work / "password"
        file.write_text(PASSWORDS[SUPER] + "\n")
        reader = settings_of_reader(self.broker, "SCRAM512", sasl_mechanisms="SCRAM-SHA-512", sasl_username=SUPER,
                                    sasl_password=PASSWORDS[SUPER])
        self.pipeline("scram", [*self.password("scram-sha-512", listener="SCRAM512"), "--kafka-password-file", file],
                      {}, reader)

    def test_pipeline_by_tokens(self):
        reader = settings_of_reader(self.broker, "TOKENS", sasl_mechanisms="OAUTHBEARER",
                                    sasl_oauthbearer_method="oidc", sasl_oauthbearer_client_id=SUPER,
                                    sasl_oauthbearer_client_secret=SECRETS[SUPER],
                                    sasl_oauthbearer_token_endpoint_url=self.broker.tokens.token_url)
        self.pipeline("tokens", [*self.tokens(), "--oauth-scope", "feed"],
                      {"STACK_OAUTH_CLIENT_SECRET": SECRETS[SUPER]}, reader)
        self.assertIn((SUPER, "feed"), self.broker.tokens.requests)

    def test_each_mechanism_and_each_place_of_a_password(self):
        describe = ("doctor", "--json")
        passwords = {"KAFKA_PASSWORD": PASSWORDS[SUPER]}
        settings = self.work / "kafka.toml"
        settings.write_text(
            f'bootstrap-servers = "{self.broker.addresses["PASSWORDS"]}"\nkafka-auth = "scram-sha-256"\n'
            f'[kafka]\nsasl.username = "{SUPER}"\n"sasl.password" = "{PASSWORDS[SUPER]}"\n'
            f'ssl.ca.location = "{self.broker.authority.certificate}"\n')
        variables = self.work / "kafka.env"
        variables.write_text(f"STACK_KAFKA_PASSWORD='{PASSWORDS[SUPER]}'\n")
        plaintext = [*self.password("plain", listener="OPEN")[:6], "--kafka-property",
                     "security.protocol=SASL_PLAINTEXT"]
        for login, given in (([*self.password("plain")], passwords),
                             ([*self.password("scram-sha-256"), "--env-file", variables], {}),
                             (["--config", settings], {}),
                             (["--config", settings, "--kafka-property", "sasl.mechanisms=SCRAM-SHA-512"], {}),
                             (plaintext, passwords),
                             (self.tls(), {})):
            code, said, _ = self.run_to_end(*describe, *login, **given)
            self.assertEqual(code, 0, f"{login}: {said}")
            self.assertNotIn("warning", said)

    def test_plain_without_tls_is_warned_of(self):
        login = ["--bootstrap-servers", "kafka.invalid:9092", "--kafka-auth", "plain", "--kafka-user", SUPER,
                 "--kafka-property", "security.protocol=sasl_plaintext", "--connect-timeout", "1s"]
        code, said, _ = self.run_to_end("topic", "describe", *login, KAFKA_PASSWORD=PASSWORDS[SUPER])
        self.assertEqual(code, AWAY)
        self.assertIn("warning: --kafka-auth plain without TLS", said)

    def test_every_command_of_the_document_works(self):
        """Those of docs/security.md, with this broker's addresses in place of the example's."""
        folder = self.work / "document"
        (folder / "build").mkdir(parents=True)
        (folder / "build" / "stack").symlink_to(PROGRAM)
        for source, name in ((DATA, "prices.csv"), (self.broker.authority.certificate, "ca.pem"),
                             (self.broker.client_certificate, "client.pem"), (self.broker.client_key, "client.key")):
            shutil.copy(source, folder / name)
        (folder / "password.txt").write_text(PASSWORDS[SUPER] + "\n")
        (folder / "secret.txt").write_text(SECRETS[SUPER])
        places = {"https://login.example.com/token": self.broker.tokens.token_url}
        for port, listener in ((9093, "TLS"), (9094, "MUTUAL"), (9095, "PASSWORDS"), (9096, "TOKENS")):
            places[f"kafka.example.com:{port}"] = self.broker.addresses[listener]
        text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
        for example, here in places.items():
            text = text.replace(example, here)
        settings, = re.findall(r"^```toml\n(.*?)^```", text, re.M | re.S)
        # Not yet where the first commands run: there it would speak as well.
        commands = [line for block in re.findall(r"^```bash\n(.*?)^```", text, re.M | re.S)
                    for line in block.replace("\\\n", " ").splitlines()]
        self.assertGreaterEqual(len(commands), 6)
        for command in commands:
            if "stack.toml" in command:
                (folder / "stack.toml").write_text(settings)
            done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment(), capture_output=True,
                                  text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")

    # Refused logins

    def test_wrong_passwords(self):
        with self.together() as refused:
            for mechanism in ("plain", "scram-sha-256", "scram-sha-512"):
                refused(REFUSED, self.broker.addresses["PASSWORDS"], f"user {SUPER}", mechanism.upper(), "password",
                             login=self.password(mechanism), KAFKA_PASSWORD=WRONG)
            refused(REFUSED, "user nobody", login=self.password("scram-sha-512", "nobody"), KAFKA_PASSWORD=WRONG)

    def test_every_command_says_so(self):
        with self.together() as refused:
            for command in (["produce", DATA, "--limit", 10], ["sink", "--lake", self.work / "none"],
                            ["topic", "create", "any"], ["run", DATA, "--limit", 10]):
                refused(REFUSED, f"user {SUPER}", command=command, login=self.password("scram-sha-512"),
                        KAFKA_PASSWORD=WRONG)
        code, _, _ = self.run_to_end("doctor", *self.password("plain"), KAFKA_PASSWORD=WRONG)
        self.assertEqual(code, 1)

    def test_mechanisms_and_protocols_that_are_not_there(self):
        with self.together() as refused:
            given = {"KAFKA_PASSWORD": PASSWORDS[SUPER]}
            refused(REFUSED, "PLAIN", "SCRAM-SHA-512", "--kafka-auth",
                    login=self.password("plain", listener="SCRAM512"),
                         **given)
            refused(REFUSED, "no login by SASL", "--kafka-auth tls", login=self.password("plain", listener="TLS"),
                         **given)
            short = ["--connect-timeout", "10s"]
            refused(AWAY, self.broker.addresses["PLAINTEXT"], "does not answer in TLS",
                         login=[*self.tls("PLAINTEXT"), *short])
            for listener in ("TLS", "OPEN"):
                refused(AWAY, self.broker.addresses[listener], "want TLS or a login",
                             login=["--bootstrap-servers", self.broker.addresses[listener], *short])
            refused(AWAY, "login by SASL", login=[*self.tls("PASSWORDS"), *short])

    def test_certificates_of_servers(self):
        with self.together() as refused:
            refused(REFUSED, "the system's authorities", "--kafka-ca", login=self.tls()[:4])
            refused(REFUSED, "none of the authorities in",
                         login=[*self.tls()[:4], "--kafka-ca", self.broker.stranger.certificate])
            refused(REFUSED, self.broker.addresses["EXPIRED"], "has expired", login=self.tls("EXPIRED"))
            refused(REFUSED, "another name", "advertised.listeners", login=self.tls("ELSEWHERE"))

    def test_certificates_of_clients(self):
        with self.together() as refused:
            refused(REFUSED, "wants a certificate", "--kafka-cert", login=self.tls("MUTUAL"))
            refused(REFUSED, "does not take this client's certificate",
                         login=self.mutual(self.broker.strange_certificate, self.broker.strange_key))
            refused(USAGE, "does not belong to the certificate", login=self.mutual(key=self.broker.strange_key))
            locked = self.broker.authority.encrypt_key("client")
            refused(USAGE, "KAFKA_KEY_PASSWORD", login=self.mutual(key=locked), KAFKA_KEY_PASSWORD=WRONG)
            refused(USAGE, "KAFKA_KEY_PASSWORD", login=self.mutual(key=locked))

    def test_tokens_that_are_not_given_or_not_taken(self):
        tokens = self.broker.tokens
        self.refused(REFUSED, tokens.token_url, f"client {SUPER}", "401", login=self.tokens(),
                     STACK_OAUTH_CLIENT_SECRET=WRONG)
        self.refused(AWAY, "http://127.0.0.1:1/token", "--oauth-token-url",
                     login=[*self.tokens(url="http://127.0.0.1:1/token"), "--connect-timeout", "2s"],
                     STACK_OAUTH_CLIENT_SECRET=SECRETS[SUPER])
        tokens.audience = "somebody-else"
        try:
            self.refused(REFUSED, self.broker.addresses["TOKENS"], "OAUTHBEARER", "invalid_token", "audience",
                         login=self.tokens(), STACK_OAUTH_CLIENT_SECRET=SECRETS[SUPER])
        finally:
            tokens.audience = tokens.AUDIENCE

    def test_options_that_do_not_go_together(self):
        with self.together() as refused:
            servers = ["--bootstrap-servers", "127.0.0.1:1"]
            for words, login in ((["--kafka-user", "KAFKA_PASSWORD"], [*servers, "--kafka-auth", "plain"]),
                                 (["--oauth-token-url"], [*servers, "--kafka-auth", "oauthbearer"]),
                                 (["--kafka-ca", "TLS"], [*servers, "--kafka-ca", "x"]),
                                 (["--kafka-cert"], [*servers, "--kafka-auth", "tls", "--kafka-key", "x"]),
                                 (["--kafka-ca: /none"], [*servers, "--kafka-auth", "tls", "--kafka-ca", "/none"]),
                                 (["--kafka-auth"], [*servers, "--kafka-user", "me"]),
                                 (["--oauth-scope"], [*servers, "--kafka-auth", "tls", "--oauth-scope", "x"]),
                                 (["security.protocol"], [*servers, "--kafka-auth", "tls", "--kafka-property",
                                                          "security.protocol=plaintext"]),
                                 (["scram-sha-512"], [*servers, "--kafka-auth", "scram"]),
                                 (["local broker"], ["--kafka-auth", "tls"]),
                                 (["--kafka-password-file"], [*servers, "--kafka-auth", "plain", "--kafka-user", "me",
                                                              "--kafka-password-file", "/none"])):
                refused(USAGE, *words, login=login)

    # Rights

    def test_rights_that_are_missing(self):
        login, given = self.password("scram-sha-512", POOR), {"KAFKA_PASSWORD": PASSWORDS[POOR]}
        who, topic = f"user {POOR}", "guarded"

        def refused(operation, resource, command):
            self.refused(REFUSED, self.broker.addresses["PASSWORDS"], who, f"operation {operation} on {resource}",
                         command=command, login=login, within=8, **given)

        def allow(resource, name, *operations):
            self.broker.allow(*(Acl(POOR, resource, name, operation) for operation in operations))

        make_topic(self.broker.admin(), topic)
        produce = ["produce", DATA, "--limit", "10", "--topic", topic]
        sink = ["sink", "--topic", topic, "--lake", self.work / "guarded", "--until-end"]
        refused("Describe", f"topic {topic}", ["topic", "describe", topic])
        refused("Describe", f"topic {topic}", sink)
        allow(ResourceType.TOPIC, topic, AclOperation.DESCRIBE)
        refused("Write", "transactional id stack-", produce)
        identifier = re.search(r"transactional id (\S+):", self.last_errors)[1]
        allow(ResourceType.TRANSACTIONAL_ID, identifier, AclOperation.WRITE, AclOperation.DESCRIBE)
        refused("Write", f"topic {topic}", produce)
        allow(ResourceType.TOPIC, topic, AclOperation.WRITE)
        self.start(*produce, *login, **given).succeed(30)
        missing = {"topic": ResourceType.TOPIC, "consumer group": ResourceType.GROUP}
        while missing:  # which of the two is refused first is the brokers' affair
            refused("Read", "", sink)
            kind, name = re.search(r"operation Read on (topic|consumer group) (\S+):", self.last_errors).groups()
            allow(missing.pop(kind), name, AclOperation.READ)
        self.start(*sink, *login, **given).succeed(30)
        allow(ResourceType.TOPIC, "new", AclOperation.DESCRIBE)
        refused("Create", "topic new", ["topic", "create", "new"])

    def test_events_that_are_too_large(self):
        make_topic(self.broker.admin(), "small", max_message_bytes="300")
        self.refused(USAGE, "of AAPL", "bytes", "max.message.bytes", "batch.size",
                     command=["produce", DATA, "--limit", 1000, "--speed", "max", "--topic", "small",
                              "--symbols", "AAPL"],
                     login=self.tls(), within=10)

    # While it runs

    def test_a_password_that_is_changed_under_a_running_client(self):
        login = [*self.password("scram-sha-256", "rotated", "AGAIN"), "--connect-timeout", "5s"]
        given = {"KAFKA_PASSWORD": PASSWORDS["rotated"]}
        topic = "rotating"
        make_topic(self.broker.admin(), topic)
        self.broker.allow(Acl("rotated", ResourceType.TOPIC, topic, AclOperation.ALL),
                          Acl("rotated", ResourceType.TRANSACTIONAL_ID, "*", AclOperation.ALL),
                          Acl("rotated", ResourceType.GROUP, "*", AclOperation.ALL))
        producer = self.start("produce", DATA, "--rate", "20", "--topic", topic, *login, **given)
        sink = self.start("sink", "--topic", topic, "--lake", self.work / "rotating", "--rotate-age", "500ms",
                          *login, **given)
        deadline = time.monotonic() + 30
        while not list((self.work / "rotating").glob("ticks/dt=*/*")):
            self.assertLess(time.monotonic(), deadline, f"{producer.errors()}\n{sink.errors()}")
            time.sleep(0.1)
        time.sleep(2.5)  # both have logged in again meanwhile
        self.assertTrue(producer.alive() and sink.alive(), f"{producer.errors()}\n{sink.errors()}")
        self.broker.set_password("rotated", "canary-password-new")
        for process in (producer, sink):
            code = process.wait(40)
            said = process.errors()
            self.assertEqual(code, REFUSED, said)
            self.assertIn("user rotated", said.strip().splitlines()[-1])
            self.assertGreaterEqual(said.count("refuses user rotated"), 2, said)  # while it waited, and at the end
            self.assertLess(len(said.splitlines()), 25, said)

    # Secrets; the last of all, over what the others have left

    def test_zz_no_secret_shows(self):
        address = self.broker.addresses["PASSWORDS"]
        base = ["--bootstrap-servers", address, "--connect-timeout", "1s"]
        loud = ["--verbose", "--kafka-property", "debug=all"]
        pem = self.broker.client_key.read_text()
        (self.work / "pem.toml").write_text(f'bootstrap-servers = "{address}"\n[kafka]\n'
                                            f"ssl.key.pem = '''canary{pem}'''\nssl.certificate.pem = \"x\"\n"
                                            'security.protocol = "ssl"\n')
        (self.work / "bad.toml").write_text("[kafka]\nsasl.pasword = 'canary'\n")
        (self.work / "bad2.toml").write_text("kafka-password = canary-1\n")
        (self.work / "bad3.toml").write_text("kafka-pasword = 'canary-1'\n")
        (self.work / "bad.env").write_text("KAFKA_PASSWORD canary\n")
        for arguments, variables in (
                (["--kafka-password", "canary-x", *loud, *self.password("plain")[2:]], {}),
                (["--kafka-property", "sasl.pasword=canary-x"], {}),
                (["--kafka-property", "sasl.password:canary-x"], {}),
                (["--kafka-property", "canary"], {}),
                (["--kafka-property", "=canary"], {}),
                (["--kafka-property", f"ssl.key.pem=canary\n{pem}"], {}),
                (["--kafka-property", "sasl.jaas.config=canary"], {}),
                (["--kafka-property", "ssl.keystore.password=canary",
                  "--kafka-property", "ssl.keystore.location=/none"], {}),
                (["--kafka-property", "sasl.oauthbearer.config=canary", "--kafka-auth", "oauthbearer", *loud], {}),
                (["--kafka-property", "sasl.oauthbearer.client.credentials.client.secret=canary", *loud], {}),
                (["--kafka-property", "sasl.oauthbearer.assertion.private.key.passphrase=canary", *loud], {}),
                ([*self.tokens(url="http://canary:canary@127.0.0.1:1/token?key=canary")[2:], *loud],
                 {"STACK_OAUTH_CLIENT_SECRET": "canary"}),
                (["--kafka-auth", "plian", "--kafka-password", "canary"], {}),
                (["--kafka-pasword=canary-x"], {}),
                (["--config", "pem.toml", *loud], {}),
                (["--config", "bad.toml"], {}),
                (["--config", "bad2.toml"], {}),
                (["--config", "bad3.toml"], {}),
                (["--env-file", "bad.env"], {}),
                (["--kafka-auth", "plain", "--kafka-user", "me"],
                 {"STACK_KAFKA_PROPERTY": "sasl.password=ab,canary-behind-a-comma"}),
                ([], {"STACK_KAFKA_PROPERTY": "sasl.pasword=canary"}),
                ([], {"STACK_KAFKA_PASWORD": "canary"})):
            code, _, _ = self.run_to_end("topic", "describe", "any", *base, *arguments, **variables)
            self.assertNotEqual(code, 0, arguments)
        inputs = {"kafka.toml", "kafka.env", "password", "pem.toml", "bad.toml", "bad2.toml", "bad3.toml", "bad.env",
                  "password.txt", "secret.txt"}
        looked_at = 0
        for file in self.work.rglob("*"):
            if not file.is_file() or file.name in inputs:
                continue
            looked_at += 1
            self.assertNotRegex(file.read_bytes(), CANARY, f"{file}")
        self.assertGreater(looked_at, 2 * 40)


if __name__ == "__main__":
    sys.exit(run_cases(SecurityTest))
