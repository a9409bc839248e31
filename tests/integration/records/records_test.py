"""Records that drift, die, come back or are wanted again, and the catalog beside them: all cases with one broker."""
import sys

from backfill_test import BackfillTest
from dead_letters_test import DeadLettersTest
from drift_test import DriftTest
from register_test import RegisterTest
from s3_test import S3Test

from stack_testing.report import run_cases

if __name__ == "__main__":
    sys.exit(run_cases(BackfillTest, DeadLettersTest, DriftTest, RegisterTest, S3Test))
