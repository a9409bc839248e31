"""deploy/aws/stack.yaml: what its makers' and others' checkers say of it, and that it is what the program says of it."""
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing.broker import cache_folder  # noqa: E402
from stack_testing.cloudformation import ACCOUNT, CLUSTER, REGION, Template  # noqa: E402
from stack_testing.program import PROGRAM, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
FILE = ROOT / "deploy" / "aws" / "stack.yaml"
TEXT = FILE.read_text(encoding="utf-8")
CHECKS = cache_folder() / "template-checks" / "bin"
BUCKET = "stack-lake-1"
# Every way of the template's conditions.
VARIANTS = [{"BucketName": BUCKET, "Kafka": kafka, "VpcId": vpc, "SubnetIds": "subnet-0123abcd,subnet-4567cdef" if vpc else "",
             "Bucket": bucket} for kafka, vpc, bucket in
            itertools.product(("ec2", "msk-serverless"), ("", "vpc-0123abcd"), ("new", "existing"))]
WHOLE = {"BucketName": BUCKET, "Kafka": "msk-serverless"}

CHECKOV = """
import json, sys
from checkov.cloudformation.runner import Runner
from checkov.runner_filter import RunnerFilter
report = Runner().run(root_folder=None, files=sys.argv[1:], runner_filter=RunnerFilter(framework=["cloudformation"]))
json.dump({"passed": len(report.passed_checks), "failed": [[c.check_id, c.resource] for c in report.failed_checks],
           "skipped": [[c.check_id, c.resource, c.check_result.get("suppress_comment")] for c in report.skipped_checks]},
          sys.stdout)
"""
PARLIAMENT = """
import json, sys
from parliament import analyze_policy_string
print(json.dumps([[name, finding.issue, str(finding.detail)] for name, text in json.load(sys.stdin)
                  for finding in analyze_policy_string(text).findings]))
"""


def run(*arguments, given=None, timeout=120, **variables):
    """A finished process."""
    return subprocess.run([str(each) for each in arguments], input=given, capture_output=True, text=True,
                          timeout=timeout, env=environment(**variables), check=False)


def stack(*arguments, **variables):
    """`stack ARGUMENTS`, which must succeed; its output."""
    result = run(PROGRAM, *arguments, **variables)
    assert result.returncode == 0, result.stderr
    return result.stdout


def many(of):
    """A list, also of what stands alone."""
    return of if isinstance(of, list) else [of]


def policies(resources):
    """All policy documents, by what they are attached to."""
    found = []
    for name, resource in resources.items():
        properties = resource["Properties"]
        if "PolicyDocument" in properties:
            found.append((properties.get("RoleName", name).removeprefix("ref-"), properties["PolicyDocument"]))
        found += [(name, each["PolicyDocument"]) for each in properties.get("Policies", [])]
    return found


def grants(documents):
    """(action, resource, condition) of statements that allow."""
    return {(action, resource, json.dumps({operation: {key: many(value) for key, value in keys.items()}
                                           for operation, keys in statement.get("Condition", {}).items()}))
            for document in documents for statement in document["Statement"] if statement["Effect"] == "Allow"
            for action in many(statement["Action"]) for resource in many(statement["Resource"])}


def user_data(**values):
    """The machine's script."""
    return Template(TEXT, **{**WHOLE, **values}).resources()["Machine"]["Properties"]["UserData"]


def files_of(script):
    """What the script writes, by path."""
    return dict(re.findall(r"^cat >(\S+) <<'EOF'\n(.*?)^EOF$", script, re.M | re.S))


