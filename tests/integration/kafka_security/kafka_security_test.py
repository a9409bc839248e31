"""The program and a real broker with every way to log in: the pipeline over each, what is said when a login or a right
is refused, and that no secret ever shows."""
import pathlib
import re
import shutil
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from confluent_kafka.admin import AclOperation, ResourceType  # noqa: E402
from stack_testing.certificates import PASSWORD_OF_KEYS  # noqa: E402
from stack_testing.program import Process  # noqa: E402
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
        cls.ran = 0

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
        type(self).ran += 1
        return Process(self.work, f"run-{self.ran}", *arguments, **variables)

    def run_to_end(self, *arguments, timeout=60, **variables):
        """The exit code, what it said and how long it took."""
        began = time.monotonic()
        process = self.start(*arguments, **variables)
        code = process.wait(timeout)
        self.last_errors = process.errors()
        return code, self.last_errors, time.monotonic() - began

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
        reader = settings_of_reader(self.broker, "TOKENS", sasl_mechanisms="OAUTHBEARER", sasl_oauthbearer_method="oidc",
                                    sasl_oauthbearer_client_id=SUPER, sasl_oauthbearer_client_secret=SECRETS[SUPER],
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

    # Refused logins

    def test_wrong_passwords(self):
        for mechanism in ("plain", "scram-sha-256", "scram-sha-512"):
            self.refused(REFUSED, self.broker.addresses["PASSWORDS"], f"user {SUPER}", mechanism.upper(), "password",
                         login=self.password(mechanism), KAFKA_PASSWORD=WRONG)
        self.refused(REFUSED, "user nobody", login=self.password("scram-sha-512", "nobody"), KAFKA_PASSWORD=WRONG)

    def test_every_command_says_so(self):
        for command in (["produce", DATA, "--limit", 10], ["sink", "--lake", self.work / "none"],
                        ["topic", "create", "any"], ["run", DATA, "--limit", 10]):
            self.refused(REFUSED, f"user {SUPER}", command=command, login=self.password("scram-sha-512"),
                         KAFKA_PASSWORD=WRONG)
        code, _, _ = self.run_to_end("doctor", *self.password("plain"), KAFKA_PASSWORD=WRONG)
        self.assertEqual(code, 1)

    def test_mechanisms_and_protocols_that_are_not_there(self):
        given = {"KAFKA_PASSWORD": PASSWORDS[SUPER]}
        self.refused(REFUSED, "PLAIN", "SCRAM-SHA-512", "--kafka-auth", login=self.password("plain", listener="SCRAM512"),
                     **given)
        self.refused(REFUSED, "no login by SASL", "--kafka-auth tls", login=self.password("plain", listener="TLS"),
                     **given)
        short = ["--connect-timeout", "2s"]
        self.refused(AWAY, self.broker.addresses["PLAINTEXT"], "does not answer in TLS",
                     login=[*self.tls("PLAINTEXT"), *short])
        for listener in ("TLS", "OPEN"):
            self.refused(AWAY, self.broker.addresses[listener], "want TLS or a login",
                         login=["--bootstrap-servers", self.broker.addresses[listener], *short])
        self.refused(AWAY, "login by SASL", login=[*self.tls("PASSWORDS"), *short])

    def test_certificates_of_servers(self):
        self.refused(REFUSED, "the system's authorities", "--kafka-ca", login=self.tls()[:4])
        self.refused(REFUSED, "none of the authorities in",
                     login=[*self.tls()[:4], "--kafka-ca", self.broker.stranger.certificate])
        self.refused(REFUSED, self.broker.addresses["EXPIRED"], "has expired", login=self.tls("EXPIRED"))
        self.refused(REFUSED, "another name", "advertised.listeners", login=self.tls("ELSEWHERE"))

    def test_certificates_of_clients(self):
        self.refused(REFUSED, "wants a certificate", "--kafka-cert", login=self.tls("MUTUAL"))
        self.refused(REFUSED, "does not take this client's certificate",
                     login=self.mutual(self.broker.strange_certificate, self.broker.strange_key))
        self.refused(USAGE, "does not belong to the certificate", login=self.mutual(key=self.broker.strange_key))
        locked = self.broker.authority.encrypt_key("client")
        self.refused(USAGE, "KAFKA_KEY_PASSWORD", login=self.mutual(key=locked), KAFKA_KEY_PASSWORD=WRONG)
        self.refused(USAGE, "KAFKA_KEY_PASSWORD", login=self.mutual(key=locked))

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
            self.refused(USAGE, *words, login=login, within=2)

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
        refused("Read", "consumer group ", sink)
        group = re.search(r"consumer group (\S+):", self.last_errors)[1]
        allow(ResourceType.GROUP, group, AclOperation.READ)
        refused("Read", f"topic {topic}", sink)
        allow(ResourceType.TOPIC, topic, AclOperation.READ)
        self.start(*sink, *login, **given).succeed(30)
        refused("Create", "topic new", ["topic", "create", "new"])

    def test_events_that_are_too_large(self):
        make_topic(self.broker.admin(), "small", max_message_bytes="300")
        self.refused(USAGE, "of AAPL", "bytes", "max.message.bytes", "batch.size",
                     command=["produce", DATA, "--limit", 1000, "--speed", "max", "--topic", "small", "--symbols", "AAPL"],
                     login=self.tls(), within=10)

    # While it runs

    def test_a_password_that_is_changed_under_a_running_client(self):
        login = [*self.password("scram-sha-256", "rotated"), "--connect-timeout", "6s"]
        given = {"KAFKA_PASSWORD": PASSWORDS["rotated"]}
        topic = "rotating"
        make_topic(self.broker.admin(), topic)
        self.broker.allow(Acl("rotated", ResourceType.TOPIC, topic, AclOperation.ALL),
                          Acl("rotated", ResourceType.TRANSACTIONAL_ID, "*", AclOperation.ALL),
                          Acl("rotated", ResourceType.GROUP, "*", AclOperation.ALL))
        producer = self.start("produce", DATA, "--rate", "20", "--topic", topic, *login, **given)
        sink = self.start("sink", "--topic", topic, "--lake", self.work / "rotating", *login, **given)
        producer.wait_for("feed", 20)
        deadline = time.monotonic() + 20
        while not list((self.work / "rotating").glob("_stack/claims/**/*")) and time.monotonic() < deadline:
            if len(read_topic(self.broker.address, topic)) > 20:
                break
            time.sleep(0.2)
        self.broker.set_password("rotated", "canary-password-new")
        self.broker.stop_process()
        self.broker.start()
        for process in (producer, sink):
            code = process.wait(40)
            said = process.errors()
            self.assertEqual(code, REFUSED, said)
            self.assertIn("user rotated", said.strip().splitlines()[-1])
            self.assertIn("no login to Kafka at", said)
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
                (["--kafka-property", "ssl.keystore.password=canary", "--kafka-property", "ssl.keystore.location=/none"],
                 {}),
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
        inputs = {"kafka.toml", "kafka.env", "password", "pem.toml", "bad.toml", "bad2.toml", "bad3.toml", "bad.env"}
        looked_at = 0
        for file in self.work.rglob("*"):
            if not file.is_file() or file.name in inputs:
                continue
            looked_at += 1
            self.assertNotRegex(file.read_bytes(), CANARY, f"{file}")
        self.assertGreater(looked_at, 2 * 40)


if __name__ == "__main__":
    sys.exit(run_cases(SecurityTest))
