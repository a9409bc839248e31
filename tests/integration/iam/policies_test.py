"""`stack iam print`: the policies as an independent checker reads them (parliament, with AWS's own table of actions,
resources and conditions), as the program's sources need them, and as users ask for them, rightly and wrongly.
"""
import importlib.util
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import types
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from stack_testing.program import PROGRAM, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402


def _parliament():
    """The checker, which looks for its tables by a module of setuptools that newer Pythons do not bring."""
    module = types.ModuleType("pkg_resources")
    module.resource_filename = lambda package, name: str(
        pathlib.Path(importlib.util.find_spec(package).origin).parent / name)
    sys.modules["pkg_resources"] = module
    import parliament  # noqa: PLC0415
    return parliament


ACCOUNT, REGION = "123456789012", "eu-central-1"
SERVERLESS = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/stack/0c8a1f2e-1111-2222-3333-444455556666-s1"
PROVISIONED = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/stack/0c8a1f2e-1111-2222-3333-444455556666-5"
CRAWLER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/stack-crawler"
LAKE = ["--lake", "s3://my-bucket/lake"]
PLACE = ["--account", ACCOUNT, "--region", REGION]
# The least that each role's policy needs, and all that may be in it.
LEAST = {"producer": ["--cluster-arn", SERVERLESS],
         "sink": [*LAKE, "--cluster-arn", SERVERLESS],
         "compactor": LAKE,
         "crawler": [*LAKE, *PLACE],
         "analyst": [*LAKE, *PLACE, "--output-location", "s3://my-results/athena"]}