class CheckersTest(unittest.TestCase):
    """Checkers of other makers find nothing that is not explained."""

    def test_cfn_lint_finds_nothing(self):
        result = run(CHECKS / "cfn-lint", "--", FILE)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_cfn_lint_would_find_something(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as broken:
            broken.write(TEXT.replace("HttpTokens: required", "HttpTokens: perhaps"))
            broken.flush()
            self.assertNotEqual(run(CHECKS / "cfn-lint", "--", broken.name).returncode, 0)

    def test_checkov_finds_nothing_that_is_not_explained(self):
        with tempfile.TemporaryDirectory() as folder:
            open_bucket = pathlib.Path(folder) / "open.yaml"
            open_bucket.write_text(TEXT.replace("BlockPublicPolicy: true", "BlockPublicPolicy: false"))
            result = run(CHECKS / "python3", "-c", CHECKOV, FILE, open_bucket)
        self.assertEqual(result.returncode, 0, result.stderr)
        found = json.loads(result.stdout[result.stdout.index("{"):])
        self.assertGreater(found["passed"], 60)
        self.assertEqual([check for check, _ in found["failed"]], ["CKV_AWS_54"], "of the opened bucket alone")
        for check, resource, comment in found["skipped"]:
            self.assertGreater(len(comment or ""), 30, f"{check} of {resource} is passed over without a reason")

    def test_parliament_finds_nothing_in_the_policies(self):
        documents = [(name, json.dumps(document)) for values in VARIANTS
                     for name, document in policies(Template(TEXT, **values).resources()) if "Policy" not in name]
        documents.append(("wrong", json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:Read", "Resource": "*"}]})))
        result = run(CHECKS / "python3", "-c", PARLIAMENT, given=json.dumps(documents))
        self.assertEqual(result.returncode, 0, result.stderr)
        findings = json.loads(result.stdout)
        self.assertEqual([each for each in findings if each[0] != "wrong"], [])
        self.assertTrue(findings, "not even the wrong one was found")


class PoliciesTest(unittest.TestCase):
    """The roles may what `stack iam print` says, and nothing else."""

    def printed(self, role, *more):
        """The program's policy for the things of the template."""
        return json.loads(stack("iam", "print", role, "--lake", f"s3://{BUCKET}/lake", "--region", REGION, "--account",
                                ACCOUNT, "--table", "ticks", *more))

    def expect(self, role, names, *printed):
        """That the template's role has just these grants."""
        documents = [document for name, document in policies(Template(TEXT, **WHOLE).resources()) if name in names]
        ours, theirs = grants(documents), grants(printed)
        self.assertEqual(ours - theirs, set(), f"{role}: the template allows what the program does not ask for")
        self.assertEqual(theirs - ours, set(), f"{role}: the template lacks what the program asks for")

    def test_producer(self):
        self.expect("producer", ["ProducerRole"], self.printed(
            "producer", "--cluster-arn", CLUSTER, "--topic", "stock-events", "--allow", "create-topic"))

    def test_sink(self):
        self.expect("sink", ["SinkRole"], self.printed(
            "sink", "--cluster-arn", CLUSTER, "--topic", "stock-events", "--register", "--catalog", "glue"))

    def test_compactor(self):
        self.expect("compactor", ["CompactorRole"], self.printed("compactor"))

    def test_only_compaction_removes_rows(self):
        resources = Template(TEXT, **WHOLE).resources()
        removers = {name for name, document in policies(resources) for action, resource, _ in grants([document])
                    if action == "s3:DeleteObject" and "/lake/ticks/" in resource}
        self.assertEqual(removers, {"CompactorRole"})
        machine, = (document for name, document in policies(resources) if name == "MachineRole")
        self.assertEqual({resource.rpartition("/")[2] for action, resource, _ in grants([machine]) if action == "sts:AssumeRole"},
                         {f"stack-{role}-{REGION}" for role in ("producer", "sink", "compactor")})

    def test_crawler(self):
        self.expect("crawler", ["CrawlerRole"], self.printed(
            "crawler", "--engine", "glue", "--database", "stack_crawled"))

    def test_analyst(self):
        to = ["analyst", "--workgroup", "stack", "--output-location", f"s3://{BUCKET}/athena-results"]
        self.expect("analyst", ["AnalystRole"], self.printed(*to), self.printed(*to, "--database", "stack_crawled"))


class TemplateTest(unittest.TestCase):
    """What it makes is what was asked for."""

    def test_the_program_prints_it_and_it_fits_into_a_call(self):
        self.assertEqual(stack("deploy", "aws", "--print-template"), TEXT)
        self.assertLessEqual(len(TEXT.encode()), 51_200)

    def test_the_plan_lists_what_the_conditions_make(self):
        for values in VARIANTS:
            parameters = [each for name, value in values.items() for each in ("--parameter", f"{name}={value}")]
            plan = json.loads(stack("deploy", "aws", "--dry-run", "--json", *parameters))
            expected = {name: each["Type"] for name, each in Template(TEXT, **values).resources().items()}
            self.assertEqual({each["name"]: each["type"] for each in plan["resources"]}, expected, values)
            self.assertEqual([each["name"] for each in plan["resources"] if not each["purpose"]], [])

    def test_the_bucket_is_encrypted_versioned_private_and_outlives_the_stack(self):
        template = Template(TEXT, **WHOLE)
        for name in ("LakeBucket", "BucketPolicy"):
            self.assertEqual(template.body["Resources"][name]["DeletionPolicy"], "RetainExceptOnCreate")
            self.assertEqual(template.body["Resources"][name]["UpdateReplacePolicy"], "Retain")
        bucket = template.resources()["LakeBucket"]["Properties"]
        self.assertEqual(set(bucket["PublicAccessBlockConfiguration"].values()), {True})
        self.assertEqual(bucket["VersioningConfiguration"], {"Status": "Enabled"})
        self.assertEqual(bucket["OwnershipControls"]["Rules"], [{"ObjectOwnership": "BucketOwnerEnforced"}])

    def test_no_rule_moves_or_expires_what_the_lake_knows_itself_by(self):
        for days in ("90", "0"):
            bucket = Template(TEXT, **WHOLE, ColdDays=days).resources()["LakeBucket"]["Properties"]
            rules = bucket["LifecycleConfiguration"]["Rules"]
            self.assertEqual(len(rules), 4 if days == "90" else 3)
            for rule in rules:
                if "Transitions" in rule or "ExpirationInDays" in rule:
                    self.assertFalse("lake/_stack/claims/x".startswith(rule["Prefix"]), rule)

    def test_the_machine_is_closed(self):
        for values in VARIANTS:
            resources = Template(TEXT, **values).resources()
            self.assertNotIn("SecurityGroupIngress", resources["MachineGroup"]["Properties"])
            machine = resources["Machine"]["Properties"]
            self.assertEqual(machine["MetadataOptions"]["HttpTokens"], "required")
            self.assertNotIn("KeyName", machine)
            self.assertTrue(machine["BlockDeviceMappings"][0]["Ebs"]["Encrypted"])
            self.assertEqual(machine["NetworkInterfaces"][0]["AssociatePublicIpAddress"], values["VpcId"] == "")

    def test_athena_is_limited(self):
        group = Template(TEXT, **WHOLE).resources()["Workgroup"]["Properties"]["WorkGroupConfiguration"]
        self.assertTrue(group["EnforceWorkGroupConfiguration"])
        self.assertEqual(group["BytesScannedCutoffPerQuery"], "10000000000")
        self.assertEqual(group["ResultConfiguration"]["EncryptionConfiguration"], {"EncryptionOption": "SSE_S3"})

    def test_the_crawler_has_a_schedule_only_where_one_is_given(self):
        self.assertNotIn("Schedule", Template(TEXT, **WHOLE).resources()["Crawler"]["Properties"])
        crawler = Template(TEXT, **WHOLE, CrawlSchedule="cron(0 6 * * ? *)").resources()["Crawler"]["Properties"]
        self.assertEqual(crawler["Schedule"], {"ScheduleExpression": "cron(0 6 * * ? *)"})


class MachineTest(unittest.TestCase):
    """What the machine runs at its first boot."""

    def test_its_scripts_are_scripts(self):
        for kafka in ("ec2", "msk-serverless"):
            script = user_data(Kafka=kafka)
            self.assertLess(len(script.encode()), 16_384, "EC2 takes no more")
            files = files_of(script)
            self.assertTrue(script.startswith("#cloud-boothook\n#!/bin/bash\n"), "run at every boot")
            for text in (script, files["/usr/local/sbin/stack-setup"], files["/usr/local/sbin/stack-figures"]):
                self.assertEqual(run("bash", "-n", given=text).stderr, "")

    def test_the_program_knows_every_setting(self):
        files = files_of(user_data())
        lines = files["/etc/stack/aws.env"].splitlines()
        for unit in ("producer", "sink"):
            lines += re.findall(r"\b(STACK_\w+=\S+)", files[f"/etc/systemd/system/stack-{unit}.service.d/aws.conf"])
        variables = dict(line.split("=", 1) for line in lines)
        self.assertEqual(variables["STACK_ROLE_ARN"], f"arn:aws:iam::{ACCOUNT}:role/stack-sink-{REGION}")
        self.assertEqual(variables["STACK_LAKE"], f"s3://{BUCKET}/lake")
        # A setting that is unknown is an error of every command.
        self.assertEqual(len(stack("simulate", ROOT / "examples/data/stocks.csv", "--limit", "1", "--speed", "max",
                                   **{**variables, "STACK_RATE": ""} | {"STACK_LOOP": "false"}).splitlines()), 1)

    def test_compaction_can_be_left_out(self):
        self.assertIn("systemctl disable --now stack-compact.timer\n",
                      files_of(user_data(Compaction="never"))["/usr/local/sbin/stack-setup"])

    def test_compaction_has_a_role_of_its_own_and_keeps_all_unless_told_otherwise(self):
        for days, expire in (("0", []), ("400", ["400d"])):
            settings = files_of(user_data(RetainDays=days))["/etc/systemd/system/stack-compact.service.d/aws.conf"]
            self.assertIn("EnvironmentFile=/etc/stack/aws.env\n", settings)
            self.assertIn(f"STACK_ROLE_ARN=arn:aws:iam::{ACCOUNT}:role/stack-compactor-{REGION}", settings)
            self.assertEqual(re.findall(r"\bSTACK_EXPIRE=(\S+)", settings), expire)
            done = run(PROGRAM, "compact", "--lake", "/nonexistent", **{"STACK_EXPIRE": each for each in expire})
            self.assertIn("/nonexistent", done.stderr, "the program takes it")

    def test_each_variant_installs_its_packages(self):
        for kafka in ("ec2", "msk-serverless"):
            files = files_of(user_data(Kafka=kafka))
            cluster = CLUSTER if kafka != "ec2" else ""
            self.assertIn(f"CLUSTER={cluster}\n", files["/etc/stack/deployment.env"])
            with tempfile.TemporaryDirectory() as place:
                folder = pathlib.Path(place)
                (folder / "stack-install").mkdir()
                code, said = self.set_up(folder, files, cluster)
                self.assertEqual((code, "--reinstall" in said), (1, False), "it waits for the package")
                (folder / "stack-install" / "stack-market.deb").write_text("the package")
                (folder / "stack-install" / "stack-market-kafka.deb").write_text("the broker's")
                code, said = self.set_up(folder, files, cluster)
                self.assertEqual(code, 0, said)
                installed = next(line for line in said.splitlines() if "--reinstall" in line)
                self.assertIn("stack-market.deb", installed)
                self.assertEqual("stack-market-kafka.deb" in installed, kafka == "ec2")
                self.assertEqual("systemctl enable stack-kafka stack-producer stack-sink stack-figures.timer" in said,
                                 kafka == "ec2", said)
                self.assertIn("systemctl enable --now stack-compact.timer\n", said)
                _, said = self.set_up(folder, files, cluster)
                self.assertNotIn("--reinstall", said)
                self.assertNotIn("systemctl restart", said, "nothing is new")
                (folder / "stack-install" / "prices.csv").write_text("other data")
                _, said = self.set_up(folder, files, cluster)
                self.assertIn("systemctl restart stack-producer stack-sink", said)
                self.assertIn(f"PRODUCER_DATA={folder}/prices.csv", (folder / "aws-found.env").read_text())
                (folder / "stack-install" / "stack-market.deb").write_text("another build of the same version")
                self.assertIn("--reinstall", self.set_up(folder, files, cluster)[1])
                if cluster:
                    self.assertIn("KAFKA_BOOTSTRAP_SERVERS=boot-1:9098\nSTACK_KAFKA_AUTH=msk-iam\n",
                                  (folder / "aws-found.env").read_text())

    def set_up(self, folder, files, cluster):
        """Runs the set-up with commands that only tell what they were called with: its exit code, and what they told."""
        (folder / "said").write_text("")
        (folder / "aws.env").write_text(files["/etc/stack/aws.env"])
        for name in ("apt-get", "aws", "curl", "systemctl", "install"):
            (folder / name).write_text(f"#!/bin/bash\necho {name} \"$@\" >>{folder}/said\n"
                                       "[[ $* != *get-bootstrap-brokers* ]] || echo boot-1:9098\n")
            (folder / name).chmod(0o755)
        script = files["/usr/local/sbin/stack-setup"]
        for theirs in ("/etc/stack/", "/var/cache/", "/var/lib/stack/", "/run/"):
            script = script.replace(theirs, f"{folder}/")
        result = run("bash", "-c", script, PATH=f"{folder}:{os.environ['PATH']}", AWS_REGION=REGION, BUCKET=BUCKET,
                     CLUSTER=cluster, DOMAIN="amazonaws.com")
        return result.returncode, (folder / "said").read_text()

    def figures(self, metrics):
        """What the machine tells CloudWatch of METRICS; None where it tells nothing."""
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            (folder / "metrics").write_text(metrics)
            (folder / "curl").write_text(f"#!/bin/sh\ncat {folder}/metrics\n")
            (folder / "aws").write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >{folder}/said\n")
            for name in ("curl", "aws"):
                (folder / name).chmod(0o755)
            result = run("bash", "-c", files_of(user_data())["/usr/local/sbin/stack-figures"],
                         PATH=f"{folder}:{os.environ['PATH']}", DEPLOYMENT="stack")
            self.assertEqual(result.returncode, 0, result.stderr)
            return (folder / "said").read_text().splitlines()

    def test_the_figures_that_alarms_watch(self):
        of = "Dimensions=[{Name=Deployment,Value=stack}]"
        said = self.figures('# TYPE stack_sink_lag_records gauge\nstack_sink_lag_records{topic="t",partition="0"} 40\n'
                            'stack_sink_lag_records{topic="t",partition="1"} 1200002\n'
                            "stack_sink_dead_letters_total 7\nstack_sink_landed_rows_total 99\n")
        self.assertEqual(said, ["cloudwatch", "put-metric-data", "--namespace", "STACK", "--metric-data",
                                f"MetricName=LagRecords,{of},Value=1200042", f"MetricName=DeadLetters,{of},Value=7"])
        said = self.figures("stack_sink_dead_letters_total 0\n")
        self.assertEqual(said[5:], [f"MetricName=DeadLetters,{of},Value=0"])

    def test_the_alarms_watch_what_is_sent(self):
        resources = Template(TEXT, **WHOLE).resources()
        lag = resources["LagAlarm"]["Properties"]
        dead = resources["DeadLetterAlarm"]["Properties"]["Metrics"][1]["MetricStat"]["Metric"]
        sent = files_of(user_data())["/usr/local/sbin/stack-figures"]
        for metric in (lag, dead):
            self.assertEqual((metric["Namespace"], metric["Dimensions"]),
                             ("STACK", [{"Name": "Deployment", "Value": "stack"}]))
            self.assertIn(f"MetricName={metric['MetricName']},", sent)
        documented = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
        for name in re.findall(r"/\^(stack_\w+)\[", sent):
            self.assertIn(f"`{name}`", documented)


class CostTest(unittest.TestCase):
    """The plan's cost, worked out again."""

    def lines(self, *arguments):
        """USD by what they are for, and the total."""
        cost = json.loads(stack("deploy", "aws", "--dry-run", "--json", *arguments))["cost"]
        return {each["what"]: each["usd"] for each in cost["lines"]}, cost["usd_a_month"]

    def test_each_line_and_the_total(self):
        lines, total = self.lines("--parameter", "Kafka=msk-serverless", "--parameter", "InstanceType=t3.medium",
                                  "--parameter", "VolumeSize=50", "--events-per-day", "1000000", "--stored", "500GB",
                                  "--scanned", "2000GB", "--crawls", "30")
        gigabytes = 1e6 * 730 / 24 * 170 / 1e9
        files = 4 * 12 * 730
        expected = {"machine": 730 * 0.0416, "its disk": 50 * 0.08, "its public address": 730 * 0.005,
                    "MSK Serverless cluster": 730 * 0.75, "its partitions": 4 * 730 * 0.0015,
                    "in and out": gigabytes * 0.15, "storage": gigabytes * 12 * 0.1,
                    "S3 storage": 500 * 0.023, "S3 requests": files * (3 * 0.005 + 3 * 0.0004) / 1000,
                    "Glue crawler": 30 * 2 * 10 / 60 * 0.44, "Athena": 2000 * 0.005,
                    "alarms": 2 * 0.3 + 3 * 0.1 + 730 * 60 * 0.01 / 1000}
        self.assertEqual(set(lines), set(expected))
        for what, usd in expected.items():
            self.assertAlmostEqual(lines[what], usd, 3, what)
        self.assertAlmostEqual(total, sum(expected.values()), 3)

    def test_what_is_not_made_costs_nothing(self):
        lines, total = self.lines()
        self.assertFalse([what for what in lines if "MSK" in what])
        self.assertLess(total, 40)
        dearer, _ = self.lines("--parameter", "CrawlSchedule=cron(0 6 * * ? *)", "--parameter", "Format=ndjson")
        self.assertEqual((lines["Glue crawler"], round(dearer["Glue crawler"], 2)), (0, 4.4))
        self.assertAlmostEqual(dearer["S3 storage"] / lines["S3 storage"], 12.6, 1)
        inside, _ = self.lines("--parameter", "VpcId=vpc-0123abcd", "--parameter", "SubnetIds=subnet-0123abcd")
        self.assertNotIn("its public address", inside)

    def test_a_disk_that_the_topic_fills_within_days_is_refused(self):
        plan = json.loads(stack("deploy", "aws", "--dry-run", "--json"))
        self.assertAlmostEqual(plan["disk_days"], (20 * 2**30 - 6e9) / (864_000 * 170), 0)
        result = run(PROGRAM, "deploy", "aws", "--dry-run", "--parameter", "EventsPerSecond=1000")
        self.assertEqual((result.returncode, "VolumeSize" in result.stderr), (2, True), result.stderr)
        stack("deploy", "aws", "--dry-run", "--parameter", "EventsPerSecond=1000", "--parameter", "Kafka=msk-serverless")

    def test_the_documented_figures_are_those_of_the_plan(self):
        text = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")
        _, small = self.lines()
        _, large = self.lines("--parameter", "Kafka=msk-serverless")
        self.assertIn(f"is about ${small:.0f} a month", text)
        self.assertIn(f"is about ${large - small:.0f} more", text.replace("\n", " "))
        self.assertIn(f"| cost a month | 0 | from ${small:.0f} | from ${large:.0f} |", text)

    def test_the_table_ends_in_the_total_and_says_what_is_assumed(self):
        text = stack("deploy", "aws", "--dry-run", "--events-per-day", "1000")
        self.assertRegex(text, r"total +\d+\.\d\d\n\nassumed: 1000 events a day")
        for word in ("us-east-1", "2026-09", "LakeBucket", "stays when the stack goes"):
            self.assertIn(word, text)

    def test_parameters_that_are_none_are_refused(self):
        for given, said in (("Kafak=ec2", "did you mean Kafka?"), ("Kafka=kinesis", "ec2, msk-serverless"),
                            ("Kafka", "not NAME=VALUE"), ("VolumeSize=big", "a whole number"),
                            ("RetainDays=0.5", "a whole number"), ("RetainDays=12000", "10000 at most")):
            result = run(PROGRAM, "deploy", "aws", "--dry-run", "--parameter", given)
            self.assertEqual((result.returncode, said in result.stderr), (2, True), result.stderr)

    def test_retention_that_would_remove_what_is_produced_is_refused(self):
        plan = (PROGRAM, "deploy", "aws", "--dry-run", "--parameter", "RetainDays=400")
        result = run(*plan[:3], str(ROOT / "examples/data/stocks.csv"), *plan[3:])
        self.assertEqual(result.returncode, 2, result.stderr)
        for word in ("RetainDays=400", "begin on 2010-01-04", "market dates"):
            self.assertIn(word, result.stderr)
        result = run(*plan)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("RetainDays=400", result.stderr)


if __name__ == "__main__":
    sys.exit(run_cases(CheckersTest, PoliciesTest, TemplateTest, MachineTest, CostTest))
