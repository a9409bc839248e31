"""The policies of `stack iam print`, enforced: each role's work is done with its policy and no more, behind a gate that
decides as IAM does, at a broker with the ACLs that AWS names as the equals of its Kafka actions, and at moto's own IAM.
Nothing in a policy is without a use; who lacks a permission is told which; --role-arn counts everywhere.
"""
import datetime
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import boto3  # noqa: E402
import botocore.config  # noqa: E402
from confluent_kafka import admin as kafka_admin  # noqa: E402

from stack_testing import history, topic_reader  # noqa: E402
from stack_testing.iam_gate import ACCOUNT, REGION, IamGate, permissions_of  # noqa: E402
from stack_testing.moto_server import Moto  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402
from stack_testing.s3_gateway import ACCESS_KEY, SECRET_KEY, Gateway  # noqa: E402
from stack_testing.secured_broker import PASSWORDS, POOR, SecuredBroker  # noqa: E402

FAILED, ACCESS = 1, 8
BUCKET = "lake-bucket"
LAKE = f"s3://{BUCKET}/lake"
PLACE = ["--account", ACCOUNT, "--region", REGION]
CLUSTER = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/stack/0c8a1f2e-1111-2222-3333-444455556666-s1"
OPTIONS = {"producer": ["--cluster-arn", CLUSTER], "sink": ["--lake", LAKE], "compactor": ["--lake", LAKE],
           "crawler": ["--lake", LAKE, *PLACE],
           "analyst": ["--lake", LAKE, *PLACE, "--output-location", "s3://results-bucket/athena"]}
ROLE_KEYS = {"sink": "spare00", "crawler": "spare01", "analyst": "spare02", "compactor": "spare04"}
# Permissions on S3 that the work below does not use, and why the policy has them.
UNUSED = {
    "sink": {"AbortUploads": "of uploads that are cut off", "RemoveProbes": "of doctor's objects",
             "RegisterTidiesUp": "where a sink has registered hundreds of files since the last crawl"},
    "compactor": {("WriteMerged", "s3:AbortMultipartUpload"): "of uploads that are cut off"},
    "crawler": {("WriteCatalog", "s3:AbortMultipartUpload"): "of doctor's uploads"}}


def without(policy, sid, action=None):
    """POLICY without a statement, or without one of its actions."""
    statements = []
    for each in policy["Statement"]:
        if each["Sid"] == sid:
            if action is None:
                continue
            each = {**each, "Action": [other for other in each["Action"] if other != action]}
        statements.append(each)
    return {**policy, "Statement": statements}


def setUpModule():
    """What all cases share."""
    kind = EnforcementTest
    kind.root = pathlib.Path(tempfile.mkdtemp(prefix="stack-iam-"))
    unittest.addModuleCleanup(shutil.rmtree, kind.root, ignore_errors=True)
    kind.moto = Moto(kind.root)
    unittest.addModuleCleanup(kind.moto.stop)
    kind.broker = SecuredBroker(kind.root / "broker")
    unittest.addModuleCleanup(kind.broker.stop)
    kind.broker.start()
    kind.data = kind.root / "bars.csv"
    history.write_bars(kind.data, random.Random(7), ["AAA", "BBB"], 20)


