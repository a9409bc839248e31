#include "catalog/table_json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "lake/json_text.hpp"

namespace stack::catalog {
namespace {

using lake::json_array;
using lake::json_string;
namespace dom = simdjson::dom;

std::string column_json(const Column& column) {
  return fmt::format(R"({{"name":{},"type":{},"json_keys":{},"in_parquet":{}}})", json_string(column.name),
                     json_string(spelled_name(column.type)), json_array(column.json_keys), column.in_parquet);
}

std::string partition_json(const Partition& partition) {
  return fmt::format(R"({{"values":{},"path":{},"files":{},"bytes":{},"rows":{}}})", json_array(partition.values),
                     json_string(partition.path), partition.files, partition.bytes, partition.rows);
}

// "[\n    a,\n    b\n  ]": one element a line, so that people can read and compare entries.
template <class Elements, class Write>
std::string json_lines(const Elements& elements, Write write) {
  std::string out = "[";
  for (const auto& element : elements) {
    out += out.size() > 1 ? ",\n    " : "\n    ";
    out += write(element);
  }
  return out + (out.size() > 1 ? "\n  ]" : "]");
}

// Reads members of an object; the first that is missing or of another type is remembered.
class Reader {
 public:
  explicit Reader(dom::object object) : object_(object) {}

  void read(std::string_view key, std::string& value) {
    std::string_view text;
    if (note(object_[key].get(text), key)) value = text;
  }
  void read(std::string_view key, std::uint64_t& value) { note(object_[key].get(value), key); }
  void read(std::string_view key, bool& value) { note(object_[key].get(value), key); }
  void read(std::string_view key, std::vector<std::string>& values) {
    dom::array array;
    if (!note(object_[key].get(array), key)) return;
    for (const dom::element element : array) {
      std::string_view text;
      if (note(element.get(text), key)) values.emplace_back(text);
    }
  }
  void read(std::string_view key, Type& type) {
    std::string text;
    read(key, text);
    if (!failed_.empty()) return;
    if (auto parsed = parse_type(text))
      type = *std::move(parsed);
    else
      failed_ = key;
  }
  // As read(), but nothing where entries of earlier versions have none.
  void read_if_there(std::string_view key, std::vector<std::string>& values) {
    if (object_[key].error() == simdjson::SUCCESS) read(key, values);
  }
  template <class Body>
  void each(std::string_view key, Body body) {
    dom::array array;
    if (!note(object_[key].get(array), key)) return;
    for (const dom::element element : array) {
      dom::object object;
      if (!note(element.get(object), key)) return;
      Reader reader(object);
      body(reader);
      if (failed_.empty()) failed_ = reader.failed_;
    }
  }
  template <class Body>
  void each_text(std::string_view key, Body body) {
    dom::object object;
    if (!note(object_[key].get(object), key)) return;
    for (const auto [name, element] : object) {
      std::string_view text;
      if (note(element.get(text), key)) body(name, text);
    }
  }
  [[nodiscard]] const std::string& failed() const { return failed_; }

 private:
  bool note(simdjson::error_code error, std::string_view key) {
    if (error != simdjson::SUCCESS && failed_.empty()) failed_ = key;
    return error == simdjson::SUCCESS;
  }

  dom::object object_;
  std::string failed_;
};

}  // namespace

std::string to_json(const Table& table) {
  std::string parameters;
  for (const auto& [key, value] : table.parameters) {
    if (!parameters.empty()) parameters += ',';
    parameters += json_string(key) + ':' + json_string(value);
  }
  return fmt::format(R"({{
  "database":{},
  "name":{},
  "folder":{},
  "location":{},
  "format":"{}",
  "compression":{},
  "columns":{},
  "partition_keys":{},
  "partitions":{},
  "files":{},
  "bytes":{},
  "rows":{},
  "malformed_lines":{},
  "mixed_formats":{},
  "uniform_parquet":{},
  "unpartitioned_files":{},
  "unreadable_files":{},
  "parameters":{{{}}}
}}
)",
                     json_string(table.database), json_string(table.name), json_string(table.folder),
                     json_string(table.location), table.format == TableFormat::parquet ? "parquet" : "ndjson",
                     json_string(table.compression), json_lines(table.columns, column_json),
                     json_array(table.partition_keys), json_lines(table.partitions, partition_json), table.files,
                     table.bytes, table.rows, table.malformed_lines, table.mixed_formats, table.uniform_parquet,
                     table.unpartitioned_files, json_array(table.unreadable_files), parameters);
}

Result<Table> table_from_json(std::string_view json) {
  dom::parser parser;
  dom::object object;
  if (parser.parse(json.data(), json.size(), true).get(object) != simdjson::SUCCESS)
    return fail(ErrorKind::storage, "not a JSON object");
  Table table;
  std::string format;
  Reader reader(object);
  reader.read("database", table.database);
  reader.read("name", table.name);
  reader.read("folder", table.folder);
  reader.read("location", table.location);
  reader.read("format", format);
  reader.read("compression", table.compression);
  reader.each("columns", [&](Reader& column) {
    Column& added = table.columns.emplace_back();
    column.read("name", added.name);
    column.read("type", added.type);
    column.read("json_keys", added.json_keys);
    column.read("in_parquet", added.in_parquet);
  });
  reader.read("partition_keys", table.partition_keys);
  reader.each("partitions", [&](Reader& partition) {
    Partition& added = table.partitions.emplace_back();
    partition.read("values", added.values);
    partition.read("path", added.path);
    partition.read("files", added.files);
    partition.read("bytes", added.bytes);
    partition.read("rows", added.rows);
  });
  reader.read("files", table.files);
  reader.read("bytes", table.bytes);
  reader.read("rows", table.rows);
  reader.read("malformed_lines", table.malformed_lines);
  reader.read("mixed_formats", table.mixed_formats);
  reader.read("uniform_parquet", table.uniform_parquet);
  reader.read("unpartitioned_files", table.unpartitioned_files);
  reader.read_if_there("unreadable_files", table.unreadable_files);
  reader.each_text("parameters",
                   [&](std::string_view key, std::string_view value) { table.parameters.emplace(key, value); });
  if (!reader.failed().empty())
    return fail(ErrorKind::storage, fmt::format("'{}' is missing or of another type", reader.failed()));
  table.format = format == "parquet" ? TableFormat::parquet : TableFormat::ndjson;
  return table;
}

}  // namespace stack::catalog
