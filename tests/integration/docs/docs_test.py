"""Every command in the documents is run, as it stands, in a folder like the reader's.

Blocks of three kinds hold commands, and no others may:
  sh     run here, in order in one folder, so that a later command finds what an earlier one left. `build/stack` there is
         the program and `examples` the examples; `prices.csv` and `path/to/prices.csv` are the example data.
  shell  they want AWS: run here where AWS does not answer, which they must come as far as to find out.
  bash   they want servers that another test has, which runs them: RUN_ELSEWHERE.
"""
import concurrent.futures
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
STARTS_BROKER = re.compile(r"(scripts/run|build/stack run|build/stack kafka up)\b")
RUN_ELSEWHERE = {"docs/aws.md": "tests/integration/deploy/deploy_test.py",
                 "docs/security.md": "tests/integration/kafka_security/kafka_security_test.py"}
# What a line that a reader would type begins with.
COMMAND = re.compile(r"^[ >]*(\$ |sudo )?([A-Z_]+=\S+ )*(build/stack|stack|scripts/\w+|bench/\w+|\.ci/run|export|cd|cpack|cmake|"
                     r"ninja|ctest|aws|curl|docker|git|pip|python3?|java|apt|apt-get|dpkg|systemctl|journalctl|trino)( |$)")
# What a reader would have to put something else for. It works in no command that is run, but might in one that is not.
PLACEHOLDER = re.compile(r"<[a-zA-Z][\w -]*>|\bYOUR\w*|\bMY_\w+|\.\.\.|…|://[A-Z_]+")
DECLARED_PLACEHOLDERS = {("docs/aws.md", "://BUCKET")}  # the deployment makes it and says its name
ANSWERED, FOUND_FAULT, UNREACHABLE = 0, 1, 4


def name_of(document):
    """As RUN_ELSEWHERE and failures name it."""
    return document.relative_to(ROOT).as_posix()


def blocks_of(document):
    """Language and lines of a document's blocks, whatever they are fenced with."""
    blocks, fence = [], None
    for line in document.read_text(encoding="utf-8").splitlines():
        mark = re.match(r"[ >]*(```+|~~~+)\s*(\S*)", line)
        if mark and fence is None:
            fence = mark[1]
            blocks.append((mark[2], []))
        elif mark and mark[1].startswith(fence) and not mark[2]:
            fence = None
        elif fence is not None:
            blocks[-1][1].append(line)
    assert fence is None, f"{document}: a block does not end"
    return blocks


def commands_of(document, language="sh"):
    """The commands of a document's blocks of this language, without comments."""
    commands = []
    for kind, lines in blocks_of(document):
        if kind != language:
            continue
        for line in "\n".join(lines).replace("\\\n", " ").splitlines():
            line = re.sub(r"\s+#.*$", "", line).strip()
            if line and not line.startswith("#"):
                commands.append(line)
    return commands


class DocumentsTest(unittest.TestCase):
    """The documents' commands and links."""

    def test_every_command_of_every_document_works(self):
        # Those that start the local broker, which has one port, wait for it most of the time; the others compute.
        with_broker = [each for each in DOCUMENTS if any(map(STARTS_BROKER.match, commands_of(each)))]
        others = [each for each in DOCUMENTS if each not in with_broker]
        with concurrent.futures.ThreadPoolExecutor(2) as lanes:
            ran = sum(lanes.map(lambda lane: sum(map(self.run_document, lane)), (with_broker, others)))
        self.assertGreater(ran, 80)

    def test_commands_that_want_aws_come_as_far_as_to_miss_it(self):
        ran = 0
        with tempfile.TemporaryDirectory() as name:
            folder = self.readers_folder(name)
            variables = environment(
                PATH=f"{folder / 'build'}:{os.environ['PATH']}", XDG_DATA_HOME=str(folder / "data"), HOME=name,
                AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_ACCESS_KEY_ID="reader", AWS_SECRET_ACCESS_KEY="secret",
                AWS_REGION="eu-central-1", AWS_EC2_METADATA_DISABLED="true", STACK_CONNECT_TIMEOUT="1s",
                STACK_BOOTSTRAP_SERVERS="127.0.0.1:9")
            for document in DOCUMENTS:
                for command in commands_of(document, "shell"):
                    result = subprocess.run(["bash", "-c", command], cwd=folder, env=variables, capture_output=True,
                                            text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
                    wanted = (FOUND_FAULT,) if command.startswith("stack doctor ") else (UNREACHABLE,)
                    if command.startswith(("export ", "stack kafka token")):
                        wanted = (ANSWERED,)
                    self.assertIn(result.returncode, wanted, f"{document.name}: {command}\n{result.stderr}")
                    ran += 1
        self.assertGreater(ran, 15)

    def test_no_command_is_where_nothing_runs_it(self):
        for document in DOCUMENTS:
            for language, lines in blocks_of(document):
                if language == "bash":
                    self.assertIn(name_of(document), RUN_ELSEWHERE)
                elif language not in ("sh", "shell"):
                    for line in lines:
                        self.assertNotRegex(line, COMMAND, f"{document.name}: in a block of {language or 'no language'}")
        for document, test in RUN_ELSEWHERE.items():
            self.assertTrue(commands_of(ROOT / document, "bash"), document)
            text = (ROOT / test).read_text(encoding="utf-8")
            self.assertIn("```bash", text, test)
            self.assertIn(f'"{pathlib.Path(document).name}"', text, test)

    def test_placeholders_are_declared(self):
        found = {(name_of(document), placeholder) for document in DOCUMENTS for language in ("sh", "shell", "bash")
                 for command in commands_of(document, language) for placeholder in PLACEHOLDER.findall(command)}
        self.assertEqual(found, DECLARED_PLACEHOLDERS)

    @staticmethod
    def readers_folder(name):
        """The folder NAME, filled."""
        folder = pathlib.Path(name)
        (folder / "build").mkdir()
        (folder / "build" / "stack").symlink_to(PROGRAM)
        (folder / "examples").symlink_to(ROOT / "examples")
        (folder / "path" / "to").mkdir(parents=True)
        for data in ("prices.csv", "path/to/prices.csv"):
            shutil.copy(ROOT / "examples" / "data" / "stocks.csv", folder / data)
        return folder

    def run_document(self, document):
        """Runs a document's commands; how many they are."""
        if not commands_of(document):
            return 0
        with tempfile.TemporaryDirectory() as name:
            return self.run_commands(document, self.readers_folder(name))

    def run_commands(self, document, folder):
        """As run_document, in FOLDER."""
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
