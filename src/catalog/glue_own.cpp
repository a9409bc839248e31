#include "catalog/glue_own.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "catalog/hive_type.hpp"
#include "lake/json_text.hpp"

namespace stack::catalog {
namespace {

using lake::json_array;
using lake::json_string;
namespace dom = simdjson::dom;

std::string columns_json(const Table& table) {
  std::string out;
  for (const Column& column : table.columns) {
    const std::string spelled = spelled_name(column.type);
    const bool own_type = spelled != hive_name(column.type);
    if (!own_type && column == plain_column(column.name, column.type, table.format)) continue;
    out += fmt::format(R"({}{{"name":{},"json_keys":{},"in_parquet":{})", out.empty() ? "" : ",",
                       json_string(column.name), json_array(column.json_keys), column.in_parquet);
    if (own_type) out += fmt::format(R"(,"type":{})", json_string(spelled));
    out += '}';
  }
  return '[' + out + ']';
}

std::string further_partitions_json(const Table& table) {
  std::set<std::vector<std::string>> held;
  std::string out;
  for (const Partition& partition : table.partitions) {
    if (is_held_by_glue(partition) && held.insert(partition.values).second) continue;
    out += fmt::format(R"({}{{"values":{},"path":{},"files":{},"bytes":{},"rows":{}}})", out.empty() ? "" : ",",
                       json_array(partition.values), json_string(partition.path), partition.files, partition.bytes,
                       partition.rows);
  }
  return '[' + out + ']';
}

// Runs BODY on what STACK kept of an entry; false where it kept nothing that can be read.
template <class Body>
bool with_own(const GlueTable& entry, Body body) {
  const auto own = entry.parameters.find(kOwnParameter);
  if (own == entry.parameters.end()) return false;
  dom::parser parser;
  dom::object object;
  if (parser.parse(own->second).get(object) != simdjson::SUCCESS) return false;
  body(object);
  return true;
}

void take_kept(Table& table, const GlueTable& entry, dom::object own) {
  table.compression = text_of(own, "compression");
  for (const std::string& name : texts_of(own, "parameters")) {
    const auto found = entry.parameters.find(name);
    if (found != entry.parameters.end()) table.parameters.insert(*found);
  }
  for (const dom::object kept : objects_of(own, "columns")) {
    const auto column = std::ranges::find(table.columns, text_of(kept, "name"), &Column::name);
    if (column == table.columns.end()) continue;  // dropped since
    column->json_keys = texts_of(kept, "json_keys");
    bool in_parquet = false;
    column->in_parquet = kept["in_parquet"].get(in_parquet) == simdjson::SUCCESS && in_parquet;
    auto type = parse_type(text_of(kept, "type"));
    // Its own spelling counts only while the column still is of that type.
    if (type && hive_name(*type) == hive_name(column->type)) column->type = *std::move(type);
  }
  for (const dom::object kept : objects_of(own, "further_partitions"))
    table.partitions.push_back({.values = texts_of(kept, "values"),
                                .path = text_of(kept, "path"),
                                .files = number_of(kept, "files"),
                                .bytes = number_of(kept, "bytes"),
                                .rows = number_of(kept, "rows")});
  table.malformed_lines = number_of(own, "malformed_lines");
  table.unpartitioned_files = number_of(own, "unpartitioned_files");
  table.mixed_formats = number_of(own, "mixed_formats") != 0;
  table.uniform_parquet = number_of(own, "varied_parquet") == 0;
  table.unreadable_files = texts_of(own, "unreadable_files");
}

}  // namespace

bool is_held_by_glue(const Partition& partition) { return std::ranges::none_of(partition.values, &std::string::empty); }

Column plain_column(std::string name, Type type, TableFormat format) {
  Column column{std::move(name), std::move(type), {}, format == TableFormat::parquet};
  if (format == TableFormat::ndjson) column.json_keys.push_back(column.name);
  return column;
}

// What most tables have nothing of is left out.
std::string own_json(const Table& table, std::string_view fingerprint) {
  std::vector<std::string> names;
  for (const auto& [name, value] : table.parameters) names.push_back(name);
  std::string out =
      fmt::format(R"({{"parameters":{},"compression":{})", json_array(names), json_string(table.compression));
  const auto add = [&](std::string_view name, const std::string& json) {
    if (json != "[]" && json != "0") out += fmt::format(R"(,"{}":{})", name, json);
  };
  add("columns", columns_json(table));
  add("further_partitions", further_partitions_json(table));
  add("malformed_lines", std::to_string(table.malformed_lines));
  add("unpartitioned_files", std::to_string(table.unpartitioned_files));
  add("mixed_formats", table.mixed_formats ? "1" : "0");
  add("varied_parquet", table.uniform_parquet ? "0" : "1");
  add("unreadable_files", json_array(table.unreadable_files));
  if (!fingerprint.empty()) out += fmt::format(R"(,"partitions":{})", json_string(fingerprint));
  return out + '}';
}

std::set<std::string, std::less<>> own_parameters(const GlueTable& entry) {
  std::set<std::string, std::less<>> names{std::string(kOwnParameter), "EXTERNAL"};
  with_own(entry, [&](dom::object own) {
    for (std::string& name : texts_of(own, "parameters")) names.insert(std::move(name));
  });
  return names;
}

bool take_own(Table& table, const GlueTable& entry) {
  return with_own(entry, [&](dom::object own) { take_kept(table, entry, own); });
}

bool is_ours(const GlueTable& entry) {
  return with_own(entry, [](dom::object) {});
}

bool is_whole(const GlueTable& entry) { return !fingerprint_of(entry).empty(); }

std::string fingerprint_of(const GlueTable& entry) {
  std::string found;
  with_own(entry, [&](dom::object own) { found = text_of(own, "partitions"); });
  return found;
}

}  // namespace stack::catalog