class EnforcementTest(unittest.TestCase):
    """A broker, an S3 server, moto for the other services, and the gate before them."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.root))
        self.topic = f"t-{self.folder.name}"
        self.count = 0
        self.s3 = Gateway(self.folder / "s3")
        self.s3.make_bucket(BUCKET)
        self.s3.make_bucket("results-bucket")
        self.s3.start()
        self.addCleanup(self.s3.stop)
        self.gate = IamGate({"s3": ("127.0.0.1", self.s3.port), "": ("127.0.0.1", self.moto.port)})
        self.addCleanup(self.gate.stop)

    def stack(self, key, *arguments, code=0, **variables):
        """The ended process of a command that KEY's credentials are given to."""
        self.count += 1
        given = {"HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache"), "AWS_REGION": REGION,
                 "AWS_ENDPOINT_URL": self.gate.url, "AWS_EC2_METADATA_DISABLED": "true", **variables}
        if key:
            given |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        process = Process(self.folder, f"{self.count:02}-{arguments[0]}", *arguments, **given)
        self.assertEqual(process.wait(60), code, f"{process}\n{process.output()}\n{process.errors()}")
        return process

    def policy(self, role, *more):
        """What `stack iam print` prints."""
        return json.loads(self.stack(None, "iam", "print", role, *OPTIONS[role], *more).output())

    def take(self, role, *more):
        """The access key of ROLE, whose policy counts from now on."""
        self.gate.policies[ROLE_KEYS[role]] = self.policy(role, *more)
        return ROLE_KEYS[role]

    def keys(self):
        """All objects of the lake."""
        pages = self.s3.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return {each["Key"]: each["ETag"] for page in pages for each in page.get("Contents", [])}

    def fill(self, topic, days=2, records=240, wrong=1):
        """A topic of records and of some that are none."""
        values = [json.dumps({"symbol": "AAA", "session_date": f"2021-05-{1 + i % days:02}", "price": i}).encode()
                  for i in range(records)] + [b"not JSON"] * wrong
        topic_reader.make_topic(topic_reader.admin(self.broker.address), topic)
        topic_reader.produce(self.broker.address, topic, values)

    def kafka(self, topic):
        """Options of the listener where who comes may do everything."""
        return ["--bootstrap-servers", self.broker.address, "--topic", topic]

    def check_nothing_is_superfluous(self, role):
        """Every permission on S3 was the only one that let some request through."""
        self.assertEqual(self.gate.denied(ROLE_KEYS[role]), [])
        used = self.gate.used(ROLE_KEYS[role])
        explained = set()
        for each in permissions_of(self.gate.policies[ROLE_KEYS[role]]):
            if not each.action.startswith("s3:") or each in used:
                continue
            reason = each.sid if each.sid in UNUSED[role] else (each.sid, each.action)
            if each.resource.endswith("/_stack/probe/*") and each.sid == "WriteState":
                continue  # the first of all sinks looks there whether conditional writes count
            self.assertIn(reason, UNUSED[role], f"{each} has no use")
            explained.add(reason)
        self.assertEqual(explained, set(UNUSED[role]), "an explanation of what is used")


