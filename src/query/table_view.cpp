#include "query/table_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "catalog/hive_type.hpp"
#include "duckdb/database.hpp"
#include "query/json_value.hpp"

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

std::string hive_options(const FileGroup& group) {
  if (group.partition_keys.empty()) return "hive_partitioning = false";
  std::vector<std::string> types;
  types.reserve(group.partition_keys.size());
  for (const std::string& key : group.partition_keys) types.push_back(quote_literal(key) + ": VARCHAR");
  return fmt::format("hive_partitioning = true, hive_types = {{{}}}", fmt::join(types, ", "));
}

void add_partition_columns(std::vector<std::string>& selected, const Table& table, const FileGroup& group) {
  for (std::size_t i = 0; i < table.partition_keys.size(); ++i)
    selected.push_back(fmt::format(
        "{} AS {}", group.partition_keys.empty() ? "NULL::VARCHAR" : quote_identifier(group.partition_keys[i]),
        quote_identifier(table.partition_keys[i])));
}

// A table without columns, such as one of nothing but {}, still has rows.
std::string select_list(const std::vector<std::string>& selected) {
  return selected.empty() ? "NULL AS \"empty\"" : fmt::format("{}", fmt::join(selected, ", "));
}

// read_json is told the keys, which must be names that differ in more than case, and shows lines that are no JSON
// objects as rows of NULLs, as valid ones can be. Where that will not do, lines are looked into key by key, which takes
// twice the time.
bool keys_can_be_declared(const Table& table) {
  const auto declarable = [](const Column& column) {
    return column.json_keys.empty() || (column.json_keys.size() == 1 && !column.json_keys.front().empty());
  };
  const auto in_json = [](const Column& column) { return !column.json_keys.empty(); };
  return table.malformed_lines == 0 && std::ranges::all_of(table.columns, declarable) &&
         std::ranges::any_of(table.columns, in_json);
}

std::string json_looked_up(const Table& table, const FileGroup& group) {
  std::vector<std::string> selected;
  selected.reserve(table.columns.size() + table.partition_keys.size());
  for (const Column& column : table.columns)
    selected.push_back(
        column.json_keys.empty()
            ? null_column(column)
            : fmt::format("{} AS {}", value_at("json", column.json_keys, column.type), quote_identifier(column.name)));
  add_partition_columns(selected, table, group);
  const bool malformed = table.malformed_lines > 0;
  return fmt::format("SELECT {} FROM read_ndjson_objects({}, {}{}){}", select_list(selected), file_list(group.paths),
                     hive_options(group), malformed ? ", ignore_errors = true" : "",
                     malformed ? " WHERE json_type(json) = 'OBJECT'" : "");
}

std::string json_part(const Table& table, const FileGroup& group) {
  if (!keys_can_be_declared(table)) return json_looked_up(table, group);
  std::vector<std::string> selected;
  std::vector<std::string> declared;
  for (const Column& column : table.columns) {
    if (column.json_keys.empty()) {
      selected.push_back(null_column(column));
      continue;
    }
    const std::string& key = column.json_keys.front();
    const std::string value = quote_identifier(key);
    const bool spelled = has_spellings(column.type);
    selected.push_back(
        fmt::format("{} AS {}", spelled ? value_of(value, column.type) : value, quote_identifier(column.name)));
    declared.push_back(
        fmt::format("{}: {}", quote_literal(key), quote_literal(spelled ? "JSON" : duckdb_name(column.type))));
  }
  add_partition_columns(selected, table, group);
  return fmt::format("SELECT {} FROM read_json({}, format = 'newline_delimited', records = true, columns = {{{}}}, {})",
                     select_list(selected), file_list(group.paths), fmt::join(declared, ", "), hive_options(group));
}

std::string parquet_part(const Table& table, const FileGroup& group) {
  std::vector<std::string> selected;
  selected.reserve(table.columns.size() + table.partition_keys.size());
  for (const Column& column : table.columns) {
    const std::string name = quote_identifier(column.name);
    selected.push_back(column.in_parquet ? fmt::format("CAST({} AS {}) AS {}", name, duckdb_name(column.type), name)
                                         : null_column(column));
  }
  add_partition_columns(selected, table, group);
  // Union by name opens every file to see its columns: only where they differ.
  return fmt::format("SELECT {} FROM read_parquet({}, {}{})", select_list(selected), file_list(group.paths),
                     hive_options(group), table.uniform_parquet ? "" : ", union_by_name = true");
}

std::string no_rows(const Table& table) {
  std::vector<std::string> selected;
  selected.reserve(table.columns.size() + table.partition_keys.size());
  for (const Column& column : table.columns) selected.push_back(null_column(column));
  add_partition_columns(selected, table, {});
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

Result<std::vector<FileGroup>> table_files(lake::ObjectStore& store, const Table& table) {
  STACK_TRY_ASSIGN(folder, catalog::list_table_folder(store, table.folder));
  std::set<std::string_view> known;
  for (const catalog::Partition& partition : table.partitions) known.insert(partition.path);
  const std::set<std::string_view> unreadable(table.unreadable_files.begin(), table.unreadable_files.end());
  std::map<std::pair<TableFormat, std::vector<std::string>>, std::vector<catalog::DataFile>> groups;
  for (catalog::DataFile& file : folder.files) {
    const bool loose = table.partition_keys.empty() ||
                       !std::ranges::equal(file.partition, table.partition_keys, {}, &catalog::PartitionValue::key);
    if (file.size == 0 || (!loose && !known.contains(file.partition_path))) continue;
    if (unreadable.contains(std::string_view(file.key).substr(table.folder.size() + 1))) continue;
    // DuckDB takes DT=1 and dt=1 for partitions by different keys, and refuses to read them together.
    auto keys = loose ? std::vector<std::string>{} : catalog::spelled_keys(file.partition_path);
    groups[{file.format, std::move(keys)}].push_back(std::move(file));
  }
  std::vector<FileGroup> out;
  out.reserve(groups.size());
  for (auto& [how, files] : groups) out.push_back({how.first, how.second, std::move(files), {}});
  return out;
}

std::string create_view_sql(const Table& table, const std::vector<FileGroup>& groups) {
  std::vector<std::string> parts;
  parts.reserve(groups.size() + 1);
  for (const FileGroup& group : groups)
    parts.push_back(group.format == TableFormat::parquet ? parquet_part(table, group) : json_part(table, group));
  if (parts.empty()) parts.push_back(no_rows(table));
  return fmt::format("CREATE OR REPLACE VIEW {}.{} AS {}", quote_identifier(table.database),
                     quote_identifier(table.name), fmt::join(parts, " UNION ALL "));
}

}  // namespace stack::query
