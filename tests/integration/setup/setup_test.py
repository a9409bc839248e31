"""What the scripts promise: a second set-up does nothing, and third-party parts that are not the pinned ones are refused."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from stack_testing.broker import cache_folder  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402


def run(*command, **environment):
    """The finished process of a command, its output as text."""
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})


class SetUp(unittest.TestCase):
    """scripts/build and scripts/third-party."""

    def test_a_second_build_does_nothing(self):
        began = time.monotonic()
        done = run(ROOT / "scripts" / "build")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no work to do", done.stderr)
        for word in ("installing", "fetching", "configuring"):
            self.assertNotIn(word, done.stderr)
        self.assertLess(time.monotonic() - began, 10)

    def test_all_third_party_parts_are_verified(self):
        self.assertEqual(run(ROOT / "scripts" / "third-party", "--check").returncode, 0)

    def test_a_part_with_another_checksum_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder)
            shutil.copytree(ROOT / "third_party", copy / "third_party")
            (copy / "scripts").mkdir()
            shutil.copy(ROOT / "scripts" / "third-party", copy / "scripts")
            for pins in (copy / "third_party").glob("librdkafka.*.sha256"):
                pins.write_text("".join("0" * 64 + line[64:] for line in pins.read_text().splitlines(keepends=True)))
            # The module is in Go's own cache already: nothing is downloaded for this.
            done = run(copy / "scripts" / "third-party", STACK_CACHE=str(copy / "cache"))
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("checksum", done.stderr)
            self.assertFalse(list((copy / "cache").glob("librdkafka-*")), "a part that was refused was kept")

    def test_unknown_arguments_are_refused(self):
        for script, argument in (("third-party", "--updat"), ("test", "units"), ("lint", "--fox"), ("sanitize", "msan")):
            done = run(ROOT / "scripts" / script, argument)
            self.assertEqual(done.returncode, 2, f"scripts/{script} {argument}")
            self.assertIn(argument, done.stderr)

    def test_the_cache_is_outside_the_repository(self):
        self.assertFalse(cache_folder().resolve().is_relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(run_cases(SetUp))