class Roles(EnforcementTest):
    """Each does its work, and only that."""

    def test_a_sink_lands_registers_verifies_and_compacts(self):
        key = self.take("sink", "--register", "--allow", "compact")
        other = f"{self.topic}-b"
        self.fill(self.topic)
        self.fill(other)
        sink = ["sink", "--lake", LAKE, "--rotate-count", "60", "--register", "--partition-by", "day", "--json"]
        summary = json.loads(self.stack(key, *sink, *self.kafka(self.topic), "--until-end").output())
        self.assertEqual((summary["landed"], summary["dead_letters"]), (240, 1))
        self.stack(key, *sink, *self.kafka(other), "--to-offset", "20")
        self.assertEqual(json.loads(self.stack(key, "verify", "--lake", LAKE, *self.kafka(self.topic), "--json").output())["lost"], 0)
        self.assertIn("not JSON", self.stack(key, "dlq", "show", "--lake", LAKE).output())
        for hours, arguments in ((2, []), (4, []), (4, ["--expire", "1d"])):
            self.gate.ahead = datetime.timedelta(hours=hours)
            self.stack(key, "compact", "--lake", LAKE, "--closed-for", "30m", *arguments)
        self.check_nothing_is_superfluous("sink")

    def test_a_compactor_merges_and_removes_what_a_sink_has_landed(self):
        self.fill(self.topic)
        self.stack(ACCESS_KEY, "sink", "--lake", LAKE, "--rotate-count", "60", "--partition-by", "day", "--until-end",
                   *self.kafka(self.topic))
        key = self.take("compactor")
        for hours, arguments in ((2, []), (4, []), (4, ["--expire", "1d"])):
            self.gate.ahead = datetime.timedelta(hours=hours)
            self.stack(key, "compact", "--lake", LAKE, "--table", "ticks", *arguments)
        self.assertEqual([name for name in self.keys() if name.startswith("lake/ticks/")], [])
        self.check_nothing_is_superfluous("compactor")

    def test_a_crawler_catalogues_what_a_sink_has_landed(self):
        self.fill(self.topic)
        self.stack(ACCESS_KEY, "sink", "--lake", LAKE, *self.kafka(self.topic), "--until-end", "--register")
        self.s3.client().delete_object(Bucket=BUCKET, Key="lake/_stack/catalog/stack/ticks.json")
        key = self.take("crawler")
        before = {name for name in self.keys() if "/_stack/" not in name}
        self.stack(key, "crawl", "--lake", LAKE)
        self.assertIn("lake/_stack/catalog/stack/ticks.json", self.keys())
        self.assertEqual({name for name in self.keys() if "/_stack/" not in name}, before)
        for name in before:
            self.s3.client().delete_object(Bucket=BUCKET, Key=name)
        self.stack(key, "crawl", "--lake", LAKE)
        self.assertNotIn("lake/_stack/catalog/stack/ticks.json", self.keys())
        self.check_nothing_is_superfluous("crawler")

    def test_sink_and_crawler_register_in_glue(self):
        database = self.folder.name.replace("-", "_").lower()
        glue = self.moto.client("glue")
        glue.create_database(DatabaseInput={"Name": database})
        self.fill(self.topic)
        in_glue = ["--lake", LAKE, "--catalog", "glue", "--database", database]
        key = self.take("sink", "--register", "--catalog", "glue", "--database", database, *PLACE)
        self.stack(key, "sink", *in_glue, *self.kafka(self.topic), "--until-end", "--register")
        self.assertEqual(self.gate.denied(key), [])
        self.assertEqual(glue.get_table(DatabaseName=database, Name="ticks")["Table"]["Name"], "ticks")
        glue.delete_table(DatabaseName=database, Name="ticks")
        key = self.take("crawler", "--database", database)
        self.stack(key, "crawl", *in_glue)
        self.assertEqual(self.gate.denied(key), [])
        self.assertEqual(len(glue.get_partitions(DatabaseName=database, TableName="ticks")["Partitions"]), 1)
        self.gate.policies[key] = without(self.gate.policies[key], "GlueWrite", "glue:DeleteTable")
        for name in [name for name in self.keys() if "/_stack/" not in name]:
            self.s3.client().delete_object(Bucket=BUCKET, Key=name)
        self.assertIn("glue:DeleteTable", self.stack(key, "crawl", *in_glue, code=ACCESS).errors())

    def test_an_analyst_reads_and_writes_nothing(self):
        self.fill(self.topic)
        self.stack(ACCESS_KEY, "sink", "--lake", LAKE, *self.kafka(self.topic), "--until-end", "--register")
        key = self.take("analyst")
        before = self.keys()
        answer = self.stack(key, "query", "SELECT count(*) AS n FROM ticks", "--lake", LAKE, "--output", "csv").output()
        self.assertEqual(answer.split(), ["n", "240"])
        self.stack(key, "catalog", "show", "ticks", "--lake", LAKE)
        self.assertEqual(self.gate.denied(key), [])
        for command in (["sink", *self.kafka(self.topic), "--until-end"], ["crawl"], ["clean", "--yes"]):
            said = self.stack(key, *command, "--lake", LAKE, code=ACCESS).errors()
            self.assertRegex(said, "may not do s3:(PutObject|DeleteObject|ListBucketMultipartUploads) here")
            self.assertIn("the credentials of the environment", said)
            self.assertEqual(self.keys(), before, command)

    def test_without_one_permission_the_sink_says_which_and_leaves_nothing_half_done(self):
        self.fill(self.topic)
        whole = self.policy("sink")
        for sid, action, missing in (("WriteClaimsOnce", None, "s3:PutObject"), ("ListLake", None, "s3:ListBucket"),
                                     ("ReadLake", None, "s3:GetObject"), ("WriteTable", None, "s3:PutObject"),
                                     ("ListStaleUploads", None, "s3:ListBucketMultipartUploads")):
            self.gate.policies["spare03"] = without(whole, sid, action)
            said = self.stack("spare03", "sink", "--lake", LAKE, *self.kafka(self.topic), "--until-end", code=ACCESS).errors()
            self.assertIn(missing, said, sid)
            self.assertIn("stack iam print", said)
            self.assertFalse([name for name in self.keys() if "/dt=" in name], f"{sid}: a file without all it needs")
        self.gate.policies["spare03"] = whole
        self.stack("spare03", "sink", "--lake", LAKE, *self.kafka(self.topic), "--until-end")
        self.stack(ACCESS_KEY, "verify", "--lake", LAKE, *self.kafka(self.topic))

    def test_a_claim_cannot_be_replaced_even_by_the_sinks_own_keys(self):
        self.fill(self.topic)
        key = self.take("sink")
        self.stack(key, "sink", "--lake", LAKE, *self.kafka(self.topic), "--until-end")
        claim = next(name for name in self.keys() if "/_stack/claims/" in name)
        client = boto3.client("s3", endpoint_url=self.gate.url, aws_access_key_id=key, aws_secret_access_key=SECRET_KEY,
                              region_name=REGION, config=botocore.config.Config(s3={"addressing_style": "path"}))
        before = self.keys()
        for act in (lambda: client.put_object(Bucket=BUCKET, Key=claim, Body=b"{}"),
                    lambda: client.delete_object(Bucket=BUCKET, Key=claim),
                    lambda: client.delete_object(Bucket=BUCKET, Key=next(name for name in before if "/dt=" in name))):
            with self.assertRaisesRegex(client.exceptions.ClientError, "AccessDenied"):
                act()
        with self.assertRaisesRegex(client.exceptions.ClientError, "PreconditionFailed"):
            client.put_object(Bucket=BUCKET, Key=claim, Body=b"{}", IfNoneMatch="*")
        self.assertEqual(self.keys(), before)


