"""Every command in the documents is run, as it stands, in a folder like the reader's.

Shell blocks of a document are run in order in one folder, so that a later command finds what an earlier one left.
`build/stack` there is the program and `examples` the examples; `prices.csv` and `path/to/prices.csv` are the example data.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing.program import PROGRAM, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
# Set-up scripts are what brought us here: they are tested by tests/integration/setup, not from within themselves.
# Benchmarks take the machine for themselves and are run by hand.
NOT_RUN_HERE = re.compile(r"^(scripts/|bench/)")


def commands_of(document):
    """The lines of a document's ```sh blocks, without comments."""
    commands = []
    for block in re.findall(r"^```sh\n(.*?)^```", document.read_text(encoding="utf-8"), re.M | re.S):
        for line in block.replace("\\\n", " ").splitlines():
            line = re.sub(r"\s+#.*$", "", line).strip()
            if line and not line.startswith("#"):
                commands.append(line)
    return commands


class DocumentsTest(unittest.TestCase):
    """The documents' commands and links."""

    def test_every_command_of_every_document_works(self):
        ran = 0
        for document in DOCUMENTS:
            with tempfile.TemporaryDirectory() as folder:
                ran += self.run_document(document, pathlib.Path(folder))
        self.assertGreater(ran, 8, "the README alone has more commands than that")

    def run_document(self, document, folder):
        (folder / "build").mkdir()
        (folder / "build" / "stack").symlink_to(PROGRAM)
        (folder / "examples").symlink_to(ROOT / "examples")
        (folder / "path" / "to").mkdir(parents=True)
        for name in ("prices.csv", "path/to/prices.csv"):
            shutil.copy(ROOT / "examples" / "data" / "stocks.csv", folder / name)
        variables = environment(XDG_DATA_HOME=str(folder / "data"))
        ran = 0
        try:
            for command in commands_of(document):
                main_job = re.match(r"scripts/run\b(.*)", command)
                if main_job:
                    command = "build/stack run" + main_job[1]
                elif NOT_RUN_HERE.match(command):
                    self.assertTrue(os.access(ROOT / command.split()[0], os.X_OK), f"{document}: {command}")
                    continue
                result = subprocess.run(["bash", "-c", command], cwd=folder, env=variables, capture_output=True,
                                        text=True, stdin=subprocess.DEVNULL, timeout=180, check=False)
                self.assertEqual(result.returncode, 0, f"{document.name}: {command}\n{result.stderr}")
                ran += 1
        finally:
            subprocess.run([PROGRAM, "kafka", "down"], cwd=folder, env=variables, capture_output=True, check=False)
        return ran

    def test_links_lead_to_files_that_exist(self):
        for document in DOCUMENTS:
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
                if "://" not in target:
                    self.assertTrue((document.parent / target).exists(), f"{document.name}: {target}")

    def test_exit_codes_are_those_of_the_program(self):
        header = (ROOT / "src" / "core" / "result.hpp").read_text(encoding="utf-8")
        codes = set(re.findall(r"^  \w+ = (\d+),", header, re.M))
        documented = set(re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8"), re.M))
        self.assertEqual(documented - {"0"}, codes)


if __name__ == "__main__":
    sys.exit(run_cases(DocumentsTest))
