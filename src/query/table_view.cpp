#include "query/table_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "catalog/data_file.hpp"
#include "catalog/hive_type.hpp"
#include "duckdb/database.hpp"

namespace stack::query {
namespace {

using catalog::Column;
using catalog::Table;
using catalog::TableFormat;
using duckdb_embedded::quote_identifier;
using duckdb_embedded::quote_literal;

std::string file_list(const std::vector<std::string>& files) {
  std::string out = "[";
  for (const std::string& file : files) {
    if (out.size() > 1) out += ", ";
    out += quote_literal(pattern_of(file));
  }
  return out + ']';
}

std::string null_column(const Column& column) {
  return fmt::format("NULL::{} AS {}", duckdb_name(column.type), quote_identifier(column.name));
}

enum class Partitioned { yes, no };

std::string hive_options(const Table& table, Partitioned partitioned) {
  if (partitioned == Partitioned::no) return "hive_partitioning = false";
  std::vector<std::string> types;
  types.reserve(table.partition_keys.size());
  for (const std::string& key : table.partition_keys) types.push_back(quote_literal(key) + ": VARCHAR");
  return fmt::format("hive_partitioning = true, hive_types = {{{}}}", fmt::join(types, ", "));
}

void add_partition_columns(std::vector<std::string>& selected, const Table& table, Partitioned partitioned) {
  for (const std::string& key : table.partition_keys)
    selected.push_back((partitioned == Partitioned::no ? "NULL::VARCHAR AS " : "") + quote_identifier(key));
}

// A table without columns, such as one of nothing but {}, still has rows.
std::string select_list(const std::vector<std::string>& selected) {
  return selected.empty() ? "NULL AS \"empty\"" : fmt::format("{}", fmt::join(selected, ", "));
}

// Lines that are no JSON objects come out of DuckDB as rows of NULLs, which they are not.
std::string ignore_errors(const Table& table) { return table.malformed_lines > 0 ? ", ignore_errors = true" : ""; }
std::string without_malformed(const Table& table, std::string_view is_none) {
  return table.malformed_lines > 0 ? fmt::format(" WHERE NOT ({})", is_none) : std::string{};
}

// "/Bid" as a JSON pointer, which takes any key.
std::string json_pointer(std::string_view key) {
  std::string out = "/";
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string looked_up(const Column& column) {
  std::vector<std::string> values;
  values.reserve(column.json_keys.size());
  const std::string_view arrow = column.type.kind == catalog::TypeKind::string ? "->>" : "->";
  for (const std::string& key : column.json_keys)
    values.push_back(fmt::format("json {} {}", arrow, quote_literal(json_pointer(key))));
  return fmt::format("CAST(coalesce({}) AS {}) AS {}", fmt::join(values, ", "), duckdb_name(column.type),
                     quote_identifier(column.name));
}

// A table that spells a column in two ways ("Bid" and "bid") cannot be declared to read_json, whose columns must differ
// in more than case: its lines are taken as JSON values and looked into key by key.
bool spelled_twice(const Table& table) {
  return std::ranges::any_of(table.columns, [](const Column& column) { return column.json_keys.size() > 1; });
}

std::string json_looked_up(const Table& table, const std::vector<std::string>& files, Partitioned partitioned) {
  std::vector<std::string> selected;
  selected.reserve(table.columns.size() + table.partition_keys.size());
  for (const Column& column : table.columns)
    selected.push_back(column.json_keys.empty() ? null_column(column) : looked_up(column));
  add_partition_columns(selected, table, partitioned);
  return fmt::format("SELECT {} FROM read_ndjson_objects({}, {}{}){}", select_list(selected), file_list(files),
                     hive_options(table, partitioned), ignore_errors(table),
                     without_malformed(table, "json IS NULL OR json_type(json) <> 'OBJECT'"));
}

std::string json_part(const Table& table, const std::vector<std::string>& files, Partitioned partitioned) {
  std::vector<std::string> selected;
  std::vector<std::string> declared;
  std::vector<std::string> absent;
  for (const Column& column : table.columns) {
    if (column.json_keys.empty()) {
      selected.push_back(null_column(column));
      continue;
    }
    const std::string key = quote_identifier(column.json_keys.front());
    selected.push_back(fmt::format("{} AS {}", key, quote_identifier(column.name)));
    declared.push_back(
        fmt::format("{}: {}", quote_literal(column.json_keys.front()), quote_literal(duckdb_name(column.type))));
    absent.push_back(key + " IS NULL");
  }
  // Lines of nothing but {} have no column, and read_json wants one.
  if (declared.empty() || spelled_twice(table)) return json_looked_up(table, files, partitioned);
  add_partition_columns(selected, table, partitioned);
  return fmt::format(
      "SELECT {} FROM read_json({}, format = 'newline_delimited', records = true, columns = {{{}}}, {}{}){}",
      select_list(selected), file_list(files), fmt::join(declared, ", "), hive_options(table, partitioned),
      ignore_errors(table), without_malformed(table, fmt::format("{}", fmt::join(absent, " AND "))));
}

std::string parquet_part(const Table& table, const std::vector<std::string>& files, Partitioned partitioned) {
  std::vector<std::string> selected;
  selected.reserve(table.columns.size() + table.partition_keys.size());
  for (const Column& column : table.columns) {
    const std::string name = quote_identifier(column.name);
    selected.push_back(column.in_parquet ? fmt::format("CAST({} AS {}) AS {}", name, duckdb_name(column.type), name)
                                         : null_column(column));
  }
  add_partition_columns(selected, table, partitioned);
  // Union by name opens every file to see its columns: only where they differ.
  return fmt::format("SELECT {} FROM read_parquet({}, {}{})", select_list(selected), file_list(files),
                     hive_options(table, partitioned), table.uniform_parquet ? "" : ", union_by_name = true");
}

std::string no_rows(const Table& table) {
  std::vector<std::string> selected;
  selected.reserve(table.columns.size() + table.partition_keys.size());
  for (const Column& column : table.columns) selected.push_back(null_column(column));
  add_partition_columns(selected, table, Partitioned::no);
  return fmt::format("SELECT {} WHERE false", select_list(selected));
}

}  // namespace

std::string pattern_of(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      out.append({'[', c, ']'});
    } else {
      out += c;
    }
  }
  return out;
}

