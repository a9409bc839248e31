#include "catalog/table_builder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace stack::catalog {
namespace {

// The empty key, which JSON allows, is no name for a column.
std::string column_name_of(std::string_view key) { return key.empty() ? "unnamed" : lower_case(key); }

// Which formats the files of a schema have.
struct SchemaUse {
  bool ndjson = false;
  bool parquet = false;
};

std::vector<SchemaUse> uses_of(const CrawlState& state) {
  std::vector<SchemaUse> uses(state.schemas.size());
  for (const SeenFile& seen : state.files)
    (seen.file.format == TableFormat::parquet ? uses[seen.schema].parquet : uses[seen.schema].ndjson) = true;
  return uses;
}

std::vector<Column> joined_columns(const CrawlState& state) {
  std::vector<Column> columns;
  std::unordered_map<std::string, std::size_t> index;
  const std::vector<SchemaUse> uses = uses_of(state);
  for (std::size_t i = 0; i < state.schemas.size(); ++i) {
    for (const SchemaColumn& seen : state.schemas[i]) {
      const auto [entry, added] = index.try_emplace(column_name_of(seen.name), columns.size());
      if (added) columns.push_back({entry->first, {}, {}, false});
      Column& column = columns[entry->second];
      column.type = join(column.type, seen.type);
      column.in_parquet = column.in_parquet || uses[i].parquet;
      if (uses[i].ndjson && std::ranges::find(column.json_keys, seen.name) == column.json_keys.end())
        column.json_keys.push_back(seen.name);
    }
  }
  for (Column& column : columns) std::ranges::sort(column.json_keys);
  return columns;
}

// Ticks are declared: a file whose prices happen to be whole, or one of nulls, must not change their types.
void declare_ticks(std::vector<Column>& columns) {
  std::vector<Column> declared;
  const auto declare = [&](const std::vector<std::pair<std::string, Type>>& wanted) {
    for (const auto& [name, type] : wanted) {
      const auto column = std::ranges::find(columns, name, &Column::name);
      if (column == columns.end() || join(column->type, type) != type) return false;
      declared.push_back(*column);
      declared.back().type = type;
    }
    return true;
  };
  if (!declare(tick_columns())) return;
  if (const std::size_t ticks_only = declared.size(); !declare(quote_columns())) declared.resize(ticks_only);
  for (Column& column : columns) {
    if (std::ranges::find(declared, column.name, &Column::name) == declared.end())
      declared.push_back(std::move(column));
  }
  columns = std::move(declared);
}

std::vector<std::string> partition_keys_of(const CrawlState& state) {
  for (const SeenFile& seen : state.files) {
    if (seen.file.partition.empty()) continue;
    std::vector<std::string> keys;
    keys.reserve(seen.file.partition.size());
    for (const PartitionValue& value : seen.file.partition) keys.push_back(value.key);
    return keys;
  }
  return {};
}

bool in_partition(const DataFile& file, const std::vector<std::string>& keys) {
  return !keys.empty() && std::ranges::equal(file.partition, keys, {}, &PartitionValue::key);
}

void add_files(Table& table, const CrawlState& state) {
  std::map<std::string, Partition> partitions;
  for (const SeenFile& seen : state.files) {
    ++table.files;
    table.bytes += seen.file.size;
    table.rows += seen.rows;
    table.malformed_lines += seen.malformed_lines;
    if (!in_partition(seen.file, table.partition_keys)) {
      if (!table.partition_keys.empty()) ++table.unpartitioned_files;
      continue;
    }
    Partition& partition = partitions[seen.file.partition_path];
    if (partition.files == 0) {
      partition.path = seen.file.partition_path;
      for (const PartitionValue& value : seen.file.partition) partition.values.push_back(value.value);
    }
    ++partition.files;
    partition.bytes += seen.file.size;
    partition.rows += seen.rows;
  }
  for (auto& [path, partition] : partitions) table.partitions.push_back(std::move(partition));
}

void describe_format(Table& table, const CrawlState& state) {
  std::map<TableFormat, std::uint64_t> by_format;
  std::map<FileCompression, std::uint64_t> by_compression;
  std::set<std::size_t> parquet_schemas;
  for (const SeenFile& seen : state.files) {
    by_format[seen.file.format] += seen.file.size + 1;
    if (seen.file.format == TableFormat::parquet)
      parquet_schemas.insert(seen.schema);
    else
      by_compression[seen.file.compression] += seen.file.size + 1;
  }
  const auto by_bytes = [](const auto& a, const auto& b) { return a.second < b.second; };
  if (!by_format.empty()) table.format = std::ranges::max_element(by_format, by_bytes)->first;
  table.mixed_formats = by_format.size() > 1;
  table.uniform_parquet = parquet_schemas.size() <= 1;
  if (table.format == TableFormat::parquet) {
    table.parameters["classification"] = "parquet";
    return;
  }
  table.parameters["classification"] = "json";
  if (!by_compression.empty()) table.compression = name_of(std::ranges::max_element(by_compression, by_bytes)->first);
  table.parameters["compressionType"] = table.compression;
}

}  // namespace

