"""Schemas that change from record to record: no more ranges or files than without, no crash, and tables that hold all."""
import json
import resource
import sys

from records_fixture import RecordsTest, numbered

from stack_testing import lake_reader
from stack_testing.report import run_cases

COUNT = 100_000
TIME = "2021-05-28 01:30:00"


def tick(n, more=""):
    """A tick in the event contract's form, with MORE before its brace."""
    return (f'{{"symbol":"S{n % 5}","session_date":"2021-05-28","event_time":"2021-05-28 01:30:00.{n % 1000000:06}",'
            f'"seq":{n // 5},"price":{n % 1000}.5,"size":{n % 9}{more}}}')


def with_new_fields(n):
    """Ticks with fields that come and go: in turn none, a text, a number, a nested object, a list."""
    return tick(n, ["", ',"venue":"X"', f',"lot":{n}', ',"meta":{"a":{"b":[1,"x"]}}', ',"tags":["a","b"]'][n % 5])


def with_missing_fields(n):
    """Ticks of which in turn another field is missing."""
    fields = json.loads(tick(n))
    del fields[["price", "size", "seq", "symbol", "event_time"][n % 5]]
    return json.dumps(fields)


def with_widened_types(n):
    """A sample whose field is a whole number, a fraction, a text, a list, an object, a switch, null, a date, a time."""
    value = [n, n + .25, f"t{n}", [n], {"n": n}, n % 2 == 0, None, "2021-05-28", TIME, 2 ** 63 + n][n % 10]
    return json.dumps({"id": n, "value": value, "event_time": TIME})


def with_nested_drift(n):
    """An object inside the record whose own fields change, and which is at times no object."""
    inner = [{"a": 1}, {"a": 1.5, "b": "x"}, {"A": "y"}, {"a": {"deep": [n]}}, {}, 7, None][n % 7]
    return json.dumps({"id": n, "inner": inner, "event_time": TIME})


def with_spellings(n):
    """One column under names that differ in case."""
    return json.dumps({["Id", "id", "ID"][n % 3]: n, "Close" if n % 2 else "close": n / 4, "event_time": TIME})


DRIFTS = [with_new_fields, with_missing_fields, with_widened_types, with_nested_drift, with_spellings]