# AWS's table of actions for Kafka names the ACL that each is the equal of.
# (https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html)
_ACLS = {"DescribeTopic": "DESCRIBE", "ReadData": "READ", "WriteData": "WRITE", "CreateTopic": "CREATE",
         "DescribeTopicDynamicConfiguration": "DESCRIBE_CONFIGS", "DescribeGroup": "DESCRIBE", "AlterGroup": "READ",
         "DescribeTransactionalId": "DESCRIBE", "AlterTransactionalId": "WRITE",
         "WriteDataIdempotently": "IDEMPOTENT_WRITE"}
_KINDS = {"topic": "TOPIC", "group": "GROUP", "transactional-id": "TRANSACTIONAL_ID", "cluster": "BROKER"}


class Kafka(EnforcementTest):
    """The Kafka part of the policies of producer and sink, as ACLs."""

    def grant(self, user, policy):
        """Gives USER what POLICY says, and nothing else."""
        bindings = []
        for each in permissions_of(policy):
            service, _, action = each.action.partition(":")
            if service != "kafka-cluster" or action == "Connect":
                continue
            kind, *_, name = each.resource.split(":", 5)[5].split("/")
            prefixed = "*" in name
            if kind == "cluster":
                name = "kafka-cluster"
            bindings.append(kafka_admin.AclBinding(
                getattr(kafka_admin.ResourceType, _KINDS[kind]), name.partition("*")[0],
                kafka_admin.ResourcePatternType.PREFIXED if prefixed else kafka_admin.ResourcePatternType.LITERAL,
                f"User:{user}", "*", getattr(kafka_admin.AclOperation, _ACLS[action]), kafka_admin.AclPermissionType.ALLOW))
        admin = self.broker.admin()
        for future in admin.create_acls(bindings).values():
            future.result()

    def as_user(self, user):
        """Options of a login with USER's password."""
        return ["--bootstrap-servers", self.broker.addresses["OPEN"], "--topic", self.topic,
                "--kafka-property", "security.protocol=SASL_PLAINTEXT", "--kafka-property", "sasl.mechanism=PLAIN",
                "--kafka-property", f"sasl.username={user}", "--kafka-property", f"sasl.password={PASSWORDS[user]}"]

    def test_producer_and_sink(self):
        produce = ["produce", self.data, "--speed", "max", "--limit", "3000", *self.as_user(POOR)]
        self.grant(POOR, self.policy("producer", "--topic", self.topic))
        self.stack(None, *produce, code=ACCESS)  # the topic is not there, and who may not make it does not
        self.grant(POOR, self.policy("producer", "--topic", self.topic, "--allow", "create-topic"))
        self.stack(None, *produce)
        self.assertIn("were there already", self.stack(None, *produce).errors())  # it reads back where it stopped
        self.grant("rotated", self.policy("sink", "--topic", self.topic, "--cluster-arn", CLUSTER))
        key = self.take("sink", "--topic", self.topic)
        self.stack(key, "sink", "--lake", LAKE, "--until-end", *self.as_user("rotated"))
        verdict = json.loads(self.stack(key, "verify", "--lake", LAKE, "--json", *self.as_user("rotated")).output())
        self.assertEqual((verdict["lost"], verdict["duplicated"]), (0, 0))
        self.stack(None, "produce", self.data, "--speed", "max", "--limit", "3000", *self.as_user("rotated"),
                   code=ACCESS)  # a sink does not write the topic


