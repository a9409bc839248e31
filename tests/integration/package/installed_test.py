"""The packages installed in a clean system, which then boots: the services run there as they would anywhere, behind all
that their units forbid them, with a real broker, and leave a lake in which nothing is lost. Wants root.
"""
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from packages_fixture import make_packages  # noqa: E402
from stack_testing.broker import free_port  # noqa: E402
from stack_testing.debian_system import DebianSystem  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

UNITS = ("stack-producer.service", "stack-sink.service", "stack-crawl.service", "stack-compact.service",
         "stack-kafka.service")
# systemd's measure of what a service could do to the machine: 0 nothing, 10 all. Java must make code as it runs.
MOST_EXPOSED = {"stack-kafka.service": 1.3}
JAVA = pathlib.Path(shutil.which("java")).resolve().parents[1]
WANTED = 20_000


@unittest.skipUnless(os.geteuid() == 0, "a system in a folder is made by root only")
class InstalledTest(unittest.TestCase):
    """One life of the packages in one system: the cases go on where the one before has ended."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stack-installed-")
        cls.addClassCleanup(cls.folder.cleanup)
        root = pathlib.Path(cls.folder.name)
        cls.packages = make_packages(root / "made")
        # The local broker's Java is this machine's: it is no part of what is tested, and is as large as all the rest.
        binds = [JAVA.parent, *(path for path in pathlib.Path("/etc").glob("java-*-openjdk"))]
        cls.system = DebianSystem(root, ["systemd", "man-db"], binds)

    def test_1_installs_with_what_it_depends_on(self):
        package = self.system.put(self.packages["stack-market"])
        self.system.run("apt-get", "install", "-y", "-q", "--no-install-recommends", package, timeout=300)
        self.assertEqual(self.system.output("stat", "-c", "%U:%G %a", "/var/lib/stack"), "stack:stack 750")
        self.assertEqual(self.system.output("stat", "-c", "%U:%G %a", "/etc/stack/sink.env"), "root:stack 640")
        self.assertIn("/usr/sbin/nologin", self.system.output("getent", "passwd", "stack"))

    def test_2_the_program_runs(self):
        self.assertRegex(self.system.output("stack", "--version"), r"^stack \d+\.\d+\.\d+$")
        events = self.system.output("stack", "simulate", "--limit", "1000").splitlines()
        self.assertEqual(len(events), 1000)
        self.assertEqual(json.loads(events[0])["seq"], 0)
        scenario = "/usr/share/stack/examples/scenarios/flash-crash.toml"
        self.assertTrue(self.system.output("stack", "simulate", "--scenario", scenario, "--limit", "10"))
        self.assertIn("Usage: stack sink", self.system.output("stack", "sink", "--help"))
        self.assertIn("STACK-SINK(1)", self.system.output("man", "-P", "cat", "stack-sink"))
        self.assertEqual(
            self.system.output("bash", "-c", "source /usr/share/bash-completion/completions/stack; "
                                             "COMP_WORDS=(stack pro); COMP_CWORD=1; _stack; echo ${COMPREPLY[*]}"),
            "produce")

    def test_3_without_the_local_broker_it_says_which_package_has_it(self):
        done = self.system.run("env", f"JAVA_HOME={JAVA}", "stack", "kafka", "up", check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("stack-market-kafka", done.stderr)

    def test_4_units_are_right_and_strict(self):
        package = self.system.put(self.packages["stack-market-kafka"])
        self.system.run("dpkg", "--install", "--force-depends", package)
        paths = [f"/usr/lib/systemd/system/{unit}" for unit in UNITS]
        timers = ["/usr/lib/systemd/system/stack-crawl.timer", "/usr/lib/systemd/system/stack-compact.timer"]
        done = self.system.run("systemd-analyze", "verify", *paths, *timers)
        self.assertEqual([line for line in done.stderr.splitlines() if "stack" in line], [])
        for unit, path in zip(UNITS, paths):
            most = MOST_EXPOSED.get(unit, 1.2)
            self.system.run("systemd-analyze", "security", "--offline=true", f"--threshold={most * 10:.0f}", path)

    def test_5_services_run(self):
        self.configure()
        with self.system.booted():
            self.start_and_stop()
            self.a_killed_sink_goes_on()
            self.wrong_settings_are_not_tried_again()
            self.timed_jobs_work()
            self.nothing_is_lost()
            self.removal_stops_what_runs()

    def configure(self):
        """Settings as an administrator would write them, after the files that are there."""
        etc = self.system.root / "etc"
        port = free_port()  # the network is this machine's, which may have a broker of its own
        shared = (etc / "stack" / "stack.toml").read_text()
        self.assertIn("127.0.0.1:9092", shared)
        (etc / "stack" / "stack.toml").write_text(shared.replace("127.0.0.1:9092", f"127.0.0.1:{port}"))
        with open(etc / "stack" / "producer.env", "a", encoding="utf-8") as settings:
            settings.write(f"STACK_SPEED=max\nSTACK_LIMIT={WANTED}\n")
        with open(etc / "stack" / "sink.env", "a", encoding="utf-8") as settings:
            settings.write("STACK_ROTATE_AGE=1s\nSTACK_ROTATE_COUNT=1000\n")
        with open(etc / "stack" / "compact.env", "a", encoding="utf-8") as settings:
            settings.write("STACK_CLOSED_FOR=0s\n")
        for unit, lines in (("stack-kafka", f"Environment=JAVA_HOME={JAVA} STACK_PORT={port}\n"), ("stack-sink", "RestartSec=100ms\n")):
            (etc / "systemd" / "system" / f"{unit}.service.d").mkdir(parents=True)
            (etc / "systemd" / "system" / f"{unit}.service.d" / "test.conf").write_text(f"[Service]\n{lines}")

    def unit(self, name, what):
        """A property of a unit."""
        return self.system.output("systemctl", "show", "--value", "--property", what, name)

    def wait_until(self, name, what, *values, timeout=30):
        """Waits for a property of a unit to be one of VALUES."""
        deadline = time.monotonic() + timeout
        while (value := self.unit(name, what)) not in values:
            if time.monotonic() > deadline:
                self.fail(f"{name}: {what} is {value}, not {values}:\n{self.journal(name)}")
            time.sleep(0.1)
        return value

    def journal(self, name):
        """What a unit has said."""
        return self.system.output("journalctl", "--no-pager", "--output=cat", "--unit", name)

    def start(self, name):
        """Starts a unit, which must succeed."""
        done = self.system.run("systemctl", "start", name, check=False)
        self.assertEqual(done.returncode, 0, f"{done.stderr}{self.journal(name)}")

    def as_user(self, *arguments):
        """The program, as the services' user runs it."""
        return self.system.run("runuser", "--user=stack", "--", "env", "HOME=/var/lib/stack", "--chdir=/var/lib/stack",
                               "stack", *arguments, "--config", "/etc/stack/stack.toml", "--no-progress")

    def start_and_stop(self):
        """Broker, producer and sink from the units, in that order."""
        for unit in UNITS:
            self.assertEqual(self.unit(unit, "ActiveState"), "inactive", "installing starts nothing")
        self.start("stack-kafka")
        self.start("stack-producer")  # returns when it is ready
        self.wait_until("stack-producer", "ActiveState", "inactive")
        self.assertEqual(self.unit("stack-producer", "Result"), "success", self.journal("stack-producer"))
        self.assertIn(f"{WANTED:,} events produced", self.journal("stack-producer"))
        self.system.run("systemctl", "start", "stack-sink")
        self.assertEqual(self.unit("stack-sink", "ActiveState"), "active")
        self.confined(self.unit("stack-sink", "MainPID"))
        deadline = time.monotonic() + 20
        while f"{WANTED:,} landed" not in self.unit("stack-sink", "StatusText"):
            self.assertLess(time.monotonic(), deadline, self.unit("stack-sink", "StatusText"))
            time.sleep(0.2)

    def confined(self, pid):
        """What the kernel says of a service's process."""
        status = dict(line.split(":\t", 1) for line in self.system.output("cat", f"/proc/{pid}/status").splitlines())
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["Seccomp"], "2")
        self.assertEqual(int(status["CapEff"], 16) | int(status["CapBnd"], 16), 0)
        self.assertNotEqual(status["Uid"].split()[0], "0")

    def a_killed_sink_goes_on(self):
        """kill -9, and systemd starts it again."""
        before = self.unit("stack-sink", "MainPID")
        self.system.run("systemctl", "kill", "--signal=SIGKILL", "stack-sink")
        self.wait_until("stack-sink", "NRestarts", "1")
        self.wait_until("stack-sink", "ActiveState", "active")
        self.assertNotEqual(self.unit("stack-sink", "MainPID"), before)
        self.system.run("systemctl", "stop", "stack-sink")
        self.assertEqual(self.unit("stack-sink", "Result"), "success", self.journal("stack-sink"))

    def wrong_settings_are_not_tried_again(self):
        """An error of the administrator's is told once."""
        file = self.system.root / "etc" / "stack" / "producer.env"
        right = file.read_text()
        file.write_text(right + "STACK_SPEED=fast\n")
        self.assertNotEqual(self.system.run("systemctl", "start", "stack-producer", check=False).returncode, 0)
        self.wait_until("stack-producer", "ActiveState", "failed")
        self.assertEqual(self.unit("stack-producer", "ExecMainStatus"), "2")
        self.assertIn("fast", self.journal("stack-producer"))
        file.write_text(right)

    def timed_jobs_work(self):
        """What the timers start, and that they can be started."""
        for job in ("stack-crawl", "stack-compact"):
            self.system.run("systemctl", "start", f"{job}.service")
            self.assertEqual(self.unit(f"{job}.service", "Result"), "success", self.journal(job))
            self.system.run("systemctl", "enable", "--now", f"{job}.timer")
            self.assertEqual(self.unit(f"{job}.timer", "ActiveState"), "active")
            self.assertEqual(self.unit(f"{job}.timer", "Unit"), f"{job}.service")
        # Behind all that its unit forbids it, it has put merged files and removed what they were merged from.
        self.assertRegex(self.journal("stack-compact"), r"ticks: [1-9][0-9]* of [0-9]+ files were merged into [1-9]")
        self.assertNotEqual(self.unit("stack-compact.timer", "NextElapseUSecRealtime"), "")

    def nothing_is_lost(self):
        """The audit, and SQL over what the services have left."""
        self.assertEqual(self.as_user("verify").stdout.splitlines()[:2], ["lost 0", "duplicated 0"])
        self.assertIn(f"{WANTED}", self.as_user("query", "SELECT count(*) FROM ticks", "--output", "csv").stdout)

    def removal_stops_what_runs(self):
        """Data is more than the package: it stays, even when all is purged."""
        self.system.run("systemctl", "start", "stack-sink")
        self.system.run("dpkg", "--purge", "stack-market-kafka", "stack-market")
        for unit in ("stack-sink.service", "stack-crawl.timer", "stack-kafka.service"):
            self.assertEqual(self.unit(unit, "ActiveState"), "inactive")
        for gone in ("usr/bin/stack", "etc/stack", "var/cache/stack", "usr/share/stack", "usr/lib/sysusers.d/stack-market.conf",
                     "usr/lib/systemd/system/stack-sink.service", "usr/share/man/man1/stack.1.gz"):
            self.assertFalse((self.system.root / gone).exists(), gone)
        self.assertTrue(any((self.system.root / "var/lib/stack/lake/ticks").rglob("*.ndjson")))
        self.system.run("getent", "passwd", "stack")

    def test_6_without_data_a_purge_leaves_nothing(self):
        shutil.rmtree(self.system.root / "var/lib/stack")
        package = self.system.put(self.packages["stack-market"])
        self.system.run("dpkg", "--install", package)
        self.assertEqual(self.system.output("stat", "-c", "%U", "/var/lib/stack"), "stack")
        self.system.run("dpkg", "--purge", "stack-market")
        self.assertFalse((self.system.root / "var/lib/stack").exists())
        self.assertEqual(self.system.run("getent", "passwd", "stack", check=False).returncode, 2)


if __name__ == "__main__":
    sys.exit(run_cases(InstalledTest))
