"""The program under test as a process: started, awaited, killed, paused."""
import os
import pathlib
import signal
import subprocess
import time

PROGRAM = pathlib.Path(os.environ.get("STACK_PROGRAM") or pathlib.Path(__file__).parents[3] / "build" / "stack")


def environment(**more):
    """This environment without settings of the program's own, so that a test sees its arguments alone."""
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("STACK_", "KAFKA_", "AWS_", "S3_")) or name in ("STACK_CACHE", "STACK_KAFKA_JARS")}
    return {**clean, **more}


class Process:
    """`stack ARGUMENTS` in `folder`; what it writes goes to <name>.out and <name>.err there."""

    popen_options = {}

    def __init__(self, folder, name, *arguments, **variables):
        self.name = name
        self.arguments = [str(argument) for argument in arguments]
        self._out, self._err = pathlib.Path(folder) / f"{name}.out", pathlib.Path(folder) / f"{name}.err"
        with open(self._out, "wb") as out, open(self._err, "wb") as err:
            self._process = subprocess.Popen([str(PROGRAM), *self.arguments], cwd=folder, env=environment(**variables),
                                             stdin=subprocess.DEVNULL, stdout=out, stderr=err, **self.popen_options)

    @property
    def pid(self):
        """Its process id."""
        return self._process.pid

    def alive(self):
        """Whether it runs (or is paused)."""
        return self._process.poll() is None

    def signal(self, number):
        """Sends the signal if the process still runs; says whether it did."""
        if not self.alive():
            return False
        self._process.send_signal(number)
        return True

    def kill(self):
        """SIGKILL; whether the process was still running."""
        hit = self.signal(signal.SIGKILL)
        self._process.wait()
        return hit

    def wait(self, timeout):
        """The exit code (negative: the signal); a process that does not end in time is killed and an error."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self} did not end within {timeout} s:\n{self.errors()}") from None

    def succeed(self, timeout):
        """Waits for exit code 0; anything else is an error that shows what the process said."""
        code = self.wait(timeout)
        assert code == 0, f"{self} ended with {code}:\n{self.errors()}"
        return self

    def output(self):
        """What it wrote to standard output."""
        return self._out.read_text()

    def errors(self):
        """The end of what it wrote to standard error."""
        return self._err.read_text(errors="replace")[-3000:]

    def wait_for(self, text, timeout):
        """Waits until it has said `text` on standard error."""
        deadline = time.monotonic() + timeout
        while text not in self._err.read_text(errors="replace"):
            assert time.monotonic() < deadline, f"{self} did not say {text!r} within {timeout} s:\n{self.errors()}"
            time.sleep(0.02)

    def __str__(self):
        return f"stack {' '.join(self.arguments)}"
