"""An audit that shares no code with the program: what a topic holds, record by record, against what lies in a lake.

The topic's records come from the caller, the lake as a mapping of keys to bytes (`folder_objects`, `s3_objects`).
"""
import collections
import concurrent.futures
import dataclasses
import datetime
import gzip
import io
import json
import pathlib
import re

import pyarrow
import pyarrow.parquet

_ROWS = re.compile(r"(?:dt=(?P<dt>\d{4}(?:-\d\d(?:-\d\d)?)?)/)?(?P<topic>[^/]+)\+(?P<partition>\d+)\+(?P<first>\d{20})\."
                   r"(?P<form>ndjson|ndjson\.gz|ndjson\.zst|parquet)")
_LETTERS = re.compile(r"(?P<topic>[^/]+)\+(?P<partition>\d+)\+(?P<first>\d{20})\.ndjson")


def folder_objects(lake):
    """What lies in a lake that is a folder."""
    root = pathlib.Path(lake)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def s3_keys(client, bucket, prefix):
    """The keys under PREFIX, without it."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix + "/")
    return [each["Key"].removeprefix(prefix + "/") for page in pages for each in page.get("Contents", ())]


def s3_objects(client, bucket, prefix):
    """What lies under PREFIX in a bucket."""
    def fetch(key):
        return key, client.get_object(Bucket=bucket, Key=f"{prefix}/{key}")["Body"].read()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return dict(pool.map(fetch, s3_keys(client, bucket, prefix)))


@dataclasses.dataclass
class Verdict:
    """What an audit found. Lists hold (partition, offset) or what is at hand; `forms` counts files by their form."""

    lost: list
    duplicated: list
    foreign: list
    forms: collections.Counter
    claims: int

    def check(self):
        """Raises AssertionError unless everything is there exactly once."""
        found = {name: getattr(self, name) for name in ("lost", "duplicated", "foreign") if getattr(self, name)}
        assert not found, "lake: " + "; ".join(f"{len(those)} {name}, such as {those[:3]}" for name, those in found.items())



def _plain(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, datetime.date) else value


def _rows(form, data, key):
    if form == "parquet":
        table = pyarrow.parquet.ParquetFile(io.BytesIO(data)).read()
        return [{name: _plain(value) for name, value in row.items()} for row in table.to_pylist()]
    return [json.loads(line) for line in _lines(form, data, key)]


def _lines(form, data, key):
    if form == "ndjson.gz":
        data = gzip.decompress(data)
    elif form == "ndjson.zst":
        with pyarrow.input_stream(pyarrow.BufferReader(data), compression="zstd") as stream:
            data = stream.read()
    assert data.endswith(b"\n"), f"{key} is empty or ends within a line"
    return data.splitlines()


class Audit:
    """Of one topic of ticks in one table. RECORDS: those of the topic, with partition, offset and value."""

    def __init__(self, records, is_row, objects, topic, table="ticks"):
        self._objects, self._topic, self._table = objects, topic, table
        self._rows, self._letters = {}, {}
        for record in records:
            if not is_row(record.value):
                self._letters[record.partition, record.offset] = record.value
                continue
            event = json.loads(record.value)
            self._rows[event["symbol"], event["seq"]] = (record.partition, record.offset, event)

    def run(self):
        """The verdict; AssertionError where the lake's form is not as documented."""
        found, foreign, forms = collections.Counter(), [], collections.Counter()
        ends = self._chains()
        for key, match in self._files(f"{self._table}/", _ROWS):
            forms[match["form"]] += 1
            rows = _rows(match["form"], self._objects[key], key)
            assert rows, f"{key} holds nothing"
            for row in rows:
                place = self._place_of(row, key, match, ends)
                found[place] += 1 if place else 0
                if place is None:
                    foreign.append(f"{key}: {str(row)[:200]}")
        for key, match in self._files(f"_stack/dlq/{self._table}/", _LETTERS):
            forms["dead letters"] += 1
            for line in _lines("ndjson", self._objects[key], key):
                letter = json.loads(line)
                place = (letter["partition"], letter["offset"])
                self._in_range(place, key, match, ends)
                found[place] += 1
                if place not in self._letters:
                    foreign.append(f"{key}: {line[:200]}")
        return self._verdict(found, foreign, forms, sum(map(len, ends.values())))

    def _verdict(self, found, foreign, forms, claims):
        expected = {(partition, offset) for partition, offset, _ in self._rows.values()} | self._letters.keys()
        del found[None]
        return Verdict(sorted(expected - found.keys()), sorted(place for place, count in found.items() if count > 1),
                       foreign, forms, claims)

    def _files(self, prefix, form):
        for key in sorted(self._objects):
            if key.startswith(prefix):
                match = form.fullmatch(key.removeprefix(prefix))
                assert match and match["topic"] == self._topic, f"unexpected object in the lake: {key}"
                yield key, match

    def _place_of(self, row, key, match, ends):
        """Where in the topic the row stands; None for a row that is none of the topic's."""
        partition, offset, event = self._rows.get((row.get("symbol"), row.get("seq")), (None, None, None))
        if event is None or _comparable(row) != _comparable(event):
            return None
        assert match["dt"] is None or event["session_date"].startswith(match["dt"]), f"{key} holds {event}"
        self._in_range((partition, offset), key, match, ends)
        return partition, offset

    @staticmethod
    def _in_range(place, key, match, ends):
        partition, first = int(match["partition"]), int(match["first"])
        end = ends[partition].get(first)
        assert end is not None, f"{key} stands under no claim"
        assert place[0] == partition and first <= place[1] < end, f"{key} (until {end}) holds the record {place}"

    def _chains(self):
        """The claims: partition -> first -> end; they must be chains without a gap."""
        chains, prefix = collections.defaultdict(dict), f"_stack/claims/{self._table}/{self._topic}/"
        for key, data in self._objects.items():
            if key.startswith(prefix):
                partition, _, first = key.removeprefix(prefix).partition("/")
                chains[int(partition)][int(first)] = json.loads(data)["end"]
        for partition, ends in chains.items():
            due = 0
            for first in sorted(ends):
                assert first == due, f"partition {partition}: a claim at {first} where one at {due} was due"
                due = ends[first]
        return chains


def _comparable(row):
    return {name: float(value) if name == "price" else value for name, value in row.items() if value is not None}
