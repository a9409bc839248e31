"""A wall clock that a test shifts under a running program, by a library that is preloaded into it."""
import mmap
import pathlib
import struct
import subprocess

_SOURCE = pathlib.Path(__file__).with_suffix(".c")
_FORM = "q"


def build(folder):
    """Compiles the library into FOLDER, unless it is there."""
    library = pathlib.Path(folder) / "shifted_clock.so"
    if not library.exists():
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE), "-ldl"], check=True)
    return library


class ShiftedClock:
    """The clock of the processes that are started with its variables; FOLDER is where its file and library lie."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._library = build(self._folder)
        self._file = self._folder / "shift"
        self._file.write_bytes(struct.pack(_FORM, 0))

    def __enter__(self):
        with open(self._file, "r+b") as stream:
            self._shift = mmap.mmap(stream.fileno(), struct.calcsize(_FORM))
        return self

    def __exit__(self, *_):
        self._shift.close()

    def shift(self, seconds):
        """From now on the clock is so many seconds ahead of the machine's (negative: behind)."""
        self._shift[:] = struct.pack(_FORM, seconds)

    def variables(self):
        """The environment that puts a program under this clock."""
        return {"LD_PRELOAD": str(self._library), "SHIFTED_CLOCK": str(self._file)}
