"""Completions, asked of the shells themselves: bash, zsh and fish."""
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing.program import PROGRAM, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402


def script_for(shell, folder):
    """The file that `stack completion SHELL` makes."""
    file = pathlib.Path(folder) / f"stack.{shell}"
    file.write_text(subprocess.run([PROGRAM, "completion", shell], check=True, capture_output=True, text=True).stdout)
    return file


def options_of(command):
    """The options in a command's help, and those that take a value."""
    told = subprocess.run([PROGRAM, command, "--help"], check=True, capture_output=True, text=True, env=environment()).stdout
    return set(re.findall(r"(?m)^  (?:-\w,)?(--[a-z0-9-]+)", told))


class BashTest(unittest.TestCase):
    """The function that bash calls, called as bash calls it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stack-completion-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.script = script_for("bash", cls.folder.name)
        for name in ("prices.csv", "price list.csv"):
            (pathlib.Path(cls.folder.name) / name).touch()
        (pathlib.Path(cls.folder.name) / "lakes").mkdir()

    def complete(self, *words):
        """What is offered for the last of WORDS, which follow `stack`."""
        quoted = " ".join("'" + word + "'" for word in ("stack", *words))
        done = subprocess.run(
            ["bash", "--norc", "-uo", "pipefail", "-c",
             f'source "$0"; complete -p stack >&2; COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _stack; '
             'if ((${#COMPREPLY[@]})); then printf "%s\\n" "${COMPREPLY[@]}"; fi', str(self.script)],
            check=True, capture_output=True, text=True, cwd=self.folder.name)
        self.assertIn("complete -F _stack stack", done.stderr)
        return done.stdout.splitlines()

    def test_commands(self):
        self.assertEqual(self.complete("pro"), ["produce"])
        self.assertIn("sink", self.complete(""))
        self.assertEqual(self.complete("--v"), ["--version"])

    def test_every_option_of_every_command(self):
        for command in self.complete(""):
            if not command.startswith("-"):
                offered = set(self.complete(command, "--"))
                self.assertEqual(offered, options_of(command) | {"--help"}, command)

    def test_values_that_are_choices(self):
        self.assertEqual(self.complete("sink", "--format", ""), ["ndjson", "parquet"])
        self.assertEqual(self.complete("simulate", "--format", ""), ["ndjson", "csv", "parquet"])
        self.assertEqual(self.complete("sink", "--format", "=", "par"), ["parquet"])
        self.assertEqual(self.complete("sink", "--format", "="), ["ndjson", "parquet"])
        self.assertEqual(self.complete("produce", "--mode", "g"), ["gbm"])
        self.assertEqual(self.complete("produce", "--kafka-auth", "scram-sha-5"), ["scram-sha-512"])
        self.assertEqual(self.complete("produce", "--seed", ""), [])

    def test_modes_that_are_offered_exist(self):
        for mode in self.complete("simulate", "--mode", ""):
            done = subprocess.run([PROGRAM, "simulate", "--mode", mode, "--limit", "1", "--sessions", "1"],
                                  capture_output=True, text=True, check=False, env=environment())
            self.assertNotRegex(done.stderr, f"mode.*{mode}.*none of", mode)

    def test_arguments(self):
        self.assertEqual(self.complete("catalog", ""), ["list", "show", "ddl"])
        self.assertEqual(self.complete("catalog", "--lake", "x", "s"), ["show"])
        self.assertEqual(self.complete("catalog", "--lake", "=", "x", "s"), ["show"])
        self.assertEqual(self.complete("catalog", "show", "x"), [])
        self.assertEqual(self.complete("control", "127.0.0.1:9470", ""),
                         ["status", "pause", "resume", "speed", "rate", "stop"])
        self.assertEqual(self.complete("completion", "b"), ["bash"])
        self.assertEqual(self.complete("man", "sin"), ["sink"])

    def test_files_and_folders(self):
        self.assertEqual(sorted(self.complete("produce", "pri")), ["price list.csv", "prices.csv"])
        self.assertEqual(self.complete("sink", "--lake", ""), ["lakes"])
        self.assertIn("prices.csv", self.complete("simulate", "-o", ""))

    def test_unknown_commands(self):
        self.assertEqual(self.complete("prodcue", ""), [])


class OtherShellsTest(unittest.TestCase):
    """zsh and fish."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stack-completion-")
        cls.addClassCleanup(cls.folder.cleanup)

    def fish(self, line):
        """What fish offers for LINE, by name."""
        script = script_for("fish", self.folder.name)
        done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"], check=True,
                              capture_output=True, text=True, cwd=self.folder.name,
                              env={**os.environ, "HOME": self.folder.name})
        self.assertEqual(done.stderr, "")
        return {offer.split("\t")[0] for offer in done.stdout.splitlines()}

    def test_fish(self):
        self.assertEqual(self.fish("stack pro"), {"produce"})
        self.assertEqual(self.fish("stack sink --format "), {"ndjson", "parquet"})
        self.assertEqual(self.fish("stack catalog "), {"list", "show", "ddl"})
        self.assertEqual(self.fish("stack catalog --lake x "), {"list", "show", "ddl"})
        self.assertEqual(self.fish("stack catalog --lake=x s"), {"show"})
        self.assertIn("--rotate-age", self.fish("stack sink --ro"))
        for command in ("produce", "query", "kafka"):
            self.assertLessEqual(options_of(command), self.fish(f"stack {command} --"), command)

    def test_zsh_knows_the_script(self):
        script = script_for("zsh", self.folder.name)
        subprocess.run(["zsh", "-n", script], check=True)

    def test_zsh_completes_at_its_prompt(self):
        functions = pathlib.Path(self.folder.name) / "functions"
        functions.mkdir()
        script_for("zsh", self.folder.name).rename(functions / "_stack")
        shell = Terminal(["zsh", "-f", "-i"], self.folder.name)
        self.addCleanup(shell.close)
        shell.say("PS1=; stty -echo; bindkey -e; zstyle ':completion:*' menu no; setopt no_beep no_auto_menu\n")
        shell.say(f"fpath=({functions} $fpath); autoload -Uz compinit; compinit -u -D; print 'rea''dy'\n")
        shell.wait_for("ready")
        for typed, completed in (("stack pro", "produce"), ("stack sink --rotate-b", "--rotate-bytes"),
                                 ("stack sink --format par", "parquet"), ("stack catalog sh", "show")):
            shell.say(typed + "\t")
            shell.wait_for(completed)
            shell.say("\x15")


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, command, folder):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, {**os.environ, "HOME": folder, "TERM": "dumb"})
        self.shown = ""

    def say(self, text):
        """Types TEXT."""
        self.shown = ""
        os.write(self.terminal, text.encode())

    def wait_for(self, text, timeout=15):
        """Waits until TEXT is shown."""
        deadline = time.monotonic() + timeout
        while text not in self.shown:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                raise AssertionError(f"{text!r} was not shown, but {self.shown!r}")
            self.shown += os.read(self.terminal, 4096).decode(errors="replace")

    def close(self):
        """Ends the program."""
        os.close(self.terminal)
        os.waitpid(self.process, 0)


if __name__ == "__main__":
    sys.exit(run_cases(BashTest, OtherShellsTest))