KEY = ["--s3-kms-key", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0c8a1f2e-1111-2222-3333-444455556666"]
MOST = {"producer": [*LEAST["producer"], "--allow", "create-topic"],
        "sink": [*LEAST["sink"], *PLACE, *KEY, "--dlq-topic", "dead", "--register", "--catalog", "glue", "--allow", "compact"],
        "compactor": [*LEAST["compactor"], *KEY],
        "crawler": [*LEAST["crawler"], *KEY, "--crawler-role", CRAWLER_ROLE],
        "Glue's crawler": [*LEAST["crawler"], *KEY, "--engine", "glue"],
        "analyst": [*LEAST["analyst"], *KEY, "--workgroup", "research"]}
# What the checker says of a policy that is as it should be, and why it is.
EXPLAINED = {("crawler", "PERMISSIONS_MANAGEMENT_ACTIONS"):
             "iam:PassRole hands one role, named by its ARN, to AWS Glue alone"}
# Sources of what no role does: `stack deploy` is the administrator's.
OTHERS = re.compile(r"(deployment/\w+|app/deploy|cloudformation|role_policies|permission_calls|policy_simulation)\.cpp$")
# Actions that are called by nobody's role: by whom, and on what ground.
OUTSIDE = {"sts:GetCallerIdentity": "needs no permission"}


class PoliciesTest(unittest.TestCase):
    """The program in a folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="stack-iam-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_iam(self, *arguments, **variables):
        """The finished process."""
        return subprocess.run([str(PROGRAM), "iam", *arguments], cwd=self.folder, capture_output=True, text=True,
                              env=environment(HOME=self.folder, **variables), timeout=30, check=False)

    def policy(self, role, *arguments, **variables):
        """The document that is printed."""
        done = self.run_iam("print", role.rpartition(" ")[2], *arguments, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def refused(self, *arguments, **variables):
        """What is said of a use that is wrong: one line."""
        done = self.run_iam(*arguments, **variables)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual((done.stdout, done.stderr.count("\n")), ("", 1), done.stderr)
        return done.stderr


def statement(policy, sid):
    """The one of that name."""
    return next(each for each in policy["Statement"] if each["Sid"] == sid)


def actions(policy):
    """All of them."""
    return {action for each in policy["Statement"] for action in each["Action"]}


class Documents(PoliciesTest):
    """What is printed."""

    def test_a_checker_finds_nothing_that_is_not_explained(self):
        parliament = _parliament()
        found = set()
        for options in (LEAST, MOST):
            for role, arguments in options.items():
                text = json.dumps(self.policy(role, *arguments))
                for finding in parliament.analyze_policy_string(text, include_community_auditors=True).findings:
                    self.assertIn((role, finding.issue), EXPLAINED, f"{role}: {finding}")
                    found.add((role, finding.issue))
        self.assertEqual(found, set(EXPLAINED), "an explanation of nothing")

    def test_the_checker_would_find_what_is_wrong(self):
        parliament = _parliament()
        policy = self.policy("sink", *LEAST["sink"])
        statement(policy, "ListLake")["Resource"] = ["arn:aws:s3:::my-bucket/lake/*"]  # ListBucket is of buckets
        self.assertTrue(parliament.analyze_policy_string(json.dumps(policy)).findings)

    def test_no_policy_has_a_wildcard_of_actions_or_a_resource_that_could_be_named(self):
        for role, arguments in MOST.items():
            for each in self.policy(role, *arguments)["Statement"]:
                self.assertFalse([action for action in each["Action"] if "*" in action], each)
                if each["Sid"] != "GlueMakeCrawler":  # its actions know no resource
                    self.assertNotIn("*", each["Resource"], each)

    def test_kafka_is_limited_to_cluster_topic_groups_and_transactions(self):
        for arn in (SERVERLESS, PROVISIONED):
            uuid = arn.rpartition("/")[2]
            policy = self.policy("producer", "--cluster-arn", arn, "--topic", "stock-events")
            base = f"arn:aws:kafka:{REGION}:{ACCOUNT}"
            self.assertEqual(statement(policy, "KafkaConnect")["Resource"], [arn])
            self.assertEqual(statement(policy, "KafkaWriteTopic")["Resource"], [f"{base}:topic/stack/{uuid}/stock-events"])
            self.assertEqual(statement(policy, "KafkaTransactions")["Resource"],
                             [f"{base}:transactional-id/stack/{uuid}/stack-*-stock-events"])
            self.assertNotIn("kafka-cluster:CreateTopic", actions(policy))
            self.assertIn("kafka-cluster:CreateTopic", actions(
                self.policy("producer", "--cluster-arn", arn, "--allow", "create-topic")))
            groups = statement(self.policy("sink", *LAKE, "--cluster-arn", arn), "KafkaGroups")["Resource"]
            self.assertIn(f"{base}:group/stack/{uuid}/stack-stock-events-*", groups)

    def test_a_sink_removes_no_row_and_replaces_no_claim(self):
        policy = self.policy("sink", *LEAST["sink"], "--table", "ticks")
        removable = [resource for each in policy["Statement"] if "s3:DeleteObject" in each["Action"]
                     for resource in each["Resource"]]
        self.assertEqual(removable, ["arn:aws:s3:::my-bucket/lake/_stack/probe/*"])
        self.assertEqual(statement(policy, "WriteClaimsOnce")["Condition"], {"Null": {"s3:if-none-match": "false"}})
        self.assertIn("arn:aws:s3:::my-bucket/lake/ticks/*", statement(
            self.policy("sink", *LEAST["sink"], "--allow", "compact"), "CompactionRemoves")["Resource"])

    def test_a_compactor_removes_files_of_its_table_and_writes_no_claim(self):
        policy = self.policy("compactor", *LEAST["compactor"], "--table", "ticks")
        of = {action: {resource.removeprefix("arn:aws:s3:::my-bucket/lake/") for each in policy["Statement"]
                       if action in each["Action"] for resource in each["Resource"]}
              for action in ("s3:PutObject", "s3:DeleteObject")}
        kept = {"ticks/*", "_stack/compactions/ticks/*"}
        self.assertEqual(of, {"s3:PutObject": kept | {"_stack/expired/ticks/*"}, "s3:DeleteObject": kept})
        self.assertEqual({action.partition(":")[0] for action in actions(policy)}, {"s3"})

    def test_an_analyst_writes_results_alone(self):
        policy = self.policy("analyst", *MOST["analyst"])
        for each in policy["Statement"]:
            if any(action in each["Action"] for action in ("s3:PutObject", "s3:DeleteObject")):
                self.assertEqual(each["Resource"], ["arn:aws:s3:::my-results/athena/*"])
        self.assertFalse([action for action in actions(policy) if action.startswith("glue:") and
                          not action.startswith(("glue:Get", "glue:BatchGet"))])
        self.assertEqual(statement(policy, "Athena")["Resource"],
                         [f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/research"])

    def test_other_partitions_of_aws(self):
        for region, partition in (("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws"),
                                  ("eusc-de-east-1", "aws-eusc"), ("us-isof-south-1", "aws-iso-f")):
            policy = self.policy("crawler", *LAKE, "--account", ACCOUNT, "--region", region)
            self.assertEqual({resource.split(":")[1] for each in policy["Statement"] for resource in each["Resource"]},
                             {partition})
        self.assertEqual(self.policy("producer", "--trust", "--region", "cn-north-1")["Statement"][0]["Principal"],
                         {"Service": "ec2.amazonaws.com.cn"})

    def test_a_whole_bucket_as_the_lake(self):
        policy = self.policy("sink", "--lake", "s3://my-bucket", "--table", "t*")
        self.assertNotIn("Condition", statement(policy, "ListLake"))
        self.assertIn("arn:aws:s3:::my-bucket/t*/*", statement(policy, "WriteTable")["Resource"])

    def test_region_and_account_come_from_where_they_are_known(self):
        policy = self.policy("crawler", *LAKE, "--cluster-arn", SERVERLESS)
        self.assertIn(f"arn:aws:glue:{REGION}:{ACCOUNT}:catalog", statement(policy, "GlueRead")["Resource"])
        policy = self.policy("crawler", *LAKE, "--account", ACCOUNT, AWS_REGION="eu-west-3")
        self.assertIn(f"arn:aws:glue:eu-west-3:{ACCOUNT}:catalog", statement(policy, "GlueRead")["Resource"])
        key = statement(self.policy("sink", *LAKE, *PLACE, "--s3-kms-key", "0c8a1f2e"), "EncryptionKey")
        crawler = statement(self.policy("crawler", *LAKE, *PLACE, "--crawler-role", "stack-crawler"), "GiveCrawlerItsRole")
        self.assertEqual(crawler["Resource"], [CRAWLER_ROLE])
        self.assertEqual(key["Resource"], [f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0c8a1f2e"])

    def test_trust(self):
        def trusted(role, *arguments):
            return self.policy(role, "--trust", *arguments)["Statement"][0]
        self.assertEqual(trusted("producer")["Principal"], {"Service": "ec2.amazonaws.com"})
        self.assertEqual(trusted("sink")["Principal"], {"Service": "ec2.amazonaws.com"})
        self.assertEqual(trusted("crawler")["Principal"], {"Service": "ec2.amazonaws.com"})
        glue = trusted("crawler", "--engine", "glue", "--account", ACCOUNT)
        self.assertEqual(glue["Principal"], {"Service": "glue.amazonaws.com"})
        self.assertEqual(glue["Condition"], {"StringEquals": {"aws:SourceAccount": ACCOUNT}})
        analyst = trusted("analyst", *PLACE, "--external-id", "x-17")
        self.assertEqual(analyst["Principal"], {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
        self.assertEqual(analyst["Condition"], {"StringEquals": {"sts:ExternalId": "x-17"}})
        self.assertNotIn("Condition", trusted("analyst", *PLACE))
        self.assertEqual(analyst["Action"], ["sts:AssumeRole"])


class Wrong(PoliciesTest):
    """Every mistake is named by its option."""

    def test_what_is_missing(self):
        self.assertIn("--cluster-arn", self.refused("print", "producer"))
        self.assertIn("--lake", self.refused("print", "sink"))
        self.assertIn("--account", self.refused("print", "crawler", *LAKE, "--region", REGION))
        self.assertIn("--region", self.refused("print", "crawler", *LAKE, "--account", ACCOUNT))
        self.assertIn("--output-location", self.refused("print", "analyst", *LAKE, *PLACE))
        self.assertIn("--account", self.refused("print", "analyst", "--trust"))
        self.assertIn("--account", self.refused("print", "sink", *LAKE, "--region", REGION, "--s3-kms-key", "abc"))

    def test_what_is_wrong(self):
        for arguments, told in (
                (["print", "sinks", *LAKE], "did you mean sink?"),
                (["show", "sink", *LAKE], "print"),
                (["print", "sink", "--lake", "./lake"], "--lake: ./lake is not s3://BUCKET"),
                (["print", "sink", "--lake", "s3://my-bucket/a*"], "--lake"),
                (["print", "sink", *LAKE, "--topic", "a b"], "--topic"),
                (["print", "sink", *LAKE, "--table", "_x"], "--table"),
                (["print", "sink", *LAKE, "--allow", "create-topic"], "--allow"),
                (["print", "producer", "--cluster-arn", "arn:aws:kafka:x"], "--cluster-arn"),
                (["print", "producer", "--cluster-arn", SERVERLESS.replace("cluster/", "topic/")], "--cluster-arn"),
                (["print", "crawler", *LAKE, "--region", REGION, "--account", "1234"], "--account"),
                (["print", "crawler", *LAKE, *PLACE, "--crawler-role", "arn:aws:iam::1:user/x"], "--crawler-role"),
                (["print", "crawler", *LAKE, "--account", ACCOUNT, "--region", "EU!"], "--region"),
                (["print", "crawler", *LAKE, *PLACE, "--engine", "duckdb"], "--engine"),
                (["print", "sink", *LAKE, *PLACE, "--s3-kms-key", "alias/lake"], "--s3-kms-key"),
                (["print", "analyst", *LAKE, *PLACE, "--output-location", "s3://my-bucket/lake/results"], "one in the other"),
                (["print", "analyst", *LAKE, *PLACE, "--output-location", "s3://r-1", "--workgroup", "a b"], "--workgroup"),
                (["print", "sink", "--trust", "--external-id", "x"], "--external-id")):
            self.assertIn(told, self.refused(*arguments), arguments)

    def test_a_sink_without_a_cluster_is_said_to_know_no_kafka(self):
        done = self.run_iam("print", "sink", *LAKE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("--cluster-arn", done.stderr)
        self.assertNotIn("kafka-cluster", done.stdout)


class Sources(PoliciesTest):
    """Every action that the program's sources name is in a policy."""

    def called(self):
        """Actions of S3 as the sources name them for their messages, and operations of the other services."""
        found = {}
        for path in sorted((ROOT / "src").rglob("*.cpp")):
            if OTHERS.search(path.as_posix()):
                continue
            text = path.read_text()
            for literal in re.findall(r'\.action = "([^"]*)"', text) + re.findall(r'"(s3:\w+)"}?[),;]', text):
                for action in literal.split(" or "):
                    found.setdefault(action, path)
            for operation in re.findall(r'(?:\.|->)call\(\s*"([A-Z]\w+)"', text):
                service = ("glue" if path.name.startswith("glue") else "athena" if path.name.startswith("athena") else
                           "sts" if path.name == "caller_identity.cpp" else None)
                self.assertIsNotNone(service, f"{path}: of which service is {operation}? Say it here.")
                found.setdefault(f"{service}:{operation}", path)
        return found

    def test_every_action_that_is_called_is_allowed_to_somebody(self):
        allowed = set().union(*(actions(self.policy(role, *arguments)) for role, arguments in MOST.items()))
        called = self.called()
        for action in ("s3:PutObject", "s3:GetObject", "s3:ListBucket", "s3:AbortMultipartUpload", "s3:DeleteObject"):
            self.assertIn(action, called, "the sources are not read as they are written")
        for action, path in called.items():
            self.assertIn(action, allowed | set(OUTSIDE), f"{path} does what no role may do")


if __name__ == "__main__":
    sys.exit(run_cases(Documents, Wrong, Sources))