Result<TableFiles> table_files(lake::ObjectStore& store, const Table& table) {
  STACK_TRY_ASSIGN(folder, catalog::list_table_folder(store, table.folder));
  std::set<std::string_view> known;
  for (const catalog::Partition& partition : table.partitions) known.insert(partition.path);
  TableFiles out;
  for (const catalog::DataFile& file : folder.files) {
    const bool loose = table.partition_keys.empty() ||
                       !std::ranges::equal(file.partition, table.partition_keys, {}, &catalog::PartitionValue::key);
    if (file.size == 0 || (!loose && !known.contains(file.partition_path))) continue;
    const auto path = store.local_path(file.key);
    if (!path)
      return fail(ErrorKind::usage, fmt::format("{}: the embedded engine reads lakes in folders only", store.uri()));
    const bool json = file.format == TableFormat::ndjson;
    auto& files = loose ? (json ? out.loose_json : out.loose_parquet) : (json ? out.json : out.parquet);
    files.push_back(path->native());
  }
  return out;
}

std::string create_view_sql(const Table& table, const TableFiles& files) {
  std::vector<std::string> parts;
  if (!files.json.empty()) parts.push_back(json_part(table, files.json, Partitioned::yes));
  if (!files.loose_json.empty()) parts.push_back(json_part(table, files.loose_json, Partitioned::no));
  if (!files.parquet.empty()) parts.push_back(parquet_part(table, files.parquet, Partitioned::yes));
  if (!files.loose_parquet.empty()) parts.push_back(parquet_part(table, files.loose_parquet, Partitioned::no));
  if (parts.empty()) parts.push_back(no_rows(table));
  return fmt::format("CREATE VIEW {}.{} AS {}", quote_identifier(table.database), quote_identifier(table.name),
                     fmt::join(parts, " UNION ALL "));
}

}  // namespace stack::query
