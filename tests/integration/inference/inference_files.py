"""Files of NDJSON, each with a trap for those who infer its schema, and their schemas as DuckDB and pyarrow see them."""
import json

import duckdb
import pyarrow
import pyarrow.json

ROWS = 1_200


def lines(*rows):
    """Rows as compact JSON, one a line."""
    return "".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n" for row in rows)


def usual(row, *last):
    """Many rows ROW(i), and then those that nobody expects who reads the beginning alone."""
    return lines(*(row(i) for i in range(ROWS)), *last)


def day(i):
    """A date of 2021."""
    return f"2021-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}"


def clock(i):
    """A time of day."""
    return f"{i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02}"


FILES = {
    "ticks": usual(lambda i: {"symbol": "HSI", "session_date": day(i), "event_time": f"{day(i)} {clock(i)}.{i:06}",
                              "seq": i, "price": 29113.25 + i, "size": i * 7}),
    "bars": usual(lambda i: {"Index": "NYA", "Date": day(i), "Open": 528.69 + i, "Adj Close": 529.5, "Volume": i * 1.0}),
    "late_column": usual(lambda i: {"a": i}, {"a": 1, "b": "x", "c": {"d": 1}}),
    "missing_fields": usual(lambda i: {f"c{i % 7}": i, "all": i}),
    "nulls_first": usual(lambda i: {"a": None, "b": None, "c": None}, {"a": 1, "b": "x", "c": [1.5]}),
    "nulls_alone": usual(lambda i: {"a": None, "b": i}),
    "numbers_widen": usual(lambda i: {"a": i}, {"a": 2.5}),
    "integers_at_the_edge": usual(lambda i: {"a": 9223372036854775807 - i, "b": -9223372036854775808 + i}),
    "integers_beyond_64_bits": usual(lambda i: {"a": i}, {"a": 9223372036854775808}),
    "integers_of_30_digits": usual(lambda i: {"a": 10**30 + i}),
    "exponents": '{"a":1e3,"b":-1.5E-7,"c":0.1e+300,"d":-0.0}\n' * ROWS,
    "decimals_of_20_digits": '{"a":0.12345678901234567890}\n' * ROWS,
    "booleans": usual(lambda i: {"a": i % 2 == 0, "b": None}, {"a": None, "b": True}),
    "booleans_as_text": usual(lambda i: {"a": "true" if i % 2 else "false"}),
    "booleans_and_text": usual(lambda i: {"a": True}, {"a": "yes"}),
    "booleans_and_numbers": usual(lambda i: {"a": True}, {"a": 1}),
    "numbers_as_text": usual(lambda i: {"price": f"{i}.25", "size": str(i), "code": f"{i:06}"}),
    "numbers_and_text": usual(lambda i: {"a": i}, {"a": "n/a"}),
    "dates": usual(lambda i: {"a": day(i)}),
    "dates_and_text": usual(lambda i: {"a": day(i)}, {"a": "tomorrow"}),
    "dates_that_are_none": usual(lambda i: {"a": day(i)}, {"a": "2021-02-30"}),
    "dates_of_other_forms": usual(lambda i: {"a": day(i).replace("-", "/"), "b": day(i).replace("-", "")}),
    "dates_and_timestamps": usual(lambda i: {"a": day(i)}, {"a": "2021-05-28 01:30:00"}),
    "timestamps": usual(lambda i: {"a": f"{day(i)} {clock(i)}", "b": f"{day(i)} {clock(i)}.25"}),
    "timestamps_of_two_forms": usual(lambda i: {"a": f"{day(i)} {clock(i)}"}, {"a": "2021-05-28 01:30:00.5"}),
    "timestamps_of_iso_8601": usual(lambda i: {"a": f"{day(i)}T{clock(i)}Z", "b": f"{day(i)}T{clock(i)}"}),
    "timestamps_with_offsets": usual(lambda i: {"a": f"{day(i)} {clock(i)}+02:00"}),
    "times_and_uuids": usual(lambda i: {"a": clock(i), "b": f"47183823-2574-4bfd-b411-{i:012x}"}),
    "structs": usual(lambda i: {"q": {"bid": i, "ask": 2}}, {"q": {"bid": 1.5, "mid": "x"}}),
    "structs_in_structs": usual(lambda i: {"a": {"b": {"c": {"d": [{"e": i}]}}}}, {"a": {"b": {"c": {"f": None}}}}),
    "structs_without_members": usual(lambda i: {"a": {}, "b": i}),
    "structs_and_numbers": usual(lambda i: {"a": {"b": 1}}, {"a": 1}),
    "arrays": usual(lambda i: {"a": list(range(i % 5)), "b": [[1.5], []]}, {"a": [2.5], "b": None}),
    "arrays_that_are_empty": usual(lambda i: {"a": [], "b": i}),
    "arrays_of_structs": usual(lambda i: {"book": [{"p": 1.5, "q": 10}, {"p": 2}][:i % 3]}),
    "arrays_of_all_sorts": usual(lambda i: {"a": [1, "x", None]}),
    "keys_of_unicode": usual(lambda i: {"価格": i, "naïve": "é", "😀": True}),
    "keys_with_escapes": '{"k\\u00e9y":1,"a\\"b":2,"t\\tb":"\\ud83d\\ude00"}\n' * ROWS,
    "keys_that_differ_in_case": usual(lambda i: {"symbol": "A"}, {"Symbol": "B"}, {"SYMBOL": 1}),
    "carriage_returns": usual(lambda i: {"a": i, "b": "x"}).replace("\n", "\r\n"),
    "blank_lines": usual(lambda i: {"a": i}).replace("\n", "\n\n  \n") + "\n",
    "spaces_everywhere": '  { "a" : 1 ,\t"b" : [ 1 , 2.5 ] }  \n' * ROWS,
    "no_newline_at_the_end": usual(lambda i: {"a": i}) + '{"a":0.5}',
    "many_columns": usual(lambda i: {f"c{k}": i + k if k % 2 else f"v{k}" for k in range(i % 3, 300)}),
}


