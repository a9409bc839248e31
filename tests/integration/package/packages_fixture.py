"""The Debian packages of this build, made by CPack."""
import pathlib
import subprocess

from stack_testing.program import PROGRAM

BUILD = PROGRAM.resolve().parent


def make_packages(folder):
    """The packages' files by name, made in FOLDER."""
    subprocess.run(["cpack", "--config", str(BUILD / "CPackConfig.cmake"), "-B", str(folder)], check=True,
                   capture_output=True, stdin=subprocess.DEVNULL)
    made = {}
    for file in pathlib.Path(folder).glob("*.deb"):
        made[field(file, "Package")] = file
    return made


def field(package, name):
    """A control field of a package's file."""
    return subprocess.run(["dpkg-deb", "--field", str(package), name], check=True, capture_output=True,
                          text=True).stdout.strip()
