"""What the AWS services that one command talks to have in common: credentials that are asked for once, and an end that
comes soon after Ctrl-C, also where a service does not answer."""
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing.aws_server import AwsServer, credentials, refusal, role_answer  # noqa: E402
from stack_testing.local_server import MuteServer  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

INTERRUPTED = 130
ROLE = "arn:aws:iam::123456789012:role/feed"
KEYS = {"AWS_ACCESS_KEY_ID": "USER", "AWS_SECRET_ACCESS_KEY": "hidden", "AWS_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true"}
METADATA = "/latest/meta-data/iam/security-credentials/"
CALLER = ("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/feed/stack</Arn>"
          "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")


class Refusals(dict):
    """Answers of a server, and the one of S3 to all that no other is for."""

    def get(self, key, default=None):
        return super().get(key, lambda request: (403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"))


class CommandTest(unittest.TestCase):
    """A folder of the test's own, which is the home too."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="stack-aws-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self, *arguments, **variables):
        """`stack ARGUMENTS`, started."""
        return Process(self.folder, "stack", *arguments, **{"HOME": self.folder, **variables})


class Credentials(CommandTest):
    """`stack doctor --aws` asks STS, S3, Glue and IAM."""

    def setUp(self):
        super().setUp()
        self.aws = AwsServer()
        self.addCleanup(self.aws.stop)
        self.aws.answers = Refusals({("POST", "/"): self.answer})

    def answer(self, request):
        """STS hands out a role and says who one is; the other services refuse."""
        if "Action=AssumeRole&" in request.body:
            return 200, role_answer("ROLE", "hidden", "session")
        if "Action=GetCallerIdentity&" in request.body:
            return 200, CALLER
        return 403, refusal("AccessDenied", "no")

    def check(self, *arguments, **variables):
        """The services that were called, each with the credentials KEY_ID."""
        process = self.start("doctor", "--aws", "--lake", "s3://bucket/lake", *arguments, AWS_ENDPOINT_URL=self.aws.url, **variables)
        process.wait(60)
        signed = [re.search(r"Credential=(\w+)/\d+/[\w-]+/(\w+)/", request.headers["Authorization"] or "")
                  for request in self.aws.requests]
        calls = {(found[1], found[2]) for found in signed if found}
        self.assertLessEqual({"sts", "s3", "glue"}, {service for _, service in calls}, process.errors())
        return calls

    def count(self, wanted):
        """Of requests."""
        return sum(1 for request in self.aws.requests if wanted(request))

    def test_a_role_is_assumed_once_for_all_services(self):
        calls = self.check("--role-arn", ROLE, **KEYS)
        self.assertEqual({key for key, service in calls if service != "sts"}, {"ROLE"})
        self.assertEqual(self.count(lambda request: "Action=AssumeRole&" in request.body), 1)

    def test_an_instance_is_asked_once_for_all_services(self):
        self.aws.answers["PUT", "/latest/api/token"] = lambda request: (200, "token")
        self.aws.answers["GET", METADATA] = lambda request: (200, "feed")
        self.aws.answers["GET", METADATA + "feed"] = lambda request: (200, credentials("INST", "hidden", "session"))
        calls = self.check(AWS_REGION="eu-west-1", AWS_EC2_METADATA_SERVICE_ENDPOINT=self.aws.url)
        self.assertEqual({key for key, _ in calls}, {"INST"})
        self.assertEqual(self.count(lambda request: request.path == METADATA + "feed"), 1)


class Interrupts(CommandTest):
    """Ctrl-C while a service takes a request and says nothing."""

    def ends_soon(self, *arguments, **variables):
        """What the command says that is interrupted while it waits."""
        mute = MuteServer()
        try:
            variables = {name: mute.url if value is MuteServer else value for name, value in variables.items()}
            process = self.start(*arguments, **variables)
            self.assertTrue(mute.asked.wait(30), process.errors())
            time.sleep(0.1)
            process.signal(signal.SIGINT)
            began = time.monotonic()
            code = process.wait(30)
            took = time.monotonic() - began
        finally:
            mute.stop()
        self.assertEqual(code, INTERRUPTED, process.errors())
        # 0.3 s are promised; the rest is for the end of a process on a machine that is busy.
        self.assertLess(took, 1, arguments)
        return process.errors()

    def test_a_call_is_given_up(self):
        for arguments in (("catalog", "list", "--catalog", "glue", "--lake", "s3://bucket/lake"),
                          ("crawl", "--engine", "glue", "--lake", "s3://bucket/lake", "--crawler-role", "feed"),
                          ("query", "SELECT 1", "--engine", "athena"),
                          ("doctor", "--aws", "--lake", "s3://bucket/lake"),
                          ("deploy", "aws")):
            self.assertIn("interrupted", self.ends_soon(*arguments, **KEYS, AWS_ENDPOINT_URL=MuteServer), arguments)

    def test_a_search_for_credentials_is_given_up(self):
        for variables in ({**KEYS, "AWS_ENDPOINT_URL_STS": MuteServer, "STACK_ROLE_ARN": ROLE},
                          {"AWS_REGION": "eu-west-1", "AWS_CONTAINER_CREDENTIALS_FULL_URI": MuteServer}):
            self.assertIn("interrupted", self.ends_soon("query", "SELECT 1", "--engine", "athena", **variables))


if __name__ == "__main__":
    sys.exit(run_cases(Credentials, Interrupts))
