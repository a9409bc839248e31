#include "catalog/glue_entry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "catalog/glue_own.hpp"
#include "catalog/hive_format.hpp"
#include "catalog/stable_hash.hpp"
#include "lake/json_text.hpp"

namespace stack::catalog {
namespace {

using lake::json_array;
using lake::json_string;
namespace dom = simdjson::dom;

constexpr std::string_view kFiles = "objectCount";
constexpr std::string_view kBytes = "sizeKey";
constexpr std::string_view kRows = "recordCount";
constexpr std::string_view kExternal = "EXTERNAL_TABLE";
// https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html, API_StorageDescriptor.html,
// API_PartitionInput.html
constexpr std::size_t kLongestValue = 512'000;
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestType = 131'072;
constexpr std::size_t kLongestLocation = 2'056;
constexpr std::size_t kLongestPartitionValue = 1'024;

std::string with_slash(const std::string& location) { return location + '/'; }

std::string without_slash(std::string location) {
  if (location.ends_with('/')) location.pop_back();
  return location;
}

GlueStorage storage_of(const Table& table, const std::string& location) {
  const HiveFormat& format = hive_format(table.format);
  GlueStorage storage;
  for (const Column& column : table.columns) storage.columns.push_back({column.name, hive_name(column.type), {}});
  storage.location = with_slash(location);
  storage.input_format = format.input;
  storage.output_format = format.output;
  storage.serde = format.serde;
  storage.serde_parameters.emplace("serialization.format", "1");
  if (table.format == TableFormat::ndjson && table.malformed_lines > 0)
    storage.serde_parameters.emplace(kIgnoreMalformed, "true");
  storage.compressed = table.compression != "none";
  return storage;
}

GlueParameters counts_of(std::uint64_t files, std::uint64_t bytes, std::uint64_t rows) {
  GlueParameters counts;
  counts.emplace(kFiles, std::to_string(files));
  counts.emplace(kBytes, std::to_string(bytes));
  counts.emplace(kRows, std::to_string(rows));
  return counts;
}

std::uint64_t count_in(const GlueParameters& parameters, std::string_view key) {
  const auto found = parameters.find(key);
  std::uint64_t count = 0;
  if (found != parameters.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), count);
  return count;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

// How STACK reads a column that others have declared.
Type understood(std::string_view hive) {
  const std::string name = lower_case(hive);
  if (auto type = parse_type(name)) return *std::move(type);
  if (is_one_of(name, {"int", "integer", "smallint", "tinyint"})) return TypeKind::bigint;
  if (name == "float") return TypeKind::real;
  return TypeKind::string;
}

std::optional<TableFormat> format_of(const GlueTable& entry) {
  if (entry.storage.serde == kHiveParquet.serde) return TableFormat::parquet;
  if (is_one_of(entry.storage.serde,
                {kHiveJson.serde, "org.openx.data.jsonserde.JsonSerDe", "org.apache.hadoop.hive.serde2.JsonSerDe"}))
    return TableFormat::ndjson;
  return std::nullopt;
}

// In a message: "an Iceberg table", "a view".
std::string what_it_is(const GlueTable& entry) {
  if (const auto type = entry.parameters.find("table_type"); type != entry.parameters.end())
    return fmt::format("a table of type {}", type->second);
  if (entry.kind == "VIRTUAL_VIEW") return "a view";
  if (entry.storage.serde.empty()) return "a table without a SerDe";
  const auto named = entry.parameters.find("classification");
  return fmt::format("a table of {} files ({})", named == entry.parameters.end() ? "other" : named->second,
                     entry.storage.serde);
}

bool is_of_files(const GlueTable& entry) {
  return entry.kind != "VIRTUAL_VIEW" && !entry.parameters.contains("table_type");
}

// The folder of LOCATION in LAKE; none where it is elsewhere.
std::optional<std::string> folder_of(std::string_view location, std::string_view lake) {
  if (lake.empty()) return std::string(location.substr(location.rfind('/') + 1));
  if (!location.starts_with(lake) || location.size() <= lake.size() + 1 || location[lake.size()] != '/')
    return std::nullopt;
  return std::string(location.substr(lake.size() + 1));
}

Result<void> check_length(const Table& table, std::string_view what, const std::string& text, std::size_t most) {
  if (text.size() <= most) return {};
  return fail(ErrorKind::conflict,
              fmt::format("{}.{} does not go into AWS Glue: its {} {}… has {} bytes, and Glue takes {}; shorten it in "
                          "the files, or use --catalog lake",
                          table.database, table.name, what, text.substr(0, 40), text.size(), most));
}

Result<void> check_lengths(const Table& table) {
  for (const Column& column : table.columns) {
    STACK_TRY(check_length(table, "column", column.name, kLongestName));
    STACK_TRY(check_length(table, "type", hive_name(column.type), kLongestType));
  }
  STACK_TRY(check_length(table, "location", table.location, kLongestLocation));
  for (const Partition& partition : table.partitions) {
    STACK_TRY(check_length(table, "location", location_of(table, partition), kLongestLocation));
    for (const std::string& value : partition.values)
      STACK_TRY(check_length(table, "partition", value, kLongestPartitionValue));
  }
  return {};
}

void take_foreign(Table& table, const GlueTable& entry) {
  for (const char* name : {"classification", "compressionType"}) {
    if (const auto found = entry.parameters.find(name); found != entry.parameters.end())
      table.parameters.insert(*found);
  }
  table.uniform_parquet = false;  // nobody knows
  if (const auto ignores = entry.storage.serde_parameters.find(kIgnoreMalformed);
      ignores != entry.storage.serde_parameters.end() && ignores->second == "true")
    table.malformed_lines = 1;
}

std::string listed(const std::vector<GlueColumn>& keys) {
  if (keys.empty()) return "none";
  std::vector<std::string> names;
  for (const GlueColumn& key : keys) names.push_back(lower_case(key.name) + ' ' + lower_case(key.type));
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::vector<GluePartition> glue_partitions(const Table& table) {
  std::vector<GluePartition> entries;
  std::set<std::vector<std::string>> held;
  for (const Partition& partition : table.partitions) {
    if (!is_held_by_glue(partition) || !held.insert(partition.values).second) continue;
    entries.push_back({.values = partition.values,
                       .storage = storage_of(table, location_of(table, partition)),
                       .parameters = counts_of(partition.files, partition.bytes, partition.rows)});
  }
  std::ranges::sort(entries, {}, &GluePartition::values);
  return entries;
}

std::string fingerprint(const std::vector<GluePartition>& partitions) {
  std::uint64_t hash = kStableHashSeed;
  for (const GluePartition& partition : partitions) hash = stable_hash(partition_input(partition), hash);
  return fmt::format("{:016x}", hash);
}

Result<GlueTable> glue_table(const Table& table, std::string_view fingerprint) {
  STACK_TRY(check_lengths(table));
  GlueTable entry;
  entry.name = table.name;
  entry.kind = kExternal;
  entry.storage = storage_of(table, table.location);
  for (const std::string& key : table.partition_keys) entry.keys.push_back({key, "string", {}});
  entry.parameters = counts_of(table.files, table.bytes, table.rows);
  entry.parameters.emplace("EXTERNAL", "TRUE");
  for (const auto& [name, value] : table.parameters) entry.parameters.insert_or_assign(name, value);
  std::string own = own_json(table, fingerprint);
  if (own.size() > kLongestValue)
    return fail(ErrorKind::conflict,
                fmt::format("the entry of {}.{} is too large for AWS Glue: {} bytes of at most {} about its columns, "
                            "its {} unreadable files and partitions with values of others; mend or remove those",
                            table.database, table.name, own.size(), kLongestValue, table.unreadable_files.size()));
  entry.parameters.insert_or_assign(std::string(kOwnParameter), std::move(own));
  return entry;
}

GlueTable with_additions_of(const GlueTable& before, GlueTable wanted) {
  auto own = own_parameters(before);
  for (const auto name : {kFiles, kBytes, kRows}) own.emplace(name);
  for (const auto& [name, value] : before.parameters) {
    if (!own.contains(name)) wanted.parameters.emplace(name, value);
  }
  wanted.description = before.description;
  wanted.owner = before.owner;
  const auto take_comments = [](const std::vector<GlueColumn>& from, std::vector<GlueColumn>& columns) {
    for (GlueColumn& column : columns) {
      const auto same = std::ranges::find(from, column.name, &GlueColumn::name);
      if (same != from.end()) column.comment = same->comment;
    }
  };
  take_comments(before.storage.columns, wanted.storage.columns);
  take_comments(before.keys, wanted.keys);
  return wanted;
}

bool same_entry(const GlueTable& a, const GlueTable& b) {
  return a.kind == b.kind && a.storage == b.storage && a.keys == b.keys && a.parameters == b.parameters;
}

std::vector<std::string> contradictions(const GlueTable& before, const GlueTable& wanted) {
  std::vector<std::string> found;
  const auto format = format_of(before);
  if (!is_of_files(before) || !format || format != format_of(wanted)) {
    found.push_back(fmt::format("it is {}", what_it_is(before)));
    if (!is_of_files(before) || !format) return found;
  }
  if (without_slash(before.storage.location) != without_slash(wanted.storage.location))
    found.push_back(fmt::format("it is at {}, not at {}", before.storage.location, wanted.storage.location));
  if (listed(before.keys) != listed(wanted.keys))
    found.push_back(
        fmt::format("its partition keys are {}, those of the files {}", listed(before.keys), listed(wanted.keys)));
  for (const GlueColumn& column : before.storage.columns) {
    const auto same = std::ranges::find(wanted.storage.columns, lower_case(column.name), &GlueColumn::name);
    if (same == wanted.storage.columns.end())
      found.push_back(fmt::format("its column '{}' is in no file", column.name));
    else if (lower_case(same->type) != lower_case(column.type))
      found.push_back(fmt::format("its column '{}' is {}, that of the files {}", column.name, column.type, same->type));
  }
  return found;
}

std::vector<std::string> contradictions(const std::vector<GluePartition>& before,
                                        const std::vector<GluePartition>& wanted) {
  std::vector<std::string> found;
  for (const GluePartition& partition : before) {
    const auto same = std::ranges::lower_bound(wanted, partition.values, {}, &GluePartition::values);
    const std::string values = fmt::format("{}", fmt::join(partition.values, "/"));
    if (same == wanted.end() || same->values != partition.values)
      found.push_back(fmt::format("its partition {} has no files in the lake", values));
    else if (without_slash(same->storage.location) != without_slash(partition.storage.location))
      found.push_back(fmt::format("its partition {} is at {}", values, partition.storage.location));
    if (found.size() == 3) break;  // enough to see what it is about
  }
  return found;
}

Result<Table> table_of(std::string_view database, const GlueTable& entry, const std::vector<GluePartition>& partitions,
                       std::string_view lake) {
  const auto format = format_of(entry);
  if (!is_of_files(entry) || !format)
    return fail(ErrorKind::conflict, fmt::format("{}.{} of AWS Glue is {}: STACK reads tables of NDJSON and of Parquet "
                                                 "files, and leaves this one as it is: ask Amazon Athena for its rows "
                                                 "(--engine athena), or choose another --database",
                                                 database, entry.name, what_it_is(entry)));
  Table table;
  table.database = database;
  table.name = entry.name;
  table.location = without_slash(entry.storage.location);
  auto folder = folder_of(table.location, lake);
  if (!folder)
    return fail(ErrorKind::conflict,
                fmt::format("{}.{} of AWS Glue is at {}, not in the lake {}: name that lake with --lake, or another "
                            "database with --database",
                            database, entry.name, entry.storage.location, lake));
  table.folder = *std::move(folder);
  table.format = *format;
  for (const GlueColumn& column : entry.storage.columns)
    table.columns.push_back(plain_column(lower_case(column.name), understood(column.type), *format));
  for (const GlueColumn& key : entry.keys) table.partition_keys.push_back(lower_case(key.name));
  table.files = count_in(entry.parameters, kFiles);
  table.bytes = count_in(entry.parameters, kBytes);
  table.rows = count_in(entry.parameters, kRows);
  const std::string root = with_slash(table.location);
  for (const GluePartition& partition : partitions) {
    const std::string place = without_slash(partition.storage.location);
    if (!place.starts_with(root)) continue;  // elsewhere: no file of the table's folder
    table.partitions.push_back({.values = partition.values,
                                .path = place.substr(root.size()),
                                .files = count_in(partition.parameters, kFiles),
                                .bytes = count_in(partition.parameters, kBytes),
                                .rows = count_in(partition.parameters, kRows)});
  }
  if (!take_own(table, entry)) take_foreign(table, entry);
  std::ranges::sort(table.partitions, {}, &Partition::path);
  return table;
}

}  // namespace stack::catalog
