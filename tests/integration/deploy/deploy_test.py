"""`stack deploy aws` over CloudFormation's API: made, changed and removed in moto; failures from a server that plays
CloudFormation by script."""
import json
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing.aws_server import AwsServer, refusal  # noqa: E402
from stack_testing.cloudformation import Template  # noqa: E402
from stack_testing.moto_server import Moto  # noqa: E402
from stack_testing.program import PROGRAM, Process, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
REGION = "us-east-1"
BUCKET = f"stack-123456789012-{REGION}"
KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "tester-secret", "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true"}


def run(*arguments, **variables):
    """`stack deploy aws ARGUMENTS`, finished."""
    return subprocess.run([PROGRAM, "deploy", "aws", *map(str, arguments)], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, env=environment(**KEYS, **variables), check=False)


class MotoTest(unittest.TestCase):
    """One life of a deployment."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        place = pathlib.Path(cls.folder.name)
        cls.moto = Moto(place, cloudformation=True)
        cls.addClassCleanup(cls.moto.stop)
        ec2 = cls.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        # moto knows neither Debian's images, nor this deletion policy, nor how to remove the network again.
        text = (ROOT / "deploy/aws/stack.yaml").read_text(encoding="utf-8")
        for theirs, ours in (("/aws/service/debian/release/12/latest/amd64",
                              "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"),
                             ("DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Retain")):
            assert theirs in text
            text = text.replace(theirs, ours)
        (place / "stack.yaml").write_text(text)
        for name in ("stack-market_0.1.0-1_amd64.deb", "stack-market-kafka_0.1.0-1_all.deb"):
            (place / name).write_bytes(b"a package " + name.encode())
        # moto leaves no parameter as it was that it was not given.
        cls.values = {**Template(text).values, "VpcId": vpc, "SubnetIds": subnet}
        cls.given = ["--template", place / "stack.yaml"]
        for name, value in cls.values.items():
            cls.given += [] if name in ("BucketName", "Bucket") else ["--parameter", f"{name}={value}"]

    @classmethod
    def client(cls, service):
        """A client of another maker's."""
        return cls.moto.client(service, REGION)

    def deploy(self, *arguments):
        """`stack deploy aws`, which must succeed: what it said, and its result."""
        result = run(*arguments, "--json", AWS_ENDPOINT_URL=self.moto.url)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stderr, json.loads(result.stdout) if result.stdout else None

    def test_made_changed_removed_and_gone_on_with(self):
        place = pathlib.Path(self.folder.name)
        s3 = self.client("s3")
        said, made = self.deploy(*self.given)
        self.assertEqual((made["status"], made["changed"]), ("CREATE_COMPLETE", True))
        self.assertEqual(made["outputs"]["Lake"], f"s3://{BUCKET}/lake")
        self.assertIn("waits for its packages", said)
        rule, = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
        self.assertEqual(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
        # Which moto's CloudFormation passes over.
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

        said, again = self.deploy("--template", place / "stack.yaml", "--package", place / "stack-market_0.1.0-1_amd64.deb", "--package",
                                  place / "stack-market-kafka_0.1.0-1_all.deb", ROOT / "examples/data/stocks.csv")
        self.assertFalse(again["changed"], said)
        self.assertEqual({each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]},
                         {"install/stack-market.deb", "install/stack-market-kafka.deb", "install/prices.csv"})
        self.assertEqual(s3.get_object(Bucket=BUCKET, Key="install/stack-market.deb")["Body"].read(),
                         b"a package stack-market_0.1.0-1_amd64.deb")

        _, changed = self.deploy("--template", place / "stack.yaml", "--parameter", "OldVersionDays=7")
        self.assertEqual((changed["status"], changed["changed"]), ("UPDATE_COMPLETE", True))
        now = {each["ParameterKey"]: each["ParameterValue"] for each in
               self.client("cloudformation").describe_stacks(StackName="stack")["Stacks"][0]["Parameters"]}
        self.assertEqual((now["OldVersionDays"], now["BucketName"], now["VpcId"]),
                         ("7", BUCKET, self.values["VpcId"]), "the others stay as they were")

        for asked in (["--delete"], ["--delete", "--delete-data", "--yes", "--dry-run"]):
            said, _ = self.deploy(*asked)
            self.assertIn("--yes removes", said)
            self.assertEqual(s3.list_objects_v2(Bucket=BUCKET)["KeyCount"], 3)
        self.assertTrue(self.client("cloudformation").describe_stacks(StackName="stack")["Stacks"])
        said, removed = self.deploy("--delete", "--yes")
        self.assertEqual((removed["bucket"], removed["bucket_removed"]), (BUCKET, False))
        self.assertEqual(self.client("iam").list_roles()["Roles"], [])
        self.assertEqual(s3.list_objects_v2(Bucket=BUCKET)["KeyCount"], 3)

        s3.put_object(Bucket=BUCKET, Key="lake/_stack/claims/ticks/t/0/0", Body=b"{}")
        result = run(*self.given, AWS_ENDPOINT_URL=self.moto.url)
        self.assertEqual((result.returncode, "--parameter Table=ticks_2" in result.stderr), (6, True), result.stderr)
        again = [each.replace("Table=ticks", "Table=ticks_2") if isinstance(each, str) else each for each in self.given]
        said, made = self.deploy(*again)
        self.assertIn("going on with it", said)
        self.assertEqual(made["status"], "CREATE_COMPLETE")
        result = run("--parameter", "VolumeSize=50", AWS_ENDPOINT_URL=self.moto.url)
        self.assertEqual((result.returncode, "another broker" in result.stderr), (6, True), result.stderr)

        s3.put_object(Bucket=BUCKET, Key="somebody-elses", Body=b"")
        for number in range(3):
            s3.put_object(Bucket=BUCKET, Key="lake/a & b <c>", Body=str(number))
        s3.delete_object(Bucket=BUCKET, Key="lake/a & b <c>")
        _, removed = self.deploy("--delete", "--delete-data", "--yes")
        self.assertEqual((removed["bucket_removed"], removed["versions_removed"]), (False, 8), "it was there before")
        self.assertEqual([each["Key"] for each in s3.list_object_versions(Bucket=BUCKET)["Versions"]], ["somebody-elses"])
        version = s3.list_object_versions(Bucket=BUCKET)["Versions"][0]["VersionId"]
        s3.delete_object(Bucket=BUCKET, Key="somebody-elses", VersionId=version)

        _, removed = self.deploy("--delete", "--delete-data", "--yes")
        self.assertTrue(removed["bucket_removed"], "an empty one goes, also when the stack has gone before")
        self.assertEqual(s3.list_buckets()["Buckets"], [])
        self.deploy(*self.given)
        s3.put_object(Bucket=BUCKET, Key="anything", Body=b"")
        _, removed = self.deploy("--delete", "--delete-data", "--yes")
        self.assertEqual((removed["bucket_removed"], removed["versions_removed"]), (True, 1), "the stack has made it")
        result = run("--delete", "--yes", AWS_ENDPOINT_URL=self.moto.url)
        self.assertEqual((result.returncode, "there is no stack stack" in result.stderr), (2, True), result.stderr)
        result = run("--delete", "--delete-data", "--yes", AWS_ENDPOINT_URL=self.moto.url)
        self.assertEqual((result.returncode, f"and no bucket {BUCKET}" in result.stderr), (2, True), result.stderr)

        s3.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        result = run(*self.given, "--parameter", "BucketName=elsewhere", AWS_ENDPOINT_URL=self.moto.url)
        self.assertEqual((result.returncode, "elsewhere is in eu-west-1" in result.stderr), (6, True), result.stderr)


