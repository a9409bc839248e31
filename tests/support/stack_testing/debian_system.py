"""A clean Debian system in a folder of its own: programs run in it, and it boots with systemd, as a container."""
import contextlib
import hashlib
import pathlib
import shutil
import subprocess
import tempfile
import time

from stack_testing.broker import cache_folder

MAKER = pathlib.Path(__file__).resolve().parents[1] / "clean_system"


def base_system(packages):
    """The tar file of a clean system with PACKAGES; made once (a minute), then kept beside the third-party parts."""
    key = hashlib.sha256(MAKER.read_bytes() + " ".join(packages).encode()).hexdigest()[:12]
    made = cache_folder() / f"debootstrap-{key}.tar"
    if not made.exists():
        with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
            new = pathlib.Path(folder) / "base.tar"
            subprocess.run([str(MAKER), str(new), *packages], check=True, stdin=subprocess.DEVNULL)
            new.rename(made)
    return made


class DebianSystem:
    """The system unpacked below FOLDER. Its network is this machine's."""

    def __init__(self, folder, packages, binds=()):
        self.root = pathlib.Path(folder) / "system"
        self.root.mkdir()
        subprocess.run(["tar", "-xf", str(base_system(packages)), "-C", str(self.root)], check=True)
        archives = cache_folder() / "debs"  # packages that were fetched once
        (archives / "partial").mkdir(parents=True, exist_ok=True)
        self._options = ["--quiet", "--register=no", "--keep-unit", f"--directory={self.root}",
                         f"--machine=stack-test-{self.root.parent.name.lower().replace('_', '-')}",
                         "--resolv-conf=bind-host", f"--bind={archives}:/var/cache/apt/archives",
                         *(f"--bind-ro={path}" for path in binds)]
        self._booted = None
        self._leader = None

    def _command(self, command):
        if self._leader is not None:
            return ["nsenter", f"--target={self._leader}", "--all", "--wd=/", "--", *command]
        return ["systemd-nspawn", *self._options, "--pipe", "--setenv=DEBIAN_FRONTEND=noninteractive", "--", *command]

    def run(self, *command, check=True, timeout=120):
        """The finished process of COMMAND in there, its output as text; one that fails is an error, unless CHECK is off."""
        done = subprocess.run(self._command([str(part) for part in command]), capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL, timeout=timeout)
        # systemd-nspawn's own, where no systemd runs outside; no word of what ran inside.
        done.stderr = "".join(line for line in done.stderr.splitlines(keepends=True) if "/nspawn/propagate/" not in line)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def output(self, *command, **options):
        """What COMMAND says on standard output, without the last line's end."""
        return self.run(*command, **options).stdout.rstrip("\n")

    def put(self, file, path="/root"):
        """Copies FILE there; its name in there. Not into /tmp, which is empty whenever a program is run."""
        shutil.copy(file, self.root / path.lstrip("/"))
        return f"{path}/{pathlib.Path(file).name}"

    @contextlib.contextmanager
    def booted(self, timeout=60):
        """The system with systemd running; commands run beside it meanwhile."""
        log = self.root.parent / "boot.log"
        with open(log, "wb") as written:
            self._booted = subprocess.Popen(
                ["systemd-nspawn", *self._options, "--boot", "--console=pipe", "--kill-signal=SIGRTMIN+4"],
                stdin=subprocess.DEVNULL, stdout=written, stderr=written)
        try:
            self._wait_until_up(time.monotonic() + timeout, log)
            yield self
        finally:
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                if self._leader is not None:
                    self.run("systemctl", "poweroff", "--force", timeout=20)
            self._leader = None
            try:
                self._booted.wait(20)
            except subprocess.TimeoutExpired:
                self._booted.kill()
                self._booted.wait()

    def _wait_until_up(self, deadline, log):
        while time.monotonic() < deadline:
            if self._booted.poll() is not None:
                break
            children = pathlib.Path(f"/proc/{self._booted.pid}/task/{self._booted.pid}/children").read_text().split()
            if children:
                self._leader = int(children[0])
                state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
                if state in ("running", "degraded"):
                    return
                self._leader = None
            time.sleep(0.1)
        raise RuntimeError(f"the system did not boot: {log.read_text(errors='replace')[-2000:]}")