class Doctor(EnforcementTest):
    """`stack doctor --aws` says who one is, and names each permission that is missing."""

    def doctor(self, key, *arguments, code=0, **variables):
        """Its findings."""
        answer = json.loads(self.stack(key, "doctor", "--aws", "--json", *arguments, code=code, **variables).output())
        self.assertEqual(answer["healthy"], code == 0)
        return answer["findings"]

    def denied(self, findings):
        """The actions that are missing, by role."""
        return {(each["role"], each["action"]) for each in findings if not each["healthy"] and "action" in each}

    def test_who_has_all_that_a_role_needs_is_told_so(self):
        before = self.keys()
        for role, options in OPTIONS.items():
            if role == "producer":
                continue
            key = self.take(role)
            self.gate.policies[key]["Statement"].append(
                {"Sid": "Simulate", "Effect": "Allow", "Action": ["iam:SimulatePrincipalPolicy"], "Resource": ["*"]})
            findings = self.doctor(key, "--role", role, *options)
            self.assertIn(f"account {ACCOUNT}", findings[0]["text"])
            self.assertIn("the credentials of the environment", findings[0]["text"])
            self.assertFalse([each for each in findings if each.get("warning")], findings)
            self.assertEqual([each["subject"] for each in findings], ["AWS identity", f"role {role}"], findings)
        self.assertEqual(self.keys(), before, "doctor leaves something")

    def test_each_missing_permission_is_named(self):
        for role, sid, action in (("sink", "WriteTable", "s3:PutObject"), ("sink", "ListLake", "s3:ListBucket"),
                                  ("sink", "AbortUploads", "s3:AbortMultipartUpload"),
                                  ("crawler", "TidyCatalog", "s3:DeleteObject"), ("crawler", "GlueWrite", "glue:BatchCreatePartition"),
                                  ("crawler", "GlueWrite", "glue:UpdateTable"), ("analyst", "Athena", "athena:GetWorkGroup"),
                                  ("analyst", "ReadLake", "s3:GetObject"), ("analyst", "GlueRead", "glue:GetTable")):
            key = self.take(role)
            self.gate.policies[key] = without(self.gate.policies[key], sid, action)
            findings = self.doctor(key, "--role", role, *OPTIONS[role], code=FAILED)
            self.assertEqual(self.denied(findings), {(role, action)}, f"{role} without {action} of {sid}")
            told = next(each for each in findings if each.get("action") == action)
            self.assertIn(f"`stack iam print {role} --lake {LAKE}", told["text"])
            self.assertIn("arn:aws:", told["resource"])
            self.assertIn("is not authorized to perform", told["said"])

    def test_what_no_call_tells_is_told_by_the_simulation_or_said_to_be_unknown(self):
        key = self.take("analyst")
        findings = self.doctor(key, "--role", "analyst", *OPTIONS["analyst"])
        warning = next(each for each in findings if each.get("warning"))
        self.assertIn("athena:StartQueryExecution", warning["text"])
        self.assertIn("iam:SimulatePrincipalPolicy", warning["text"])
        self.gate.policies[key] = without(self.gate.policies[key], "Athena", "athena:StartQueryExecution")
        self.gate.policies[key]["Statement"].append(
            {"Sid": "Simulate", "Effect": "Allow", "Action": ["iam:SimulatePrincipalPolicy"], "Resource": ["*"]})
        findings = self.doctor(key, "--role", "analyst", *OPTIONS["analyst"], code=FAILED)
        self.assertEqual(self.denied(findings), {("analyst", "athena:StartQueryExecution")})

    def test_nobody_and_nothing(self):
        findings = self.doctor(None, "--lake", LAKE, code=FAILED)
        self.assertEqual(len(findings), 1)
        self.assertIn("the environment (AWS_ACCESS_KEY_ID is not set)", findings[0]["text"])
        findings = self.doctor(ACCESS_KEY)
        self.assertIn("no permission was checked", findings[1]["text"])
        self.assertIn("NoSuchBucket", json.dumps(self.doctor(ACCESS_KEY, "--role", "sink", "--lake", "s3://no-such-bucket/x",
                                                             code=FAILED)))
        self.assertIn("did you mean sink?", self.stack(ACCESS_KEY, "doctor", "--aws", "--role", "sinks", code=2).errors())


