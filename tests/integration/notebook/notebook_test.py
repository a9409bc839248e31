"""The example notebook, its cells run in order: over a folder of NDJSON with the lake's catalog, and over Parquet in S3
with AWS Glue's. What it finds is what `stack query` answers."""
import ast
import csv
import io
import json
import math
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[3]
sys.path.insert(0, str(HERE.parents[2] / "support"))

from stack_testing.broker import Broker, cache_folder  # noqa: E402
from stack_testing.moto_server import Moto  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402
from stack_testing.s3_gateway import Gateway, variables  # noqa: E402

NOTEBOOK = ROOT / "examples" / "notebooks" / "lake.ipynb"
DATA = ROOT / "examples" / "data" / "stocks.csv"
EVENTS = 12_000


def cells():
    """The notebook's cells."""
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]


def run_notebook():
    """The names that its code leaves, and what each cell shows: the value of its last expression."""
    names, shown = {"__name__": "notebook"}, []
    for number, cell in enumerate(cell for cell in cells() if cell["cell_type"] == "code"):
        tree = ast.parse("".join(cell["source"]), f"cell {number}")
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"cell {number}", "exec"), names)  # noqa: S102
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names))  # noqa: S307
    return names, shown


class NotebookTest(unittest.TestCase):
    """The notebook over two lakes."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.count = 0
        cls.broker = Broker(cls.folder / "broker")
        cls.broker.start()
        cls.addClassCleanup(cls.broker.stop)

    @classmethod
    def stack(cls, *arguments, **environment):
        """What `stack ARGUMENTS` prints."""
        cls.count += 1
        return Process(cls.folder, f"{cls.count:02}-{arguments[0]}", *arguments, **environment).succeed(120).output()

    def make_lake(self, lake, *options, **environment):
        """A lake that a whole run leaves."""
        self.stack("run", DATA, "--limit", EVENTS, "--lake", lake, "--bootstrap-servers", self.broker.address, *options,
                   **environment)

    def check(self, lake, **environment):
        """The notebook's findings beside the program's."""
        with mock.patch.dict(os.environ, {"STACK_LAKE": str(lake), **environment}):
            names, shown = run_notebook()
        self.assertEqual(len(names["ticks"]), EVENTS)
        answer = self.stack("query", "SELECT symbol, session_date, sum(price * size) / sum(size) AS vwap FROM ticks "
                            "WHERE size > 0 GROUP BY ALL", "--lake", lake, "--output", "csv", **environment)
        expected = {(row["symbol"], row["session_date"]): float(row["vwap"]) for row in csv.DictReader(io.StringIO(answer))}
        found = {(symbol, str(day)[:10]): value for (symbol, day), value in names["vwap"].items()}
        self.assertEqual(found.keys(), expected.keys())
        self.assertTrue(all(math.isclose(found[key], value, rel_tol=1e-12) for key, value in expected.items()))
        self.assertGreater(len(names["profile"]), 5)
        self.assertTrue((names["realised"] > 0).any())
        self.assertTrue(all(len(each) for each in shown), "a cell shows nothing")

    def test_over_a_folder_of_ndjson(self):
        lake = self.folder / "lake"
        self.make_lake(lake, "--compression", "zstd")
        self.check(lake)

    def test_over_parquet_in_s3_by_glue(self):
        gateway = Gateway(self.folder / "s3")
        gateway.make_bucket("lakes")
        gateway.start()
        self.addCleanup(gateway.stop)
        glue = Moto(self.folder)
        self.addCleanup(glue.stop)
        environment = variables(f"http://127.0.0.1:{gateway.port}") | {
            "XDG_CACHE_HOME": str(self.folder / "cache"), "STACK_CACHE": str(cache_folder()),
            "AWS_ENDPOINT_URL_GLUE": glue.url, "STACK_CATALOG": "glue"}
        lake = "s3://lakes/parquet"
        self.make_lake(lake, "--format", "parquet", **environment)
        self.assertFalse(list((self.folder / "s3").rglob("_stack/catalog/*")), "it is in the lake's catalog as well")
        self.check(lake, **environment)

    def test_is_committed_without_outputs(self):
        for cell in cells():
            if cell["cell_type"] == "code":
                self.assertEqual((cell["outputs"], cell["execution_count"]), ([], None))


if __name__ == "__main__":
    sys.exit(run_cases(NotebookTest))
