"""The tools of `scripts/chaos`: the proxy does to requests what it says, and the audit finds what is lost or twice."""
import collections
import json
import pathlib
import random
import sys
import tempfile
import time
import unittest
import urllib.request

import boto3
import botocore.config
import botocore.exceptions

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing import lake_audit, report, s3_gateway  # noqa: E402
from stack_testing.s3_proxy import FAULTS, Plan, S3Proxy, Trap  # noqa: E402
from stack_testing.short_credentials import ShortCredentials  # noqa: E402
from stack_testing.topic_reader import Record  # noqa: E402

BUCKET = "bucket"


class ProxyTest(unittest.TestCase):
    """A client of another maker's, through the proxy, to a real S3 server."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stack-proxy-")
        cls.gateway = s3_gateway.Gateway(pathlib.Path(cls.folder.name) / "s3")
        cls.gateway.make_bucket(BUCKET, "alias")
        cls.gateway.start()
        cls.proxy = S3Proxy(cls.gateway.port)
        cls.proxy.start()
        cls.direct = cls.gateway.client()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.stop()
        cls.gateway.stop()
        cls.folder.cleanup()

    def setUp(self):
        self.proxy.new_round(Plan())

    def client(self, attempts=0, key=s3_gateway.ACCESS_KEY):
        """A client that tries so many times more."""
        return boto3.client("s3", endpoint_url=self.proxy.address, aws_access_key_id=key,
                            aws_secret_access_key=s3_gateway.SECRET_KEY,
                            region_name=s3_gateway.REGION, config=botocore.config.Config(
                                retries={"max_attempts": attempts}, read_timeout=5, s3={"addressing_style": "path"}))

    def harm(self, kind, longest=0.2):
        """Every request meets the fault from now on."""
        self.proxy.new_round(Plan(seed=1, rate=1.0, kinds=(kind,), longest=longest))

    def there(self, key):
        """Whether the server has the key."""
        return key in lake_audit.s3_keys(self.direct, BUCKET, "x")

    def put(self, name, key=s3_gateway.ACCESS_KEY):
        """A conditional put of x/NAME; its status, or the error's code, or the client's own error's name."""
        try:
            answer = self.client(key=key).put_object(Bucket=BUCKET, Key=f"x/{name}", Body=b"bytes", IfNoneMatch="*")
            return answer["ResponseMetadata"]["HTTPStatusCode"]
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
        except botocore.exceptions.BotoCoreError as error:
            return type(error).__name__

    def test_requests_pass_with_their_signature(self):
        client = self.client()
        self.assertEqual(self.put("plain"), 200)
        self.assertEqual(self.put("plain"), "PreconditionFailed")
        self.assertEqual(client.get_object(Bucket=BUCKET, Key="x/plain")["Body"].read(), b"bytes")
        self.assertEqual(client.head_object(Bucket="alias", Key="x/plain")["ContentLength"], 5)
        client.delete_object(Bucket=BUCKET, Key="x/plain")
        self.assertFalse(self.there("plain"))

    def test_errors_are_answered_and_nothing_is_written(self):
        for kind, code in (("slow down", "SlowDown"), ("internal error", "InternalError"),
                           ("conflict", "ConditionalRequestConflict"), ("skewed", "RequestTimeTooSkewed")):
            self.harm(kind)
            self.assertEqual(self.put(kind), code)
            self.assertFalse(self.there(kind))
            self.assertEqual(self.proxy.injected[kind], 1)

    def test_refused_and_cut_requests_write_nothing(self):
        for kind in ("refused", "half a request"):
            self.harm(kind)
            self.put(kind)
            self.assertFalse(self.there(kind), kind)

    def test_lost_answers_write(self):
        for kind in ("lost answer", "half an answer"):
            self.harm(kind)
            self.assertNotEqual(self.put(kind), "PreconditionFailed")
            self.assertTrue(self.there(kind), kind)

    def test_late_writes_come_later(self):
        self.harm("late")
        self.put("late")
        deadline = time.monotonic() + 5
        while not self.there("late") and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertTrue(self.there("late"))

    def test_very_late_writes_come_when_they_are_released(self):
        self.harm("very late")
        self.put("very late")
        time.sleep(0.3)
        self.assertFalse(self.there("very late"))
        self.assertEqual(self.proxy.release_late(), 1)
        self.assertTrue(self.there("very late"))

    def test_of_conditional_puts_one_wins_however_many_are_late(self):
        self.proxy.new_round(Plan(seed=3, rate=0.5))
        results = collections.Counter(self.put("one") for _ in range(20))
        self.proxy.release_late()
        self.assertTrue(self.there("one"))
        self.assertLessEqual(results[200], 1, results)

    def test_a_client_that_tries_again_gets_through_every_kind_of_fault(self):
        self.proxy.new_round(Plan(seed=7, rate=0.3, longest=0.05))
        client = self.client(attempts=10)
        for number in range(60):
            try:
                client.put_object(Bucket=BUCKET, Key=f"x/many/{number}", Body=b"bytes")
            except botocore.exceptions.ClientError:
                pass  # it does not try again after RequestTimeTooSkewed and the like
        self.assertGreater(len(self.proxy.injected), len(FAULTS) // 2)

    def test_the_same_seed_harms_the_same_requests(self):
        def outcomes():
            self.proxy.new_round(Plan(seed=5, rate=0.5, kinds=("slow down", "conflict")))
            return [self.put(f"same/{number % 5}") for number in range(15)]
        first = outcomes()
        for number in range(5):
            self.direct.delete_object(Bucket=BUCKET, Key=f"x/same/{number}")
        self.assertEqual(outcomes(), first)

    def test_a_trap_springs_once_at_its_moment(self):
        for moment, there in (("before", False), ("half", False), ("unanswered", True), ("answered", True)):
            seen = []
            self.proxy.trap = Trap("file", 2, moment, lambda key=moment: seen.append(self.there(f"{key}-2")))
            outcomes = [self.put(f"{moment}-{number}") for number in (1, 2, 3)]
            self.assertEqual((outcomes[0], outcomes[2]), (200, 200))
            self.assertEqual((self.there(f"{moment}-2"), outcomes[1] == 200), (there, moment == "answered"))
            self.assertEqual(seen, [there])

    def test_credentials_end(self):
        with ShortCredentials(self.proxy, life=0.5) as source:
            self.assertEqual(self.put("stranger"), "ExpiredToken")
            with urllib.request.urlopen(source.variables({})["AWS_CONTAINER_CREDENTIALS_FULL_URI"], timeout=5) as answer:
                key = json.load(answer)["AccessKeyId"]
            self.assertEqual(self.put("in time", key=key), 200)
            time.sleep(0.5)
            self.assertEqual(self.put("too late", key=key), "ExpiredToken")
            self.assertEqual(source.ended, 2)
        self.assertEqual(self.put("afterwards"), 200)


class AuditTest(unittest.TestCase):
    """A small lake, right at first."""

    def setUp(self):
        rng = random.Random(1)
        self.records = [Record(0, offset, b"A", json.dumps(
            {"symbol": "A", "session_date": "2021-05-28", "event_time": "2021-05-28 01:30:00.004512", "seq": offset,
             "price": rng.randrange(1000) / 10, "size": offset}).encode()) for offset in range(10)]
        self.records.append(Record(0, 10, None, b"junk"))
        lines = [each.value + b"\n" for each in self.records]
        self.second = "ticks/dt=2021-05/t+0+00000000000000000004.ndjson"
        self.objects = {
            "_stack/claims/ticks/t/0/00000000000000000000": b'{"end":4}',
            "_stack/claims/ticks/t/0/00000000000000000004": b'{"end":11}',
            "ticks/dt=2021-05/t+0+00000000000000000000.ndjson": b"".join(lines[:4]),
            self.second: b"".join(lines[4:10]),
            "_stack/dlq/ticks/t+0+00000000000000000004.ndjson": b'{"partition":0,"offset":10}\n',
        }

    def audit(self):
        """The verdict on the objects."""
        return lake_audit.Audit(self.records, lambda value: value != b"junk", self.objects, "t").run()

    def test_what_is_right_passes(self):
        verdict = self.audit()
        verdict.check()
        self.assertEqual(verdict.claims, 2)

    def test_a_file_that_is_gone_is_lost(self):
        del self.objects[self.second]
        self.assertEqual(len(self.audit().lost), 6)
        self.assertRaises(AssertionError, self.audit().check)

    def test_a_dead_letter_that_is_gone_is_lost(self):
        del self.objects["_stack/dlq/ticks/t+0+00000000000000000004.ndjson"]
        self.assertEqual(self.audit().lost, [(0, 10)])

    def test_a_line_or_file_that_is_there_again_is_duplicated(self):
        self.objects[self.second] += self.records[5].value + b"\n"
        self.assertEqual(self.audit().duplicated, [(0, 5)])
        self.objects[self.second.replace("dt=2021-05/", "")] = self.objects[self.second]
        self.assertEqual(len(self.audit().duplicated), 6)

    def test_another_value_is_foreign(self):
        self.objects[self.second] = self.objects[self.second].replace(b'"size": 6', b'"size": 7')
        verdict = self.audit()
        self.assertEqual((len(verdict.foreign), verdict.lost), (1, [(0, 6)]))

    def test_what_stands_elsewhere_is_refused(self):
        for change in ({"ticks/dt=2021-05/part-0.ndjson": b"{}\n"},
                       {"ticks/dt=2021-05/t+0+00000000000000000003.ndjson": self.records[3].value + b"\n"},
                       {"ticks/dt=2021-06/t+0+00000000000000000000.ndjson": self.records[3].value + b"\n"},
                       {"_stack/claims/ticks/t/0/00000000000000000012": b'{"end":14}'},
                       {self.second: b"".join(each.value + b"\n" for each in self.records[4:10])[:-1]}):
            self.setUp()
            self.objects.update(change)
            self.assertRaises(AssertionError, self.audit)


if __name__ == "__main__":
    sys.exit(report.run_cases(ProxyTest, AuditTest))
