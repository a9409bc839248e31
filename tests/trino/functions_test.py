"""Trino, the engine family under Amazon Athena, answers as tests/unit/query/athena_functions.txt says that the embedded
engine does, and the ready-made queries give the same rows on both: data and SQL are the same text."""
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402
from stack_testing.trino_server import Trino  # noqa: E402

NOWHERE = "http://127.0.0.1:1"  # no table is read
TICKS = ",\n".join(
    f"('{symbol}', DATE '2021-05-{day}', TIMESTAMP '2021-05-{day} {hour:02}:{minute:02}:0{seq % 7}.250', {seq + 20 * (day - 24)}, "
    f"{100 + 7 * seq % 11 + day - len(symbol)}.25E0, {seq * 3 % 8})"
    for symbol in ("HSI", "IXIC") for day in (24, 25, 28, 31)
    for seq, (hour, minute) in enumerate((hour, minute) for hour in (1, 2, 13) for minute in (0, 14, 15, 59)) if seq != 5)
BARS = ", ".join(f"('{symbol}', DATE '2021-05-{day}', 1E2, 11E1, 9E1, {90 + day}.5E0, 17)" for symbol in ("HSI", "IXIC")
                 for day in (24, 25, 28, 31))
TABLES = f"""ticks(symbol, session_date, event_time, seq, price, size) AS (VALUES {TICKS}),
bars(symbol, date, open, high, low, close, volume) AS (VALUES {BARS}),
symbols(symbol, zone) AS (VALUES ('HSI', 'Asia/Hong_Kong'), ('IXIC', 'America/New_York'))"""


def over_tables(sql):
    """SQL with the tables that it names in it."""
    return f"WITH {TABLES}, {sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f"WITH {TABLES} {sql}"


def plain(value):
    """A value in a form that both engines' answers have."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return round(float(value), 9)
    if isinstance(value, str):
        time = re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+)?( UTC|\+00)?", value)
        if time:
            return time[1] + (time[2] or "").rstrip("0").rstrip(".") + ("+00" if time[3] else "")
        if re.fullmatch(r"-?\d+\.\d+", value):  # Trino's decimals come as text
            return round(float(value), 9)
    return value


class FunctionsTest(unittest.TestCase):
    """One Trino, every expression."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-trino-functions-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.trino = Trino(cls.folder, NOWHERE, NOWHERE, ("tester", "tester-secret", "us-east-1"))
        cls.addClassCleanup(cls.trino.stop)

    def test_expressions(self):
        lines = (ROOT / "tests" / "unit" / "query" / "athena_functions.txt").read_text().splitlines()
        expressions = [line.rpartition(" => ") for line in lines if line and not line.startswith("#")]
        for expression, _, expected in expressions:
            with self.subTest(expression):
                sql = expression if expression.startswith("SELECT") else f"SELECT {expression}"
                (got,), = self.trino.ask(sql)
                self.assertEqual(plain(got), plain(json.loads(expected)))
        print(f"{len(expressions)} expressions", file=sys.stderr)

    def test_ready_made_queries(self):
        lake = self.folder / "lake" / "other"
        lake.mkdir(parents=True)
        (lake / "0.ndjson").write_text('{"a":1}\n')
        Process(self.folder, "crawl", "crawl", "--lake", lake.parent).succeed(60)
        listed = json.loads(Process(self.folder, "list", "query", "--list", "--json").succeed(60).output())["queries"]
        for query in listed:
            with self.subTest(query["name"]):
                sql = over_tables(query["sql"])
                ours = json.loads(Process(self.folder, query["name"], "query", sql, "--lake", lake.parent, "--output", "json")
                                  .succeed(60).output())
                self.assertTrue(ours)
                theirs = self.trino.ask(sql)
                self.assertEqual([plain(row) for row in theirs], [plain(list(row.values())) for row in ours])


if __name__ == "__main__":
    if "STACK_TRINO" not in os.environ:
        sys.exit("tests/trino: run scripts/trino, which fetches Trino and Java")
    sys.exit(run_cases(FunctionsTest))