class AssumedRoles(EnforcementTest):
    """--role-arn and its companions, with every command that speaks to AWS."""

    def setUp(self):
        super().setUp()
        self.gate.stop()
        self.gate = IamGate({"": ("127.0.0.1", self.moto.port)})
        self.bucket = f"b-{self.folder.name.replace('_', '-')}".lower()
        self.moto.client("s3").create_bucket(Bucket=self.bucket)
        self.lake = f"s3://{self.bucket}/lake"
        trust = json.loads(self.stack(None, "iam", "print", "analyst", "--trust", *PLACE, "--external-id", "x-17").output())
        self.role = self.moto.client("iam").create_role(
            RoleName=self.bucket, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]

    def helps(self):
        """What --help says, by command."""
        listed = self.stack(None, "--help").output().partition("Subcommands:")[2]
        names = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
        return {name: self.stack(None, name, "--help").output() for name in names if name != "stack"}

    def test_every_command_that_speaks_to_aws_takes_a_role(self):
        helps = self.helps()
        self.assertIn("sink", helps)
        takes = {name for name, text in helps.items() if "--role-arn" in text}
        speaks = {name for name, text in helps.items()
                  if any(option in text for option in ("--s3-endpoint", "--kafka-auth", "--aws ")) or name in ("kafka", "deploy")}
        self.assertEqual(speaks, takes)
        for name in takes:
            for option in ("--region", "--external-id", "--role-session-name", "--role-duration"):
                self.assertIn(option, helps[name], name)

    def test_it_counts_for_every_one(self):
        self.fill(self.topic)
        as_role = ["--role-arn", self.role, "--external-id", "x-17", "--role-session-name", "night", "--lake", self.lake]
        commands = [["sink", *self.kafka(self.topic), "--until-end"], ["crawl"], ["catalog", "list"],
                    ["query", "SELECT count(*) FROM ticks"], ["verify", *self.kafka(self.topic)], ["compact", "--dry-run"],
                    ["dlq", "list"], ["clean"], ["doctor", "--aws", "--role", "sink"]]
        for command in commands:
            self.gate.requests = []
            done = self.stack("caller", *command, *as_role)
            taken = [form for key, service, form in self.gate.requests if service == "sts" and key == "caller"]
            self.assertTrue(taken, f"{done}: no role was taken")
            for form in taken:
                self.assertEqual((form["Action"], form["RoleArn"], form["ExternalId"], form["RoleSessionName"]),
                                 ("AssumeRole", self.role, "x-17", "night"))
            others = {key for key, service, _ in self.gate.requests if service != "sts"}
            self.assertTrue(others, done)
            self.assertNotIn("caller", others, f"{done} speaks in its own name")
        self.assertIn(f"{self.bucket}/night", done.output())

    def test_a_role_needs_credentials_to_be_taken_with(self):
        said = self.stack(None, "catalog", "list", "--lake", self.lake, "--role-arn", self.role, code=ACCESS).errors()
        self.assertIn(f"assuming role {self.role}: no AWS credentials here", said)