def event(number, resource, status, reason="", kind="AWS::S3::Bucket"):
    """One event, as CloudFormation writes it."""
    return (f"<member><EventId>e{number}</EventId><LogicalResourceId>{resource}</LogicalResourceId>"
            f"<ResourceType>{kind}</ResourceType><ResourceStatus>{status}</ResourceStatus>"
            f"<ResourceStatusReason>{reason}</ResourceStatusReason></member>")


class CloudFormation:
    """CloudFormation by script: `statuses` follow one another, the last stays; `events` are shown from the first on, as
    many as there were looks."""

    def __init__(self, statuses, events=(), parameters=""):
        self.server = AwsServer()
        self.statuses, self.events, self.parameters = list(statuses), list(events), parameters
        self.looks = 0
        self.calls = []
        self.refusals = {}
        self.server.answers[("POST", "/")] = self.answer

    def answer(self, request):
        """One call."""
        form = dict(urllib.parse.parse_qsl(request.body))
        action = form["Action"]
        self.calls.append(form)
        if action in self.refusals:
            return self.refusals[action]
        if action == "GetCallerIdentity":
            return 200, ("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/t</Arn>"
                         "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
        if action == "DescribeStacks":
            status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
            if status is None:
                return 400, refusal("ValidationError", f"Stack with id {form['StackName']} does not exist")
            return 200, (f"<DescribeStacksResponse><Stacks><member><StackId>arn:stack/1</StackId><StackStatus>{status}"
                         f"</StackStatus><Parameters>{self.parameters}</Parameters></member></Stacks></DescribeStacksResponse>")
        if action == "DescribeStackEvents":
            at = int(form.get("NextToken", 0))
            self.looks += at == 0
            shown = self.events[:self.looks]
            # Newest first, one a page.
            page = "".join(shown[len(shown) - 1 - at:len(shown) - at]) if at < len(shown) else ""
            more = f"<NextToken>{at + 1}</NextToken>" if at + 1 < len(shown) else ""
            return 200, f"<DescribeStackEventsResponse><StackEvents>{page}</StackEvents>{more}</DescribeStackEventsResponse>"
        return 200, f"<{action}Response><StackId>arn:stack/1</StackId></{action}Response>"

    def actions(self):
        """What was called, in order, without the looks."""
        return [form["Action"] for form in self.calls if not form["Action"].startswith("Describe")]


class ScriptedTest(unittest.TestCase):
    """What AWS may say besides yes."""

    def start(self, *arguments, **more):
        """A scripted service, ended with the test."""
        service = CloudFormation(*arguments, **more)
        self.addCleanup(service.server.stop)
        return service

    def run_on(self, service, *arguments):
        """`stack deploy aws` on it; without a look for the bucket."""
        return run("--parameter", "Bucket=new", *arguments, AWS_ENDPOINT_URL=service.server.url)

    def test_a_failure_names_the_resource_that_failed_first_and_why(self):
        service = self.start(
            [None, "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_COMPLETE"],
            [event(1, "stack", "CREATE_IN_PROGRESS", kind="AWS::CloudFormation::Stack"),
             event(2, "SinkRole", "CREATE_COMPLETE", kind="AWS::IAM::Role"),
             event(3, "Cluster", "CREATE_FAILED", "Limit of clusters &lt;5&gt; exceeded", "AWS::MSK::ServerlessCluster"),
             event(4, "LakeBucket", "CREATE_FAILED", "Resource creation cancelled"),
             event(5, "stack", "ROLLBACK_COMPLETE", kind="AWS::CloudFormation::Stack")])
        service.looks = 2
        result = self.run_on(service)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("Cluster (AWS::MSK::ServerlessCluster): Limit of clusters <5> exceeded", result.stderr.splitlines()[-1])
        self.assertNotIn("cancelled", result.stderr.splitlines()[-1])
        self.assertEqual(sum("made    SinkRole" in line for line in result.stderr.splitlines()), 1, result.stderr)
        made = next(form for form in service.calls if form["Action"] == "CreateStack")
        self.assertEqual(made["Capabilities.member.1"], "CAPABILITY_NAMED_IAM")
        self.assertEqual(service.actions()[-1], "DeleteStack", "its name is free again")
        self.assertEqual(made["TemplateBody"], (ROOT / "deploy/aws/stack.yaml").read_text(encoding="utf-8"))
        given = {made[f"Parameters.member.{n}.ParameterKey"]: made[f"Parameters.member.{n}.ParameterValue"] for n in (1, 2, 3)}
        self.assertEqual(given, {"Bucket": "new", "BucketName": BUCKET, "Database": "stack"})

    def test_a_bucket_of_the_stacks_own_name_has_one_that_s3_takes(self):
        service = self.start([None, "CREATE_COMPLETE"])
        result = self.run_on(service, "--stack-name", "My-Stack")
        self.assertEqual(result.returncode, 0, result.stderr)
        made = next(form for form in service.calls if form["Action"] == "CreateStack")
        given = {made[f"Parameters.member.{n}.ParameterKey"]: made[f"Parameters.member.{n}.ParameterValue"] for n in (1, 2, 3)}
        self.assertEqual((made["StackName"], given["BucketName"], given["Database"]),
                         ("My-Stack", f"my-{BUCKET}", "my_stack"))
        service = self.start([None])
        result = self.run_on(service, "--stack-name", "a" * 43)
        self.assertEqual((result.returncode, "--parameter BucketName=NAME" in result.stderr), (2, True), result.stderr)
        self.assertNotIn("CreateStack", service.actions())

    def test_a_stack_that_is_stuck_is_not_touched(self):
        service = self.start(["ROLLBACK_COMPLETE"])
        result = self.run_on(service)
        self.assertEqual(result.returncode, 6, result.stderr)
        self.assertIn("--delete --yes", result.stderr)
        self.assertEqual(service.actions(), [])

    def test_a_stack_at_work_is_watched_and_then_changed(self):
        service = self.start(["UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"],
                             parameters="<member><ParameterKey>BucketName</ParameterKey><ParameterValue>b-1</ParameterValue>"
                                        "</member><member><ParameterKey>KeptImage</ParameterKey><ParameterValue></ParameterValue>"
                                        "</member><member><ParameterKey>Image</ParameterKey><ParameterValue>/aws/x</ParameterValue>"
                                        "<ResolvedValue>ami-0123</ResolvedValue></member>")
        result = self.run_on(service, "--parameter", "LagLimit=5")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("is at work", result.stderr)
        self.assertEqual(service.actions(), ["UpdateStack"])
        form = next(each for each in service.calls if each["Action"] == "UpdateStack")
        sent = {form[key]: form.get(key.replace("Key", "Value"), "as it was") for key in form if key.endswith("ParameterKey")}
        self.assertEqual(sent, {"Bucket": "new", "BucketName": "as it was", "Image": "as it was", "KeptImage": "ami-0123",
                                "LagLimit": "5"}, "the machine keeps its image")

    def test_the_machines_image_is_another_only_where_that_is_asked_for(self):
        def stack(kept):
            values = {"Kafka": "ec2", "Topic": "t", "Table": "ticks", "Image": "/aws/x", "KeptImage": kept}
            return self.start(["UPDATE_COMPLETE"], parameters="".join(
                f"<member><ParameterKey>{name}</ParameterKey><ParameterValue>{value}</ParameterValue>"
                f"{'<ResolvedValue>ami-0123</ResolvedValue>' if name == 'Image' else ''}</member>"
                for name, value in values.items()))

        for kept in ("", "ami-0aaa"):
            service = stack(kept)
            result = self.run_on(service, "--parameter", "KeptImage=")
            self.assertEqual((result.returncode, "another KeptImage is another broker" in result.stderr), (6, True),
                             result.stderr)
            self.assertEqual(service.actions(), [])
        service = stack("ami-0aaa")
        result = self.run_on(service, *(part for each in ("Image=/aws/y", "Topic=t-2", "Table=ticks_2")
                                        for part in ("--parameter", each)))
        self.assertEqual(result.returncode, 0, result.stderr)
        form = next(each for each in service.calls if each["Action"] == "UpdateStack")
        at = {form[key]: key.removesuffix("ParameterKey") for key in form if key.endswith("ParameterKey")}
        self.assertEqual(form[at["Image"] + "ParameterValue"], "/aws/y")
        self.assertNotIn(at["KeptImage"] + "UsePreviousValue", form, "the one that is kept would win")
        self.assertIn(at["Kafka"] + "UsePreviousValue", form)

    def test_a_failed_clean_up_does_not_hide_the_failure(self):
        service = self.start([None, "ROLLBACK_COMPLETE"],
                             [event(1, "Cluster", "CREATE_FAILED", "out of clusters", "AWS::MSK::ServerlessCluster"),
                              event(2, "stack", "ROLLBACK_COMPLETE", kind="AWS::CloudFormation::Stack")])
        service.looks = 2
        service.refusals["DeleteStack"] = (403, refusal("AccessDenied", "User t is not authorized"))
        result = self.run_on(service)
        self.assertEqual(result.returncode, 1, result.stderr)
        for said in ("out of clusters", "its name is still taken", "cloudformation:DeleteStack"):
            self.assertIn(said, result.stderr.splitlines()[-1])

    def test_a_removal_that_fails_says_why(self):
        service = self.start(["CREATE_COMPLETE", "DELETE_FAILED"],
                             [event(1, "stack", "CREATE_COMPLETE", kind="AWS::CloudFormation::Stack"),
                              event(2, "Vpc", "DELETE_FAILED", "it has dependencies", "AWS::EC2::VPC")])
        result = run("--delete", "--yes", "--parameter", "BucketName=b-1", AWS_ENDPOINT_URL=service.server.url)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("Vpc (AWS::EC2::VPC): it has dependencies", result.stderr.splitlines()[-1])

    def test_a_denied_call_names_the_action(self):
        service = self.start([None])
        service.refusals["CreateStack"] = (403, refusal("AccessDenied", "User t is not authorized"))
        result = self.run_on(service)
        self.assertEqual(result.returncode, 8, result.stderr)
        self.assertIn("cloudformation:CreateStack", result.stderr)
        self.assertIn("an administrator's", result.stderr)
        self.assertNotIn("iam print", result.stderr)

    def test_what_cloudformation_finds_wrong_is_said(self):
        service = self.start([None])
        service.refusals["CreateStack"] = (400, refusal("ValidationError", "Parameter VpcCidr failed to satisfy"))
        result = self.run_on(service, "--parameter", "VpcCidr=10.999.0.0/16")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("Parameter VpcCidr failed to satisfy", result.stderr)

    def test_interrupted_it_stops_watching_and_says_so(self):
        service = self.start([None, "CREATE_IN_PROGRESS"])
        with tempfile.TemporaryDirectory() as folder:
            process = Process(folder, "deploy", "deploy", "aws", "--parameter", "Bucket=new",
                              **KEYS, AWS_ENDPOINT_URL=service.server.url)
            deadline = time.monotonic() + 20
            while service.looks < 1 and time.monotonic() < deadline:
                time.sleep(0.02)
            process.signal(signal.SIGINT)
            self.assertEqual(process.wait(10), 130, process.errors())
            self.assertIn("AWS goes on with the stack", process.errors())

    def test_wrong_use_is_refused_before_any_call(self):
        with tempfile.TemporaryDirectory() as folder:
            big = pathlib.Path(folder) / "big.yaml"
            big.write_text("x" * 51_201)
            for arguments, code, said in (
                    (["--package", "other.deb"], 2, "stack-market"), (["no.csv"], 3, "no.csv"),
                    (["--delete-data"], 2, "goes with --delete"), (["--delete", "no.csv"], 2, "nothing to upload"),
                    (["--template", big], 2, "51200"), ([big], 3, "big.yaml"), (["--stack-name", "a b"], 2, "--stack-name"),
                    (["--dry-run", "--parameter", "SubnetIds=subnet-1"], 2, "SubnetIds wants VpcId"),
                    (["--dry-run", "--parameter", "VpcId=vpc-1"], 2, "VpcId wants SubnetIds"),
                    (["--stack-name", "a" * 50], 2, "roles would be longer"),
                    (["--stack-name", "a" * 54, "--dry-run"], 2, "roles would be longer"),
                    (["--parameter", "ScanLimit=1"], 2, "10000000"), (["--print-template", "--json"], 2, "YAML")):
                result = run(*arguments, AWS_ENDPOINT_URL="http://127.0.0.1:9")
                self.assertEqual((result.returncode, said in result.stderr), (code, True), result.stderr)
            for name in ("STACK_DELETE", "STACK_DELETE_DATA"):
                result = run("--yes", AWS_ENDPOINT_URL="http://127.0.0.1:9", **{name: "true"})
                code, said = 2, "on the command line alone"
                self.assertEqual((result.returncode, said in result.stderr), (code, True), result.stderr)

    def test_without_a_region_it_says_how_to_name_one(self):
        result = subprocess.run([PROGRAM, "deploy", "aws"], capture_output=True, text=True, timeout=60, check=False,
                                env=environment(AWS_CONFIG_FILE="/nonexistent", AWS_EC2_METADATA_DISABLED="true"))
        self.assertEqual((result.returncode, "--region" in result.stderr), (2, True), result.stderr)


class WalkThroughTest(unittest.TestCase):
    """The commands of docs/aws.md that want AWS. (Its others are run with those of all documents.)"""

    TEXT = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")

    def commands(self):
        """The arguments of each `stack` in the blocks that are not run by themselves."""
        blocks = re.findall(r"^```bash\n(.*?)^```", self.TEXT, re.M | re.S)
        lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
        return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("stack ")]

    def test_each_command_has_the_options_that_it_is_given(self):
        commands = self.commands() + [shlex.split(each)[1:] for each in re.findall(r"`(stack \w+ [^`…]+)", self.TEXT)]
        self.assertGreater(len(commands), 12)
        for command in commands:
            told = subprocess.run([PROGRAM, command[0], "--help"], capture_output=True, text=True, check=True).stdout
            for option in (each for each in command if each.startswith("--")):
                self.assertRegex(told, rf"{option}\b", f"stack {' '.join(command)}")

    def test_each_deploy_command_works_as_it_stands(self):
        commands = [command for command in self.commands() if command[0] == "deploy"]
        self.assertGreaterEqual(len(commands), 6)
        for command in commands:
            with tempfile.TemporaryDirectory() as folder:
                self.run_in(pathlib.Path(folder), command)

    def run_in(self, folder, command):
        """`stack COMMAND` on a deployment that is there."""
        for name in ("stack-market_0.1.0-1_amd64.deb", "stack-market-kafka_0.1.0-1_all.deb"):
            (folder / "build" / "packages").mkdir(parents=True, exist_ok=True)
            (folder / "build" / "packages" / name).write_bytes(b"a package")
        (folder / "prices.csv").write_bytes((ROOT / "examples/data/stocks.csv").read_bytes())
        removal = "--delete" in command
        has = {"BucketName": "b-1"} | dict(each.split("=", 1) for each in command if each.startswith("Kafka="))
        service = CloudFormation(["CREATE_COMPLETE", "DELETE_COMPLETE" if removal else "UPDATE_COMPLETE"],
                                 parameters="".join(f"<member><ParameterKey>{name}</ParameterKey><ParameterValue>{value}"
                                                    "</ParameterValue></member>" for name, value in has.items()))
        try:
            for key in ("stack-market.deb", "stack-market-kafka.deb", "prices.csv"):
                service.server.answers[("PUT", f"/b-1/install/{key}")] = lambda request: (200, "")
            for path in ("/b-1", "/b-1/"):
                service.server.answers[("GET", path)] = lambda request: (
                    404, "<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>")
            result = subprocess.run([PROGRAM, *command], cwd=folder, capture_output=True, text=True, timeout=60,
                                    env=environment(**KEYS, AWS_ENDPOINT_URL=service.server.url), check=False)
        finally:
            service.server.stop()
        self.assertEqual(result.returncode, 0, f"{command}\n{result.stderr}")
        expected = [] if removal and "--yes" not in command else ["DeleteStack" if removal else "UpdateStack"]
        self.assertEqual(service.actions(), expected)
        uploads = [request.path for request in service.server.requests if request.command == "PUT"]
        self.assertEqual(len(uploads), command.count("--package") + command.count("prices.csv"))


if __name__ == "__main__":
    sys.exit(run_cases(MotoTest, ScriptedTest, WalkThroughTest))
