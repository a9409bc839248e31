"""The Debian packages as files: what they say of themselves, what is in them, and that the manual is well-formed."""
import gzip
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from packages_fixture import field, make_packages  # noqa: E402
from stack_testing.program import PROGRAM, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]


def commands():
    """The commands that the program has, by its own help."""
    text = subprocess.run([PROGRAM, "--help"], check=True, capture_output=True, text=True).stdout
    return re.findall(r"^  ([a-z]+) ", text.split("Subcommands:")[1].split("Example:")[0], re.M)


class PackageTest(unittest.TestCase):
    """Both packages, unpacked in a folder."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stack-packages-")
        cls.addClassCleanup(cls.folder.cleanup)
        root = pathlib.Path(cls.folder.name)
        cls.packages = make_packages(root / "made")
        cls.tree, cls.control = {}, {}
        for name, file in cls.packages.items():
            cls.tree[name], cls.control[name] = root / name, root / f"{name}.control"
            subprocess.run(["dpkg-deb", "--extract", file, cls.tree[name]], check=True)
            subprocess.run(["dpkg-deb", "--control", file, cls.control[name]], check=True)

    def test_they_say_what_they_are(self):
        version = subprocess.run([PROGRAM, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
        self.assertEqual(set(self.packages), {"stack-market", "stack-market-kafka"})
        for name, file in self.packages.items():
            self.assertEqual(field(file, "Version"), f"{version}-1")
            self.assertIn("@", field(file, "Maintainer"))
            self.assertRegex(file.name, rf"^{name}_{version}-1_(amd64|arm64|all)\.deb$")
        main = self.packages["stack-market"]
        self.assertEqual(field(main, "Conflicts"), "haskell-stack")
        depends = re.split(r", *", field(main, "Depends"))
        for wanted in ("tzdata", "ca-certificates", "passwd"):
            self.assertIn(wanted, depends)
        self.assertTrue(any(each.startswith("libc6 (>=") for each in depends), depends)
        self.assertEqual(field(self.packages["stack-market-kafka"], "Architecture"), "all")

    def test_files_belong_to_root_and_only_settings_are_private(self):
        for file in self.packages.values():
            listing = subprocess.run(["dpkg-deb", "--contents", file], check=True, capture_output=True, text=True).stdout
            for line in listing.splitlines():
                mode, owner, *_, path = line.split()
                self.assertEqual(owner, "root/root", line)
                wanted = {"d": "drwxr-xr-x"}.get(mode[0], "-rw-r--r--")
                if path == "./usr/bin/stack":
                    wanted = "-rwxr-xr-x"
                if path.startswith("./etc/stack/") and mode[0] == "-":
                    wanted = "-rw-r-----"
                self.assertEqual(mode, wanted, line)

    def test_settings_survive_an_upgrade(self):
        marked = set((self.control["stack-market"] / "conffiles").read_text().split())
        etc = self.tree["stack-market"] / "etc"
        self.assertEqual(marked, {f"/etc/{file.relative_to(etc)}" for file in etc.rglob("*") if file.is_file()})

    def test_no_file_of_text_names_the_folders_of_the_build(self):
        texts = [*self.control["stack-market"].iterdir(), *self.control["stack-market-kafka"].iterdir()]
        for tree in self.tree.values():
            texts += [file for file in tree.rglob("*") if file.is_file() and file.suffix not in (".jar", ".csv")
                      and file != tree / "usr" / "bin" / "stack"]
        self.assertGreater(len(texts), 40)
        for file in texts:
            data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
            for place in (str(ROOT), str(PROGRAM.resolve().parent), str(pathlib.Path.home()) + "/"):
                self.assertNotIn(place.encode(), data, f"{file} names {place}")

    def test_the_program_is_stripped_and_needs_only_what_the_package_depends_on(self):
        program = self.tree["stack-market"] / "usr" / "bin" / "stack"
        sections = subprocess.run(["readelf", "--sections", "--dynamic", "--wide", program], check=True,
                                  capture_output=True, text=True).stdout
        self.assertNotIn(".debug_info", sections)
        self.assertNotRegex(sections, r"\((RPATH|RUNPATH)\)")

    def test_licences_are_there(self):
        doc = self.tree["stack-market"] / "usr" / "share" / "doc" / "stack-market"
        copyright_file = (doc / "copyright").read_text()
        self.assertTrue(copyright_file.startswith("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"))
        named = set(re.findall(r"^License: (.+)$", copyright_file, re.M))
        used = {each for line in named for each in line.split(" and ")}
        for licence in used:
            self.assertRegex(copyright_file, rf"(?m)^License: {re.escape(licence)}\n .", f"{licence} has no text")
        for notice in ("librdkafka.txt", "aws-crt-LICENSE.txt", "aws-crt-NOTICE.txt"):
            self.assertGreater((doc / "third-party" / notice).stat().st_size, 100)

    def test_the_local_broker_is_the_pinned_one(self):
        folder = self.tree["stack-market-kafka"] / "usr" / "share" / "stack" / "kafka"
        pinned = [line.split()[1] for line in (ROOT / "third_party" / "kafka" / "jars.sha256").read_text().splitlines()]
        self.assertEqual(sorted(file.name for file in folder.iterdir()), sorted(pinned))

    def test_maintainer_scripts_are_scripts(self):
        for control in self.control.values():
            for script in ("postinst", "prerm", "postrm"):
                if (control / script).exists():
                    subprocess.run(["sh", "-n", control / script], check=True)
                    self.assertTrue(os.access(control / script, os.X_OK))

    def test_every_command_has_a_page_and_no_page_a_fault(self):
        pages = self.tree["stack-market"] / "usr" / "share" / "man" / "man1"
        names = {file.name for file in pages.iterdir()}
        self.assertEqual(names, {"stack.1.gz"} | {f"stack-{command}.1.gz" for command in commands()})
        for file in sorted(pages.iterdir()):
            page = gzip.decompress(file.read_bytes()).decode()
            lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True, text=True,
                                  check=False)
            self.assertEqual(lint.stdout + lint.stderr, "", file.name)
            groff = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-rLL=100n"], input=page, capture_output=True,
                                   text=True, check=False)
            self.assertEqual(groff.stderr, "", file.name)

    def test_a_page_tells_all_that_help_tells(self):
        for command in commands():
            told = subprocess.run([PROGRAM, command, "--help"], check=True, capture_output=True, text=True,
                                  env=environment()).stdout
            page = subprocess.run([PROGRAM, "man", command], check=True, capture_output=True, text=True,
                                  env=environment(SOURCE_DATE_EPOCH="1000000000")).stdout
            self.assertIn("2001-09-09", page)
            text = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=500"], input=page, check=True,
                                  capture_output=True, text=True).stdout
            text = re.sub(r".\x08", "", text)
            for flag in re.findall(r"(?m)^  (?:-\w,)?(--[a-z0-9-]+)", told):
                self.assertRegex(text, rf"(?m)^\s+(-\w, )?{flag}(=| |$)", f"{command} {flag}")
            self.assertIn(told.rstrip().splitlines()[-1].strip(), text, command)  # the example

    def test_pages_that_do_not_exist_are_refused(self):
        for arguments, said in ((["brew"], "brew"), (["all"], "folder"), (["sink", "x"], "sink")):
            done = subprocess.run([PROGRAM, "man", *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr)
        done = subprocess.run([PROGRAM, "man", "all", "/nonexistent/folder"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 5)
        self.assertIn("/nonexistent/folder/stack.1", done.stderr)


if __name__ == "__main__":
    sys.exit(run_cases(PackageTest))