class AtMoto(EnforcementTest):
    """moto's IAM, another maker's: users, roles, trust, signatures, actions and resources; no conditions."""

    def setUp(self):
        super().setUp()
        self.name = f"m-{self.folder.name.replace('_', '-')}".lower()
        self.moto.client("s3").create_bucket(Bucket=self.name)
        self.lake = f"s3://{self.name}/lake"
        iam = self.moto.client("iam")
        iam.create_user(UserName=self.name)
        self.user = iam.create_access_key(UserName=self.name)["AccessKey"]
        self.roles = {}
        for role, options in (("sink", []), ("crawler", PLACE)):
            name = f"{self.name}-{role}"
            trust = {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{self.name}"}, "Action": "sts:AssumeRole"}]}
            self.roles[role] = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
            text = self.stack(None, "iam", "print", role, "--lake", self.lake, *options).output()
            iam.put_role_policy(RoleName=name, PolicyName="stack", PolicyDocument=text)
        iam.put_user_policy(UserName=self.name, PolicyName="take", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}))
        self.moto.check_permissions(True)
        self.addCleanup(self.moto.check_permissions, False)

    def as_role(self, role, *arguments, code=0):
        """A command in ROLE's name."""
        return self.stack(None, *arguments, "--lake", self.lake, "--role-arn", self.roles[role], code=code,
                          AWS_ENDPOINT_URL=self.moto.url, AWS_ACCESS_KEY_ID=self.user["AccessKeyId"],
                          AWS_SECRET_ACCESS_KEY=self.user["SecretAccessKey"])

    def test_sink_and_crawler(self):
        self.fill(self.topic)
        self.as_role("crawler", "sink", *self.kafka(self.topic), "--until-end", code=ACCESS)
        self.as_role("sink", "sink", *self.kafka(self.topic), "--until-end")
        said = self.as_role("sink", "crawl", code=ACCESS).errors()
        self.assertIn("may not do s3:PutObject here", said)
        self.assertIn(self.roles["sink"], said)
        self.as_role("crawler", "crawl")


if __name__ == "__main__":
    os.environ.pop("AWS_CA_BUNDLE", None)
    sys.exit(run_cases(Roles, Kafka, Doctor, AssumedRoles, AtMoto))