class DriftTest(RecordsTest):
    """One partition, COUNT records, the same rotation each time."""

    def sink_values(self, make, count=COUNT, *arguments):
        """Lands the records under a table of their own; what the sink says."""
        self.renew()
        self.make_topic()
        self.produce([(0, b"k", make(n).encode(), None) for n in range(count)])
        return self.sink("--until-end", "--rotate-count", "25000", *arguments)

    def query(self, sql):
        """The answer's rows."""
        return json.loads(self.start("query", sql, "--json").succeed(120).output())

    def check_table(self, make, count):
        """Crawled, the table holds every record with every value that it had."""
        self.start("crawl").succeed(60)
        self.assertEqual(self.answer("SELECT count(*) FROM ticks"), str(count))
        found = {row.get("id") for row in self.rows()}
        if make in (with_widened_types, with_nested_drift):
            self.assertEqual(len(found), count)

    def answer(self, sql):
        """The only value of the answer, as text."""
        text = self.start("query", sql, "--output", "csv").succeed(120).output().splitlines()
        self.assertEqual(len(text), 2, text)
        return text[1]

    def test_no_more_ranges_and_files_than_without_drift(self):
        # NDJSON has no schema to drift: the hardest case stands for all.
        for file_format, drifts in (("ndjson", [with_widened_types]), ("parquet", DRIFTS)):
            steady = self.sink_values(tick, COUNT, "--format", file_format)
            self.assertEqual((steady["claims"], steady["files"]), (COUNT // 25000, COUNT // 25000))
            for drift in drifts:
                with self.subTest(drift=drift.__name__, format=file_format):
                    drifting = self.sink_values(drift, COUNT, "--format", file_format)
                    self.assertEqual((drifting["landed"], drifting["dead_letters"]), (COUNT, 0))
                    self.assertEqual((drifting["claims"], drifting["files"]), (steady["claims"], steady["files"]))
                    self.check_table(drift, COUNT)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"largest process: {peak // 1024} MiB", flush=True)

    def test_columns_join_over_files_as_over_records(self):
        # Each file has one form: the crawl joins them, not the sink.
        values = {"number": lambda n: n, "fraction": lambda n: n + .5, "text": lambda n: f"t{n}",
                  "flag": lambda n: n % 2 == 0, "date": lambda n: "2021-05-28", "time": lambda n: TIME,
                  "object": lambda n: {"n": n}, "list": lambda n: [n], "null": lambda n: None}
        for file_format in ("ndjson", "parquet"):
            self.renew()
            self.make_topic()
            written = {}
            for turn, (name, value) in enumerate(values.items()):
                self.produce([(0, b"k", json.dumps({"id": turn * 10 + n, "value": value(n), name: n,
                                                    "event_time": TIME}).encode(), None) for n in range(10)])
                written |= {turn * 10 + n: value(n) for n in range(10)}
                self.sink("--until-end", "--format", file_format, "--register")
            entry = json.loads((self.lake / "_stack" / "catalog" / "stack" / "ticks.json").read_text())
            types = {column["name"]: column["type"] for column in entry["columns"]}
            self.assertEqual(types["value"], "string", types)
            self.assertLessEqual(values.keys(), types.keys())
            answer = self.start("query", "SELECT id, value FROM ticks ORDER BY id", "--json").succeed(60).output()
            rows = {row["id"]: row["value"] for row in self.rows_of(answer)}
            self.assertEqual(rows.keys(), written.keys())
            for number, value in written.items():
                self.assertEqual(self.as_text(value), rows[number], (file_format, number))

    def test_types_that_meet_in_pairs_keep_their_values(self):
        values = {"number": lambda n: n, "fraction": lambda n: n + .5, "flag": lambda n: n % 2 == 0,
                  "date": lambda n: "2021-05-28", "time": lambda n: TIME}
        pairs = [("flag", "number"), ("fraction", "flag"), ("date", "time"), ("number", "time"), ("number", "fraction")]
        for pair in pairs:
            with self.subTest(pair=pair):
                self.renew()
                self.make_topic()
                for turn, name in enumerate(pair):
                    self.produce([(0, b"k", json.dumps({"id": turn, "value": values[name](1),
                                                        "event_time": TIME}).encode(), None)])
                    self.sink("--until-end", "--format", "parquet", "--register")
                answer = self.start("query", "SELECT value FROM ticks ORDER BY id", "--json").succeed(60).output()
                found = [row["value"] for row in self.rows_of(answer)]
                written = [values[name](1) for name in pair]
                if pair != ("number", "fraction"):
                    written = [self.as_text(value) for value in written]
                self.assertEqual(found, written)

    @staticmethod
    def rows_of(answer):
        """The rows of a JSON answer as dictionaries."""
        answer = json.loads(answer)
        if isinstance(answer, dict):
            columns = [column["name"] if isinstance(column, dict) else column for column in answer["columns"]]
            return [row if isinstance(row, dict) else dict(zip(columns, row)) for row in answer["rows"]]
        return answer

    @staticmethod
    def as_text(value):
        """What a text column holds of a JSON value."""
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value, separators=(",", ":"))

    def test_names_without_end_are_no_storm(self):
        def make(n):
            return json.dumps({f"field_{n % 3000}": n, "event_time": TIME})

        done = self.sink_values(make, 9_000, "--format", "parquet")
        self.assertEqual(done["landed"], 9_000)
        self.assertLessEqual(done["claims"], 9)  # of a thousand columns each
        self.verify()

    def test_a_record_of_thousands_of_fields_lands(self):
        wide = json.dumps({f"field_{number}": number for number in range(5000)})
        self.make_topic()
        self.produce([(0, b"k", value.encode(), None) for value in (tick(0), wide, tick(1))])
        self.sink("--until-end", "--format", "parquet")
        self.assertEqual(len(self.rows()), 3)
        self.verify()


if __name__ == "__main__":
    sys.exit(run_cases(DriftTest))
