#!/usr/bin/env python3
"""Our tokens for Amazon MSK beside those of AWS's own signer for Python (which signs with botocore), byte for byte: the
clock held, fixed and random credentials, with and without a session token, in regions of every partition.

Usage: token_beside_signer.py TOKEN_OF_LINE
"""
import datetime
import importlib.metadata
import pathlib
import random
import string
import subprocess
import sys
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import botocore.credentials  # noqa: E402
from aws_msk_iam_sasl_signer import MSKAuthTokenProvider  # noqa: E402

from stack_testing.report import run_cases  # noqa: E402

PROGRAM = sys.argv.pop(1)
AGENT = "aws-msk-iam-sasl-signer-python/" + importlib.metadata.version("aws-msk-iam-sasl-signer-python")
REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-4", "cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-iso-east-1")
EXAMPLE = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


class Given(botocore.credentials.CredentialProvider):
    """Credentials at hand."""

    METHOD = "given"

    def __init__(self, *keys):
        super().__init__()
        self.keys = keys

    def load(self):
        key, secret, token = self.keys
        return botocore.credentials.Credentials(key, secret, token or None)


def theirs(case):
    """Token and expiry by AWS's signer, as (text, milliseconds)."""
    region, now, *keys = case
    moment = datetime.datetime.fromtimestamp(now / 1e6, datetime.timezone.utc)
    with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=moment.replace(tzinfo=None)):
        return MSKAuthTokenProvider.generate_auth_token_from_credentials_provider(region, Given(*keys))


def ours(cases):
    """The same by ours."""
    lines = "".join("\t".join([case[0], str(case[1]), *case[2:], AGENT]) + "\n" for case in cases)
    done = subprocess.run([PROGRAM], input=lines, capture_output=True, text=True, timeout=60, check=True)
    return [(token, int(expires)) for token, expires in (line.split("\t") for line in done.stdout.splitlines())]


class BesideSigner(unittest.TestCase):
    """sign_msk_iam_token()."""

    def compare(self, cases):
        mine = ours(cases)
        self.assertEqual(len(mine), len(cases))
        for case, token in zip(cases, mine):
            self.assertEqual(token, theirs(case), f"region {case[0]} at {case[1]}")

    def test_fixed_credentials_in_every_partition(self):
        moment = 1_700_000_000_999_999
        self.compare([(region, moment, *EXAMPLE, token) for region in REGIONS for token in ("", "FQoGZXIvYXdzE+/==")])

    def test_moments_at_the_edges_of_days_and_years(self):
        moments = ("2023-12-31T23:59:59.999999", "2024-01-01T00:00:00", "2024-02-29T12:00:00.5", "2038-01-19T03:14:08")
        micros = [int(datetime.datetime.fromisoformat(text + "+00:00").timestamp() * 1e6) for text in moments]
        self.compare([("eu-west-1", moment, *EXAMPLE, "") for moment in micros])

    def test_random_credentials(self):
        chance = random.Random(5)
        visible = string.ascii_letters + string.digits + "/+=%&?~-_.!*'() "

        def word(alphabet, least, most):
            return "".join(chance.choices(alphabet, k=chance.randint(least, most)))

        self.compare([(chance.choice(REGIONS), chance.randrange(10**15, 4 * 10**15),
                       word(string.ascii_uppercase + string.digits, 16, 128), word(visible, 1, 80).strip() or "x",
                       word(visible, 1, 1200).strip() if chance.random() < 0.7 else "") for _ in range(300)])


if __name__ == "__main__":
    sys.exit(run_cases(BesideSigner))
