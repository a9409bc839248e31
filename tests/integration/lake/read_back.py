"""Reads the tables plain, gz, zst and pq of a lake with DuckDB and pyarrow, and compares them: read_back.py LAKE"""

import glob
import gzip
import json
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

lake = sys.argv[1]
ticks = "symbol, session_date::DATE, event_time::TIMESTAMP, seq, price, size"
sources = {
    "plain": f"read_json('{lake}/plain/*/*.ndjson')",
    "gz": f"read_json('{lake}/gz/*/*.ndjson.gz')",
    "zst": f"read_json('{lake}/zst/*/*.ndjson.zst')",
    "pq": f"read_parquet('{lake}/pq/*/*.parquet')",
}
answers = {
    name: duckdb.sql(f"SELECT count(*), sum(hash({ticks.replace('::DATE', '').replace('::TIMESTAMP', '')})) FROM "
                     f"(SELECT {ticks.replace('session_date::DATE', 'session_date::DATE AS session_date').replace('event_time::TIMESTAMP', 'event_time::TIMESTAMP AS event_time')} FROM {source})").fetchone()
    for name, source in sources.items()
}
print(answers)
assert len(set(answers.values())) == 1, answers
assert answers["plain"][0] == 50_000

# Every gzip member and every zstd frame, as other libraries see them.
rows = sum(1 for path in glob.glob(f"{lake}/gz/*/*.gz") for line in gzip.open(path) if json.loads(line))
assert rows == 50_000, rows
rows = 0
for path in glob.glob(f"{lake}/zst/*/*.zst"):
    with pa.input_stream(path, compression="zstd") as stream:
        rows += stream.read().count(b"\n")
assert rows == 50_000, rows

wanted = [("symbol", pa.string()), ("session_date", pa.date32()), ("event_time", pa.timestamp("us")),
          ("seq", pa.int64()), ("price", pa.float64()), ("size", pa.int64())]
for path in glob.glob(f"{lake}/pq/*/*.parquet"):
    table = pq.ParquetFile(path).read()
    assert [(field.name, field.type) for field in table.schema] == wanted, table.schema
    key = table.select(["symbol", "event_time", "seq"]).to_pylist()
    assert key == sorted(key, key=lambda row: (row["symbol"], row["event_time"], row["seq"]))