def struct_of(members):
    """A Hive struct: members by name, in lower case."""
    return "struct<" + ",".join(f"{name}:{kind}" for name, kind in sorted(members.items())) + ">"


def columns_of(fields):
    """{column: type}; names in lower case, as catalogs have them, unless that would make one of two."""
    lower = [name.lower() for name, _ in fields]
    return {name if lower.count(name.lower()) > 1 else name.lower(): kind for name, kind in fields}


def hive_from_duckdb(kind):
    """A type of DuckDB's by Hive's name; integers that no bigint holds are doubles, JSON is text."""
    names = {"bigint": "bigint", "ubigint": "double", "hugeint": "double", "double": "double", "boolean": "boolean",
             "date": "date", "timestamp": "timestamp", "varchar": "string", "json": "string"}
    if kind.id == "list":
        return f"array<{hive_from_duckdb(kind.children[0][1])}>"
    if kind.id == "struct":
        return struct_of({name.lower(): hive_from_duckdb(child) for name, child in kind.children})
    return names.get(str(kind).lower(), str(kind).lower())


def by_duckdb(path):
    """{column: type}. Every line is looked at, text stays text, and an object is a struct however many keys it has."""
    relation = duckdb.sql(f"FROM read_json('{path}', format='newline_delimited', sample_size=-1, "
                          "convert_strings_to_integers=false, map_inference_threshold=-1, field_appearance_threshold=0)")
    return columns_of([(name, hive_from_duckdb(kind)) for name, kind in zip(relation.columns, relation.types)])


def hive_from_pyarrow(kind):
    """A type of pyarrow's by Hive's name."""
    if pyarrow.types.is_list(kind):
        return f"array<{hive_from_pyarrow(kind.value_type)}>"
    if pyarrow.types.is_struct(kind):
        return struct_of({field.name.lower(): hive_from_pyarrow(field.type) for field in kind})
    if pyarrow.types.is_timestamp(kind):
        return "timestamp" if kind.tz is None else "timestamp with zone"
    return {"int64": "bigint", "double": "double", "bool": "boolean", "string": "string"}.get(str(kind), str(kind))


def by_pyarrow(path):
    """{column: type}; nothing where it refuses the file, as it does when kinds of values mix."""
    try:
        schema = pyarrow.json.read_json(path, read_options=pyarrow.json.ReadOptions(block_size=1 << 24)).schema
    except pyarrow.ArrowInvalid:
        return None
    return columns_of([(field.name, hive_from_pyarrow(field.type)) for field in schema])
