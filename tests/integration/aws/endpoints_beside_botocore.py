#!/usr/bin/env python3
"""Where AWS's services answer, beside botocore's own rules: every service that is called, in every region that botocore
knows, with and without FIPS and IPv6.

Usage: endpoints_beside_botocore.py ENDPOINT_OF_LINE
"""
import itertools
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import botocore.endpoint_provider  # noqa: E402
import botocore.exceptions  # noqa: E402
import botocore.session  # noqa: E402

from stack_testing.report import run_cases  # noqa: E402

PROGRAM = sys.argv.pop(1)
SERVICES = ("glue", "athena", "sts", "cloudformation", "s3", "iam")


def cases():
    partitions = botocore.session.get_session().get_component("data_loader").load_data("partitions")
    regions = [region for partition in partitions["partitions"] for region in partition["regions"]
               if not region.endswith("-global")]
    return list(itertools.product(SERVICES, regions, (False, True), (False, True)))


class Rules:
    """botocore's endpoint rules of the services."""

    def __init__(self):
        loader = botocore.session.get_session().get_component("data_loader")
        partitions = loader.load_data("partitions")
        self.of = {service: botocore.endpoint_provider.EndpointProvider(
            loader.load_service_model(service, "endpoint-rule-set-1"), partitions) for service in SERVICES}

    def endpoint(self, service, region, fips, dual_stack):
        given = {"Region": region, "UseFIPS": fips, "UseDualStack": dual_stack}
        if service == "sts":
            given["UseGlobalEndpoint"] = False
        if service == "s3":
            given.update(Bucket="bkt", ForcePathStyle=True)
        try:
            found = self.of[service].resolve_endpoint(**given)
        except botocore.exceptions.EndpointProviderError:
            return "none"
        schemes = found.properties.get("authSchemes") or [{}]
        return f"{found.url.removesuffix('/bkt')} {schemes[0].get('signingRegion', region)}"


class Endpoints(unittest.TestCase):
    def test_hosts_and_regions_are_botocores(self):
        asked = cases()
        lines = "".join(f"{service} {region} {fips:d} {dual:d}\n" for service, region, fips, dual in asked)
        answered = subprocess.run([PROGRAM], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual(len(answered), len(asked))
        self.assertGreater(len(asked), 1000)
        rules = Rules()
        for case, ours in zip(asked, answered):
            theirs = rules.endpoint(*case)
            # IAM's of partitions without public accounts are for the user to name.
            if case[0] == "iam" and ours == "none":
                self.assertFalse(case[1].startswith(("us-e", "us-w", "eu-", "ap-", "sa-")) and "iso" not in case[1], case)
                continue
            self.assertEqual(ours, theirs, case)


if __name__ == "__main__":
    sys.exit(run_cases(Endpoints))
