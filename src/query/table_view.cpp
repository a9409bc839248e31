#include "query/table_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "duckdb/database.hpp"

namespace stack::query {
namespace {

using catalog::Column;
using catalog::DataFile;
using catalog::duckdb_name;
using catalog::Table;
using catalog::TableFormat;
using duckdb_embedded::quote_identifier;
using duckdb_embedded::quote_literal;

// Files that one table function reads.
struct Branch {
  TableFormat format = TableFormat::ndjson;
  bool partitioned = false;
  std::string files;  // the function's list: ['…','…']
};

// A path that DuckDB does not take for a pattern.
std::string escaped(const std::string& path) {
  if (path.find_first_of("*?[") == std::string::npos) return path;
  std::string out;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[')
      out.append({'[', c, ']'});
    else
      out += c;
  }
  return out;
}

std::vector<Branch> branches_of(const Table& table, std::span<const DataFile> files,
                                const std::filesystem::path& root) {
  std::set<std::string_view> registered;
  for (const catalog::Partition& partition : table.partitions) registered.insert(partition.path);
  std::vector<Branch> branches;
  for (const DataFile& file : files) {
    if (file.size == 0) continue;
    const bool partitioned = !table.partition_keys.empty() && registered.contains(file.partition_path);
    // As in Athena: a partition that the catalog does not know yet is not read.
    const bool unknown = !table.partition_keys.empty() && !partitioned && !file.partition.empty() &&
                         file.partition.size() == table.partition_keys.size();
    if (unknown) continue;
    auto branch = std::ranges::find_if(
        branches, [&](const Branch& b) { return b.format == file.format && b.partitioned == partitioned; });
    if (branch == branches.end()) branch = branches.insert(branch, {file.format, partitioned, "["});
    if (branch->files.size() > 1) branch->files += ',';
    branch->files += quote_literal(escaped((root / file.key).native()));
  }
  for (Branch& branch : branches) branch.files += ']';
  return branches;
}

std::string null_of(const catalog::Type& type) { return fmt::format("CAST(NULL AS {})", duckdb_name(type)); }

std::string named(std::string expression, const std::string& name) {
  return std::move(expression) + " AS " + quote_identifier(name);
}

std::string hive_options(const Table& table, bool partitioned) {
  if (!partitioned) return ", hive_partitioning=false";
  std::string types;
  for (const std::string& key : table.partition_keys)
    types += (types.empty() ? "" : ", ") + quote_literal(key) + ": VARCHAR";
  return fmt::format(", hive_partitioning=true, hive_types={{{}}}", types);
}

std::string partition_columns(const Table& table, bool partitioned) {
  std::string out;
  for (const std::string& key : table.partition_keys)
    out += ", " + named(partitioned ? quote_identifier(key) : "CAST(NULL AS VARCHAR)", key);
  return out;
}

// Some column is spelled in more than one way: DuckDB's columns={…} cannot hold both, so values are taken from the
// parsed object one by one.
bool several_spellings(const Table& table) {
  return std::ranges::any_of(table.columns, [](const Column& column) { return column.json_keys.size() > 1; });
}

std::string from_object(const Column& column) {
  std::string values;
  const char* const arrow = column.type.scalar() ? "->>" : "->";
  for (const std::string& key : column.json_keys) {
    std::string path = "$.\"";
    for (const char c : key) path += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    values += fmt::format("{}json{}{}", values.empty() ? "" : ", ", arrow, quote_literal(path + '"'));
  }
  return fmt::format("CAST(coalesce({}) AS {})", values, duckdb_name(column.type));
}

// Lines that are not JSON were reported by the crawl; here they read as rows of NULL.
const char* error_option(const Table& table) { return table.malformed_lines > 0 ? ", ignore_errors=true" : ""; }

std::string select_list(const Table& table, bool partitioned, auto expression) {
  std::string out;
  for (const Column& column : table.columns) out += (out.empty() ? "" : ", ") + named(expression(column), column.name);
  out += partition_columns(table, partitioned);
  return out.starts_with(", ") ? out.substr(2) : out;
}

std::string ndjson_by_object(const Table& table, const Branch& branch) {
  const std::string columns = select_list(table, branch.partitioned, [](const Column& column) {
    return column.json_keys.empty() ? null_of(column.type) : from_object(column);
  });
  return fmt::format("SELECT {} FROM read_json_objects({}, format='newline_delimited'{}{})", columns, branch.files,
                     hive_options(table, branch.partitioned), error_option(table));
}

std::string ndjson_select(const Table& table, const Branch& branch) {
  if (several_spellings(table)) return ndjson_by_object(table, branch);
  std::string declared;
  for (const Column& column : table.columns) {
    if (column.json_keys.empty()) continue;
    declared += (declared.empty() ? "" : ", ") + quote_literal(column.json_keys.front()) + ": " +
                quote_literal(duckdb_name(column.type));
  }
  if (declared.empty()) declared = "'_nothing': 'VARCHAR'";  // read_json wants a column
  const std::string columns = select_list(table, branch.partitioned, [](const Column& column) {
    return column.json_keys.empty() ? null_of(column.type) : quote_identifier(column.json_keys.front());
  });
  return fmt::format("SELECT {} FROM read_json({}, columns={{{}}}, format='newline_delimited'{}{})", columns,
                     branch.files, declared, hive_options(table, branch.partitioned), error_option(table));
}

std::string parquet_select(const Table& table, const Branch& branch) {
  const std::string columns = select_list(table, branch.partitioned, [](const Column& column) {
    return column.in_parquet ? fmt::format("CAST({} AS {})", quote_identifier(column.name), duckdb_name(column.type))
                             : null_of(column.type);
  });
  return fmt::format("SELECT {} FROM read_parquet({}{}{})", columns, branch.files,
                     table.uniform_parquet ? "" : ", union_by_name=true", hive_options(table, branch.partitioned));
}

}  // namespace

std::string view_select(const Table& table, std::span<const DataFile> files, const std::filesystem::path& root) {
  std::string out;
  for (const Branch& branch : branches_of(table, files, root)) {
    if (!out.empty()) out += "\nUNION ALL ";
    out += branch.format == TableFormat::parquet ? parquet_select(table, branch) : ndjson_select(table, branch);
  }
  if (!out.empty()) return out;
  const std::string columns = select_list(table, false, [](const Column& column) { return null_of(column.type); });
  return fmt::format("SELECT {} WHERE false", columns.empty() ? "NULL AS nothing" : columns);
}

}  // namespace stack::query
