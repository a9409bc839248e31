"""An independent reader of the lake: Python's json and gzip, pyarrow for Zstandard and Parquet."""
import dataclasses
import datetime
import gzip
import json
import pathlib
import re

import pyarrow
import pyarrow.parquet

TICK_FIELDS = ("symbol", "session_date", "event_time", "seq", "price", "size")
_NAME = re.compile(r"(?P<topic>.+)\+(?P<partition>\d+)\+(?P<offset>\d{20})\.(?P<form>ndjson|ndjson\.gz|ndjson\.zst|parquet)")
_FOLDER = {"day": re.compile(r"dt=\d{4}-\d\d-\d\d"), "month": re.compile(r"dt=\d{4}-\d\d"), "year": re.compile(r"dt=\d{4}")}


@dataclasses.dataclass
class LakeFile:
    """One data file of a table, by its name."""

    path: pathlib.Path
    topic: str
    partition: int
    first_offset: int
    form: str  # ndjson, ndjson.gz, ndjson.zst or parquet
    dt: str | None


def data_files(lake, table="ticks"):
    """The table's data files; a file whose name or folder is not as documented raises ValueError."""
    root = pathlib.Path(lake) / table
    files = []
    for path in sorted(root.rglob("*")):
        if path.is_dir():
            continue
        match = _NAME.fullmatch(path.name)
        folder = path.parent.relative_to(root).as_posix()
        if match is None or not (folder == "." or any(form.fullmatch(folder) for form in _FOLDER.values())):
            raise ValueError(f"unexpected file in the lake: {path}")
        files.append(LakeFile(path, match["topic"], int(match["partition"]), int(match["offset"]), match["form"],
                              None if folder == "." else folder.removeprefix("dt=")))
    return files


def claims(lake, table="ticks"):
    """The number of claims that the sinks have made so far."""
    return sum(1 for path in (pathlib.Path(lake) / "_stack" / "claims" / table).rglob("*") if path.is_file())


def claimed_records(lake, table="ticks"):
    """The number of records in the ranges that the sinks have claimed so far, dead letters included."""
    total = 0
    for path in (pathlib.Path(lake) / "_stack" / "claims" / table).rglob("*"):
        if path.is_file():
            claim = json.loads(path.read_text())
            total += claim["records"] + claim["dead_letters"]
    return total


def claimed_ends(lake, topic, table="ticks"):
    """Up to which offset each partition of TOPIC has been claimed: partition -> exclusive end."""
    root, ends = pathlib.Path(lake) / "_stack" / "claims" / table / topic, {}
    for path in root.rglob("*"):
        if path.is_file():
            partition = int(path.parent.name)
            ends[partition] = max(ends.get(partition, 0), json.loads(path.read_text())["end"])
    return ends


def _plain(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def rows(file):
    """The rows of one data file as dictionaries of plain values, times as the events write them."""
    if file.form == "parquet":
        table = pyarrow.parquet.ParquetFile(file.path).read()
        return [{name: _plain(value) for name, value in row.items()} for row in table.to_pylist()]
    if file.form == "ndjson.zst":
        with pyarrow.input_stream(str(file.path), compression="zstd") as stream:
            text = stream.read()
    else:
        with (gzip.open if file.form == "ndjson.gz" else open)(file.path, "rb") as stream:
            text = stream.read()
    if text and not text.endswith(b"\n"):
        raise ValueError(f"{file.path} ends within a line")
    return [json.loads(line) for line in text.splitlines()]


def rows_of_path(path):
    """As rows, of a file whose name is merged files' or any other."""
    form = next(form for form in ("parquet", "ndjson.zst", "ndjson.gz", "ndjson") if path.name.endswith(f".{form}"))
    return rows(LakeFile(path, "", 0, 0, form, None))


def tick(row):
    """A row as the tuple that ticks are compared by."""
    return tuple(row[name] for name in TICK_FIELDS)