Table build_table(std::string_view database, std::string_view folder, std::string_view lake_uri,
                  const CrawlState& state) {
  Table table;
  table.database = database;
  table.name = table_name_of(folder);
  table.folder = folder;
  table.location = fmt::format("{}/{}", lake_uri, folder);
  table.columns = joined_columns(state);
  declare_ticks(table.columns);
  for (Column& column : table.columns) column.type = settled(column.type);
  table.partition_keys = partition_keys_of(state);
  // Athena refuses a column that repeats a partition key; the folder's value is the one that prunes.
  std::erase_if(table.columns, [&](const Column& column) {
    return std::ranges::find(table.partition_keys, column.name) != table.partition_keys.end();
  });
  add_files(table, state);
  describe_format(table, state);
  return table;
}

std::vector<std::string> drift_between_files(const Table& table, const CrawlState& state) {
  std::vector<std::string> notes;
  if (state.schemas.size() < 2) return notes;
  std::vector<std::uint64_t> files_of(state.schemas.size());
  for (const SeenFile& seen : state.files) ++files_of[seen.schema];
  for (const Column& column : table.columns) {
    std::uint64_t files = 0;
    std::set<std::string> types;
    for (std::size_t i = 0; i < state.schemas.size(); ++i) {
      const auto seen = std::ranges::find_if(
          state.schemas[i], [&](const SchemaColumn& c) { return column_name_of(c.name) == column.name; });
      if (seen == state.schemas[i].end()) continue;
      files += files_of[i];
      if (seen->type.kind != TypeKind::null) types.insert(hive_name(settled(seen->type)));
    }
    if (files < state.files.size())
      notes.push_back(
          fmt::format("column '{}' is in {} of {} files, NULL in the others", column.name, files, state.files.size()));
    if (types.size() > 1)
      notes.push_back(fmt::format("column '{}' is {} in different files: {} holds all", column.name,
                                  fmt::join(types, " and "), hive_name(column.type)));
    if (column.json_keys.size() > 1)
      notes.push_back(fmt::format("column '{}' is spelled {}", column.name, fmt::join(column.json_keys, ", ")));
  }
  return notes;
}

std::vector<std::string> drift_since(const Table& before, const Table& now) {
  std::vector<std::string> notes;
  for (const Column& column : now.columns) {
    const auto old = std::ranges::find(before.columns, column.name, &Column::name);
    if (old == before.columns.end())
      notes.push_back(fmt::format("new column '{}' {}", column.name, hive_name(column.type)));
    else if (old->type != column.type)
      notes.push_back(fmt::format("column '{}': {} -> {}", column.name, hive_name(old->type), hive_name(column.type)));
  }
  for (const Column& column : before.columns) {
    if (std::ranges::find(now.columns, column.name, &Column::name) == now.columns.end())
      notes.push_back(fmt::format("column '{}' is in no file any more", column.name));
  }
  return notes;
}

}  // namespace stack::catalog
