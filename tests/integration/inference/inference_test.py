"""The schemas that `stack crawl` finds beside those of two independent readers, DuckDB and pyarrow, over whole files of
every sort. Where they differ, docs/schema-inference.md has the row that says so and why, and no other rows."""
import json
import pathlib
import re
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[2] / "support"))
sys.path.insert(0, str(HERE.parent))

from inference_files import FILES, by_duckdb, by_pyarrow  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

DOCUMENT = HERE.parents[3] / "docs" / "schema-inference.md"


def documented():
    """{(file, column): (ours, DuckDB's, pyarrow's)}, and the reasons."""
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$",
                      DOCUMENT.read_text(encoding="utf-8"), re.M)
    return {(file, column): types for file, column, *types, _ in rows}, [why for *_, why in rows]


def shown(ours, theirs, column):
    """The cell of one reader for a column."""
    if theirs is None:
        return "refuses"
    kind = theirs.get(column, "none")
    return "same" if ours.get(column, "none") == kind else kind


class InferenceTest(unittest.TestCase):
    """Every file once."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.lake = pathlib.Path(folder.name) / "lake"
        for name, text in FILES.items():
            (cls.lake / name).mkdir(parents=True)
            (cls.lake / name / "a.ndjson").write_bytes(text.encode())
        Process(folder.name, "crawl", "crawl", "--lake", cls.lake).succeed(60)
        tables = Process(folder.name, "list", "catalog", "list", "--lake", cls.lake, "--json").succeed(60).output()
        cls.tables = {table["name"]: table for table in json.loads(tables)["tables"]}

    def ours(self, name):
        """{column: type} of the catalog; a member's other spellings are not part of its type."""
        return {column["name"]: re.sub(r"\|[^:]+:", ":", column["type"]).lower() for column in self.tables[name]["columns"]}

    def test_differences_are_those_that_are_documented(self):
        found, agreed = {}, {"DuckDB": 0, "pyarrow": 0}
        for name in FILES:
            path = self.lake / name / "a.ndjson"
            ours, duckdbs, pyarrows = self.ours(name), by_duckdb(path), by_pyarrow(path)
            agreed["DuckDB"] += ours == duckdbs
            agreed["pyarrow"] += ours == pyarrows
            columns = dict.fromkeys([*ours, *duckdbs, *(pyarrows or {})])
            for column in columns:
                cells = [shown(ours, duckdbs, column), shown(ours, pyarrows, column)]
                if cells != ["same", "same"]:
                    found[name, column] = [ours.get(column, "none"), *cells]
        rows, reasons = documented()
        self.maxDiff = None
        self.assertEqual(rows, found)
        self.assertTrue(all(reasons), "a difference without a reason")
        said = re.search(r"Of (\d+) files, (\d+) have DuckDB's schema and (\d+)\s+pyarrow's",
                         DOCUMENT.read_text(encoding="utf-8"))
        self.assertEqual([int(number) for number in said.groups()], [len(FILES), agreed["DuckDB"], agreed["pyarrow"]])

    def test_every_row_is_there_and_no_line_is_malformed(self):
        for name, text in FILES.items():
            table = self.tables[name]
            self.assertEqual((table["rows"], table["malformed_lines"]), (sum(bool(line.strip()) for line in text.split("\n")), 0),
                             name)


if __name__ == "__main__":
    sys.exit(run_cases(InferenceTest))
