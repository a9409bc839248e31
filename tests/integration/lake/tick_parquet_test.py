"""Parquet files of ticks as pyarrow and DuckDB read them: tick_parquet_test.py PROGRAM

Random ticks, with and without quotes, of few and many symbols and dates, with the greatest and least values that a tick
has, in files of one row to several row groups: every value, type, bound and order is compared with the input.
"""
import datetime
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

PROGRAM = sys.argv.pop(1)
TYPES = [("symbol", pa.string()), ("session_date", pa.date32()), ("event_time", pa.timestamp("us")),
         ("seq", pa.int64()), ("price", pa.float64()), ("size", pa.int64())]
QUOTE_TYPES = [("bid", pa.float64()), ("ask", pa.float64())]
GREATEST = 10**18 - 1


def decimal(chance):
    return chance.choice(["0.0", "-0.0", f"-{GREATEST}.5", f"{GREATEST}.5", "0.000000000000000001",
                          f"{chance.randrange(10**6)}.{chance.randrange(10**4):04}",
                          f"-{chance.randrange(10**6)}.{chance.randrange(10**4)}"])


def random_lines(chance, rows, quoted):
    """Lines of ticks; the symbols, dates and ranges of numbers are drawn first, so that each file is of another kind."""
    symbols = [chance.choice("ABCz^.") + str(chance.randrange(10**chance.randrange(1, 9)))
               for _ in range(chance.choice([1, 2, 14, 700]))] + ["L" * chance.choice([1, 40, 5000])]
    dates = [str(datetime.date.fromordinal(chance.choice([1, 3652059, chance.randrange(700_000, 740_000)])))
             for _ in range(chance.choice([1, 3, 300]))]
    most = chance.choice([1, 2, 1000, 2**31, 2**53, GREATEST + 1])
    quotes = chance.choice([0.0, 0.5, 0.999, 1.0])
    lines = []
    for i in range(rows):
        line = (f'{{"symbol":"{chance.choice(symbols)}","session_date":"{chance.choice(dates)}","event_time":"'
                f'{chance.choice(dates)} {chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}.'
                f'{chance.randrange(10**6):06}","seq":{i if chance.random() < 0.9 else chance.randrange(most)},'
                f'"price":{decimal(chance)},"size":{chance.randrange(most)}')
        if quoted and chance.random() < quotes:
            line += f',"bid":{decimal(chance)},"ask":{decimal(chance)}'
        lines.append(line + "}")
    return lines


def wanted_rows(lines, quoted):
    rows = []
    for line in lines:
        tick = json.loads(line)
        row = [tick["symbol"], datetime.date.fromisoformat(tick["session_date"]),
               datetime.datetime.fromisoformat(tick["event_time"]), tick["seq"], tick["price"], tick["size"]]
        rows.append(tuple(row + [tick.get("bid"), tick.get("ask")] if quoted else row))
    return sorted(rows, key=lambda row: (row[0].encode(), row[2], row[3]))


class TickParquet(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.lines = pathlib.Path(folder.name) / "lines.ndjson"
        self.file = pathlib.Path(folder.name) / "ticks.parquet"

    def write(self, lines, compression, quoted):
        self.lines.write_text("".join(line + "\n" for line in lines))
        subprocess.run([PROGRAM, self.lines, self.file, compression, "quoted" if quoted else "plain"], check=True)

    def check_bounds(self, rows):
        """Every row group's bounds are those of its rows, but for a zero's sign; rows are in order, groups sorted."""
        meta = pq.read_metadata(self.file)
        first = 0
        for g in range(meta.num_row_groups):
            group = meta.row_group(g)
            of_group = rows[first:first + group.num_rows]
            first += group.num_rows
            self.assertEqual([(c.column_index, c.descending) for c in group.sorting_columns],
                             [(0, False), (2, False), (3, False)])
            for c in range(group.num_columns):
                values = [row[c] for row in of_group if row[c] is not None]
                statistics = group.column(c).statistics
                self.assertEqual(statistics.null_count, len(of_group) - len(values))
                if not values or (c == 0 and max(len(values[0]), len(values[-1])) > 4096):
                    self.assertFalse(statistics.has_min_max)
                    continue
                if c == 0:
                    self.assertEqual((statistics.min, statistics.max), (values[0], values[-1]))
                else:
                    self.assertEqual((statistics.min, statistics.max), (min(values), max(values)))
        self.assertEqual(first, len(rows))

    def test_every_value_comes_back(self):
        chance = random.Random(20240501)
        for trial in range(40):
            rows = chance.choice([1, 2, 3, 31, 32, 33, 127, 128, 129, 130, 257, 1000, 5000])
            quoted, compression = trial % 2 == 1, ["zstd", "none", "gzip"][trial % 3]
            with self.subTest(trial=trial, rows=rows, quoted=quoted, compression=compression):
                self.check_file(chance, rows, compression, quoted)

    def test_several_pages_and_row_groups(self):
        chance = random.Random(5)
        self.check_file(chance, 131_072 * 2 + 20_001, "zstd", True)
        self.assertEqual(pq.read_metadata(self.file).num_row_groups, 3)

    def check_file(self, chance, rows, compression, quoted):
        lines = random_lines(chance, rows, quoted)
        self.write(lines, compression, quoted)
        table = pq.ParquetFile(self.file).read()
        self.assertEqual([(field.name, field.type) for field in table.schema],
                         TYPES + (QUOTE_TYPES if quoted else []))
        wanted = wanted_rows(lines, quoted)
        # Rows of equal symbol, time and seq may stand in any order.
        got = list(zip(*(column.to_pylist() for column in table.columns)))
        key = lambda row: (row[0].encode(), row[2], row[3])  # noqa: E731
        self.assertEqual([key(row) for row in got], [key(row) for row in wanted])
        self.assertEqual(sorted(map(repr, got)), sorted(map(repr, wanted)))
        # DuckDB's dates and times are converted by its own rules; as text they are compared whole.
        others = duckdb.sql(f"SELECT * FROM read_parquet('{self.file}')").fetchall()
        self.assertEqual(sorted(map(repr, others)), sorted(map(repr, wanted)))
        self.check_bounds(got)
        self.check_pruning(wanted)

    def check_pruning(self, rows):
        """What a filter by bounds and Bloom filter finds is what is there, and what is not there is left out."""
        symbol = rows[len(rows) // 2][0]
        found = duckdb.execute(f"SELECT count(*) FROM read_parquet('{self.file}') WHERE symbol = ?", [symbol])
        self.assertEqual(found.fetchone()[0], sum(row[0] == symbol for row in rows))
        for name in {row[0] for row in rows[:: max(1, len(rows) // 50)]}:
            excluded = duckdb.execute(
                f"SELECT bool_and(bloom_filter_excludes) FROM parquet_bloom_probe('{self.file}', 'symbol', "
                f"'{name}')").fetchone()[0]
            self.assertFalse(excluded, name)
        absent = [duckdb.execute(f"SELECT bool_and(bloom_filter_excludes) FROM parquet_bloom_probe('{self.file}', "
                                 f"'symbol', 'absent-{i}')").fetchone()[0] for i in range(40)]
        self.assertGreater(sum(absent), 30)


if __name__ == "__main__":
    unittest.main()
