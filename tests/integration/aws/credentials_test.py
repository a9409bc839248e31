"""Where `stack kafka token` finds AWS credentials, from outside: every source of the chain, each with a service of the
test's own behind it, in an environment that holds nothing of this machine; roles assumed at moto; and what is said when
a source refuses. Each token's signature is checked by botocore with the secret that the source gave.
"""
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing.aws_server import AwsServer, credentials, refusal, role_answer  # noqa: E402
from stack_testing.broker import free_port  # noqa: E402
from stack_testing.certificates import Authority  # noqa: E402
from stack_testing.moto_server import Moto  # noqa: E402
from stack_testing.msk_token import MskToken  # noqa: E402
from stack_testing.program import PROGRAM  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

USAGE, UNREACHABLE, ACCESS = 2, 4, 8
ROLE = "arn:aws:iam::123456789012:role/feed"
SECRET = "canary/secret+key"  # in no output, ever
SESSION = "canary/session+token=="
KEYS = {"AWS_ACCESS_KEY_ID": "USER", "AWS_SECRET_ACCESS_KEY": SECRET}


class CredentialsTest(unittest.TestCase):
    """A home folder of the test's own, a server, and `stack kafka token`."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="stack-aws-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.aws = AwsServer()
        self.addCleanup(self.aws.stop)

    def file(self, path, text):
        """A file in the home folder."""
        (self.home / path).parent.mkdir(parents=True, exist_ok=True)
        (self.home / path).write_text(text)

    def run_token(self, *arguments, metadata=False, **variables):
        """The finished process, run with these variables and no others."""
        clean = {"HOME": str(self.home), "PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": str(not metadata).lower(),
                 **variables}
        done = subprocess.run([str(PROGRAM), "kafka", "token", "--json", "--region", "eu-west-1", *arguments],
                              cwd=self.home, env=clean, capture_output=True, text=True, timeout=60, check=False)
        self.assertNotIn("canary", done.stderr, "a secret in an error")
        self.assertNotIn(SECRET, done.stdout)
        return done

    def token(self, *arguments, secret=SECRET, **variables):
        """The token that is printed, its signature checked."""
        done = self.run_token(*arguments, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.answer = json.loads(done.stdout)
        token = MskToken(self.answer["token"])
        self.assertTrue(token.is_signed_with(secret), token.url)
        return token

    def refused(self, code, *arguments, **variables):
        """The error of a run that fails with CODE, one line."""
        done = self.run_token(*arguments, **variables)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr


class Sources(CredentialsTest):
    """The chain."""

    def test_the_environment(self):
        token = self.token(**KEYS, AWS_SESSION_TOKEN=SESSION)
        self.assertEqual((token.access_key_id, token.session_token, token.region, token.host),
                         ("USER", SESSION, "eu-west-1", "kafka.eu-west-1.amazonaws.com"))
        lasts = self.answer["expires"] / 1000 - time.time()
        self.assertTrue(890 < lasts <= 900, lasts)
        self.assertEqual(self.answer["region"], "eu-west-1")

    def test_the_token_alone_without_json(self):
        done = subprocess.run([str(PROGRAM), "kafka", "token", "--region", "eu-west-1"], cwd=self.home, capture_output=True,
                              text=True, check=True, env={"HOME": str(self.home), **KEYS})
        self.assertTrue(MskToken(done.stdout.strip()).is_signed_with(SECRET))
        self.assertEqual(done.stderr, "")

    def test_the_region_of_the_brokers_goes_before_the_environments(self):
        servers = "b-1.demo.abc123.c2.kafka.us-gov-west-1.amazonaws.com:9098"
        for arguments, variables, region in (
                (("--bootstrap-servers", servers), {"AWS_REGION": "eu-west-1"}, "us-gov-west-1"),
                ((), {"AWS_REGION": "cn-north-1", "AWS_DEFAULT_REGION": "eu-west-1"}, "cn-north-1"),
                ((), {"AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-3"),
                ((), {"AWS_PROFILE": "far"}, "ap-south-1")):
            self.file(".aws/config", "[profile far]\nregion = ap-south-1\n")
            done = subprocess.run([str(PROGRAM), "kafka", "token", *arguments], capture_output=True, text=True, check=True,
                                  cwd=self.home, env={"HOME": str(self.home), **KEYS, **variables})
            self.assertEqual(MskToken(done.stdout.strip()).region, region)

    def test_profiles_in_both_files(self):
        self.file(".aws/credentials", f"[dev]\naws_access_key_id = DEV\naws_secret_access_key = {SECRET}\n")
        self.file(".aws/config", f"[default]\naws_access_key_id = DEF\naws_secret_access_key = {SECRET}\n")
        self.assertEqual(self.token().access_key_id, "DEF")
        self.assertEqual(self.token(AWS_PROFILE="dev").access_key_id, "DEV")

    def test_a_process(self):
        answer = json.dumps({"Version": 1, "AccessKeyId": "PROC", "SecretAccessKey": SECRET, "SessionToken": SESSION})
        self.file("print.sh", f"#!/bin/sh\necho '{answer}'\n")
        self.file(".aws/config", f"[default]\ncredential_process = sh '{self.home}/print.sh' --with 'two words'\n")
        token = self.token()
        self.assertEqual((token.access_key_id, token.session_token), ("PROC", SESSION))

    def test_a_container(self):
        self.aws.answers["GET", "/role"] = lambda request: (
            (200, credentials("CONT", SECRET, SESSION)) if request.headers["Authorization"] == "canary-auth" else (403, ""))
        self.file("token", "canary-auth\n")
        full = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.aws.url + "/role"}
        self.assertEqual(self.token(**full, AWS_CONTAINER_AUTHORIZATION_TOKEN="canary-auth").access_key_id, "CONT")
        self.assertEqual(self.token(**full, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(self.home / "token"))
                         .access_key_id, "CONT")
        self.assertIn("HTTP 403", self.refused(ACCESS, **full, AWS_CONTAINER_AUTHORIZATION_TOKEN="canary-wrong"))

    def test_an_instance_with_a_role(self):
        roles = "/latest/meta-data/iam/security-credentials/"
        self.aws.answers["PUT", "/latest/api/token"] = lambda request: (
            (200, "canary-imds") if request.headers["X-aws-ec2-metadata-token-ttl-seconds"] == "21600" else (400, ""))

        def with_token(text):
            return lambda request: (200, text) if request.headers["X-aws-ec2-metadata-token"] == "canary-imds" else (401, "")

        self.aws.answers["GET", roles] = with_token("sinks")
        self.aws.answers["GET", roles + "sinks"] = with_token(credentials("INST", SECRET, SESSION))
        token = self.token(metadata=True, AWS_EC2_METADATA_SERVICE_ENDPOINT=self.aws.url)
        self.assertEqual((token.access_key_id, token.session_token), ("INST", SESSION))
        self.aws.answers["GET", roles] = with_token("")
        told = self.refused(ACCESS, metadata=True, AWS_EC2_METADATA_SERVICE_ENDPOINT=self.aws.url)
        self.assertIn("the instance's role (the instance has none)", told)

    def test_nothing_hangs_where_there_is_no_metadata_service(self):
        began = time.monotonic()
        told = self.refused(ACCESS, metadata=True, AWS_EC2_METADATA_SERVICE_ENDPOINT="http://192.0.2.1")
        self.assertIn("no AWS credentials here", told)
        self.assertIn("AWS_ACCESS_KEY_ID is not set", told)
        self.assertLess(time.monotonic() - began, 5)


class SignOn(CredentialsTest):
    """IAM Identity Center, its two services redirected by AWS_ENDPOINT_URL_SSO and AWS_ENDPOINT_URL_SSO_OIDC."""

    def setUp(self):
        super().setUp()
        self.file(".aws/config", "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Feed\n"
                                 "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n")
        self.cache = f".aws/sso/cache/{hashlib.sha1(b'corp').hexdigest()}.json"
        self.variables = {"AWS_PROFILE": "dev", "AWS_ENDPOINT_URL_SSO": self.aws.url, "AWS_ENDPOINT_URL_SSO_OIDC": self.aws.url}
        answer = json.dumps({"roleCredentials": {"accessKeyId": "SSO", "secretAccessKey": SECRET, "sessionToken": SESSION,
                                                 "expiration": int(time.time() + 3600) * 1000}})
        self.good = "canary-login"
        self.aws.answers["GET", "/federation/credentials"] = lambda request: (
            (200, answer) if request.headers["x-amz-sso_bearer_token"] == self.good
            and request.path.endswith("?account_id=123456789012&role_name=Feed")
            else (401, json.dumps({"message": "Session token not found or invalid"})))

    def login(self, token, seconds, **more):
        """What `aws sso login` leaves."""
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        self.file(self.cache, json.dumps({"accessToken": token, "expiresAt": expires.strftime("%Y-%m-%dT%H:%M:%SZ"), **more}))

    def test_a_login(self):
        self.login("canary-login", 3600)
        token = self.token(**self.variables)
        self.assertEqual((token.access_key_id, token.session_token), ("SSO", SESSION))

    def test_a_profile_of_the_old_kind(self):
        self.file(".aws/config", "[profile dev]\nsso_start_url = corp\nsso_region = eu-west-1\n"
                                 "sso_account_id = 123456789012\nsso_role_name = Feed\n")
        self.login("canary-login", 3600)
        self.assertEqual(self.token(**self.variables).access_key_id, "SSO")

    def test_a_login_that_ends_is_renewed_and_kept(self):
        self.login("canary-old", 60, clientId="client", clientSecret="canary-client", refreshToken="canary-refresh",
                   startUrl="https://corp.example/start")

        def renew(request):
            asked = json.loads(request.body)
            self.assertEqual(asked, {"clientId": "client", "clientSecret": "canary-client", "grantType": "refresh_token",
                                     "refreshToken": "canary-refresh"})
            return 200, json.dumps({"accessToken": "canary-login", "expiresIn": 3600, "refreshToken": "canary-next"})

        self.aws.answers["POST", "/token"] = renew
        self.assertEqual(self.token(**self.variables).access_key_id, "SSO")
        kept = json.loads((self.home / self.cache).read_text())
        self.assertEqual((kept["accessToken"], kept["refreshToken"], kept["startUrl"]),
                         ("canary-login", "canary-next", "https://corp.example/start"))
        self.assertEqual((self.home / self.cache).stat().st_mode & 0o777, 0o600)

    def test_no_login_says_how_to_log_in(self):
        self.assertIn("`aws sso login --profile dev`", self.refused(ACCESS, **self.variables))
        self.login("canary-login", -10)
        self.assertIn("`aws sso login --profile dev`", self.refused(ACCESS, **self.variables))
        self.login("canary-withdrawn", 3600)
        told = self.refused(ACCESS, **self.variables)
        self.assertIn("role Feed of account 123456789012: HTTP 401 Session token not found or invalid", told)


class Roles(CredentialsTest):
    """STS, as moto plays it and as a server that refuses does."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.moto = Moto(folder.name)
        cls.addClassCleanup(cls.moto.stop)

    def unsigned_token(self, *arguments, **variables):
        """A token whose secret only moto knows."""
        done = self.run_token(*arguments, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return MskToken(json.loads(done.stdout)["token"])

    def caller(self, token):
        """Who moto takes the token's credentials for."""
        import boto3
        client = boto3.client("sts", endpoint_url=self.moto.url, region_name="eu-west-1", aws_access_key_id=token.access_key_id,
                              aws_secret_access_key="x", aws_session_token=token.session_token)
        return client.get_caller_identity()["Arn"]

    def test_a_role_assumed_at_moto(self):
        token = self.unsigned_token("--role-arn", ROLE, "--role-session-name", "night", "--external-id", "42", **KEYS,
                                    AWS_ENDPOINT_URL=self.moto.url)
        self.assertTrue(token.access_key_id.startswith("ASIA"), token.access_key_id)
        self.assertEqual(self.caller(token), "arn:aws:sts::123456789012:assumed-role/feed/night")

    def test_a_profile_that_assumes_a_role_at_moto(self):
        self.file(".aws/config", f"[profile feed]\nrole_arn = {ROLE}\nsource_profile = base\nrole_session_name = by-profile\n"
                                 f"[profile base]\naws_access_key_id = BASE\naws_secret_access_key = {SECRET}\n")
        token = self.unsigned_token(AWS_PROFILE="feed", AWS_ENDPOINT_URL_STS=self.moto.url)
        self.assertEqual(self.caller(token), "arn:aws:sts::123456789012:assumed-role/feed/by-profile")

    def test_a_web_identity_at_moto(self):
        self.file("identity", "canary.web.identity\n")
        token = self.unsigned_token(AWS_WEB_IDENTITY_TOKEN_FILE=str(self.home / "identity"), AWS_ROLE_ARN=ROLE,
                                    AWS_ROLE_SESSION_NAME="pod", AWS_ENDPOINT_URL_STS=self.moto.url)
        self.assertEqual(self.caller(token), "arn:aws:sts::123456789012:assumed-role/feed/pod")

    def test_sources_that_a_role_profile_names(self):
        self.aws.answers["POST", "/"] = lambda request: (200, role_answer("ROLE", SECRET, SESSION))
        self.file(".aws/config", f"[default]\nrole_arn = {ROLE}\ncredential_source = EcsContainer\nexternal_id = 42\n"
                                 "duration_seconds = 900\n")
        self.aws.answers["GET", "/role"] = lambda request: (200, credentials("CONT", SECRET, SESSION))
        token = self.token(AWS_CONTAINER_CREDENTIALS_FULL_URI=self.aws.url + "/role", AWS_ENDPOINT_URL_STS=self.aws.url)
        self.assertEqual(token.access_key_id, "ROLE")
        asked = self.aws.requests[-1]
        self.assertIn("Credential=CONT/", asked.headers["Authorization"])
        self.assertIn("&DurationSeconds=900&ExternalId=42", asked.body)

    def test_a_role_that_cannot_be_assumed(self):
        message = f"User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
        self.aws.answers["POST", "/"] = lambda request: (403, refusal("AccessDenied", message))
        told = self.refused(ACCESS, "--role-arn", ROLE, **KEYS, AWS_ENDPOINT_URL_STS=self.aws.url)
        for part in (ROLE, "the credentials of the environment", "AccessDenied", "arn:aws:iam::1:user/x", "trust policy",
                     "--external-id"):
            self.assertIn(part, told)
        self.aws.answers["POST", "/"] = lambda request: (403, refusal("ExpiredToken", "The security token is expired"))
        self.assertIn("have expired, renew them", self.refused(ACCESS, "--role-arn", ROLE, **KEYS,
                                                               AWS_ENDPOINT_URL_STS=self.aws.url))

    def test_sts_that_is_away(self):
        began = time.monotonic()
        told = self.refused(UNREACHABLE, "--role-arn", ROLE, "--connect-timeout", "2s", **KEYS,
                            AWS_ENDPOINT_URL_STS=f"http://127.0.0.1:{free_port()}")
        self.assertIn(f"assuming role {ROLE}", told)
        self.assertLess(time.monotonic() - began, 5)

    def test_options_that_make_no_sense(self):
        for arguments in (("--external-id", "42"), ("--role-arn", "feed"), ("--region", "eu west"),
                          ("--role-arn", ROLE, "--role-duration", "5m")):
            self.assertIn(arguments[-2], self.refused(USAGE, *arguments, **KEYS))


class Encrypted(CredentialsTest):
    """TLS of the AWS Common Runtime, which shares its OpenSSL with librdkafka."""

    def setUp(self):
        super().setUp()
        authority = Authority(self.home / "tls", "authority")
        self.certificate = authority.certificate
        self.sts = AwsServer(*authority.issue("server", "localhost", "DNS:localhost"))
        self.addCleanup(self.sts.stop)
        self.sts.answers["POST", "/"] = lambda request: (200, role_answer("TLS", SECRET, SESSION))

    def test_a_certificate_that_is_trusted(self):
        token = self.token("--role-arn", ROLE, **KEYS, AWS_ENDPOINT_URL_STS=self.sts.url, AWS_CA_BUNDLE=str(self.certificate))
        self.assertEqual(token.access_key_id, "TLS")

    def test_a_certificate_that_is_not(self):
        began = time.monotonic()
        told = self.refused(UNREACHABLE, "--role-arn", ROLE, **KEYS, AWS_ENDPOINT_URL_STS=self.sts.url)
        self.assertIn(self.sts.url.removeprefix("https://"), told)
        self.assertIn("AWS_CA_BUNDLE", told)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(self.sts.requests, [])

    def test_a_bundle_that_is_none(self):
        told = self.refused(USAGE, "--role-arn", ROLE, **KEYS, AWS_ENDPOINT_URL_STS=self.sts.url, AWS_CA_BUNDLE="/nowhere")
        self.assertIn("AWS_CA_BUNDLE=/nowhere", told)


if __name__ == "__main__":
    sys.exit(run_cases(Sources, SignOn, Roles, Encrypted))
