#include "catalog/glue_json.hpp"

#include <fmt/format.h>

#include "lake/json_text.hpp"

namespace stack::catalog {
namespace {

using lake::json_array;
using lake::json_string;
namespace dom = simdjson::dom;

std::string columns_json(const std::vector<GlueColumn>& columns) {
  std::string out = "[";
  for (const GlueColumn& column : columns) {
    out += fmt::format(R"({}{{"Name":{},"Type":{})", out.size() > 1 ? "," : "", json_string(column.name),
                       json_string(column.type));
    if (!column.comment.empty()) out += fmt::format(R"(,"Comment":{})", json_string(column.comment));
    out += '}';
  }
  return out + ']';
}

std::string parameters_json(const GlueParameters& parameters) {
  std::string out = "{";
  for (const auto& [key, value] : parameters)
    out += fmt::format("{}{}:{}", out.size() > 1 ? "," : "", json_string(key), json_string(value));
  return out + '}';
}

// Buckets -1: Athena's word for none.
std::string storage_json(const GlueStorage& storage) {
  return fmt::format(
      R"({{"Columns":{},"Location":{},"InputFormat":{},"OutputFormat":{},"Compressed":{},"NumberOfBuckets":-1,)"
      R"("SerdeInfo":{{"SerializationLibrary":{},"Parameters":{}}},"StoredAsSubDirectories":false}})",
      columns_json(storage.columns), json_string(storage.location), json_string(storage.input_format),
      json_string(storage.output_format), storage.compressed, json_string(storage.serde),
      parameters_json(storage.serde_parameters));
}

auto at(dom::object object, std::string_view key) {
  return key.starts_with('/') ? object.at_pointer(key) : object[key];
}

std::vector<GlueColumn> columns_of(dom::object object, std::string_view key) {
  std::vector<GlueColumn> columns;
  for (const dom::object column : objects_of(object, key))
    columns.push_back({text_of(column, "Name"), text_of(column, "Type"), text_of(column, "Comment")});
  return columns;
}

GlueParameters parameters_of(dom::object object, std::string_view key) {
  GlueParameters parameters;
  dom::object all;
  if (at(object, key).get(all) != simdjson::SUCCESS) return parameters;
  for (const auto [name, element] : all) {
    std::string_view value;
    if (element.get(value) == simdjson::SUCCESS) parameters.emplace(name, value);
  }
  return parameters;
}

// Empty for a view, or a link to another catalog's table.
GlueStorage storage_of(dom::object object) {
  bool compressed = false;
  const bool is_said = at(object, "/StorageDescriptor/Compressed").get(compressed) == simdjson::SUCCESS;
  return {.columns = columns_of(object, "/StorageDescriptor/Columns"),
          .location = text_of(object, "/StorageDescriptor/Location"),
          .input_format = text_of(object, "/StorageDescriptor/InputFormat"),
          .output_format = text_of(object, "/StorageDescriptor/OutputFormat"),
          .serde = text_of(object, "/StorageDescriptor/SerdeInfo/SerializationLibrary"),
          .serde_parameters = parameters_of(object, "/StorageDescriptor/SerdeInfo/Parameters"),
          .compressed = is_said && compressed};
}

}  // namespace

std::string table_input(const GlueTable& table) {
  std::string out =
      fmt::format(R"({{"Name":{},"TableType":{},"StorageDescriptor":{},"PartitionKeys":{},"Parameters":{})",
                  json_string(table.name), json_string(table.kind), storage_json(table.storage),
                  columns_json(table.keys), parameters_json(table.parameters));
  if (!table.description.empty()) out += fmt::format(R"(,"Description":{})", json_string(table.description));
  if (!table.owner.empty()) out += fmt::format(R"(,"Owner":{})", json_string(table.owner));
  return out + '}';
}

std::string partition_input(const GluePartition& partition) {
  return fmt::format(R"({{"Values":{},"StorageDescriptor":{},"Parameters":{}}})", json_array(partition.values),
                     storage_json(partition.storage), parameters_json(partition.parameters));
}

Result<dom::object> parse_answer(dom::parser& parser, std::string_view body, std::string_view operation) {
  dom::object object;
  if (parser.parse(body.data(), body.size(), true).get(object) != simdjson::SUCCESS)
    return fail(ErrorKind::storage, fmt::format("AWS Glue's answer to {} is no JSON object: is its endpoint, which "
                                                "AWS_ENDPOINT_URL_GLUE or AWS_ENDPOINT_URL name, one of AWS Glue?",
                                                operation));
  return object;
}

std::string text_of(dom::object object, std::string_view key) {
  std::string_view text;
  return at(object, key).get(text) == simdjson::SUCCESS ? std::string(text) : std::string{};
}

std::uint64_t number_of(dom::object object, std::string_view key) {
  std::uint64_t number = 0;
  return at(object, key).get(number) == simdjson::SUCCESS ? number : 0;
}

double fraction_of(dom::object object, std::string_view key) {
  double number = 0;
  return at(object, key).get(number) == simdjson::SUCCESS ? number : 0;
}

std::vector<std::string> texts_of(dom::object object, std::string_view key) {
  std::vector<std::string> texts;
  dom::array array;
  if (at(object, key).get(array) != simdjson::SUCCESS) return texts;
  for (const dom::element element : array) {
    std::string_view text;
    if (element.get(text) == simdjson::SUCCESS) texts.emplace_back(text);
  }
  return texts;
}

std::vector<dom::object> objects_of(dom::object object, std::string_view key) {
  std::vector<dom::object> objects;
  dom::array array;
  if (at(object, key).get(array) != simdjson::SUCCESS) return objects;
  for (const dom::element element : array) {
    dom::object each;
    if (element.get(each) == simdjson::SUCCESS) objects.push_back(each);
  }
  return objects;
}

GlueTable parse_table(dom::object table) {
  return {.name = text_of(table, "Name"),
          .kind = text_of(table, "TableType"),
          .storage = storage_of(table),
          .keys = columns_of(table, "PartitionKeys"),
          .parameters = parameters_of(table, "Parameters"),
          .version = text_of(table, "VersionId"),
          .description = text_of(table, "Description"),
          .owner = text_of(table, "Owner")};
}

GluePartition parse_partition(dom::object partition) {
  return {.values = texts_of(partition, "Values"),
          .storage = storage_of(partition),
          .parameters = parameters_of(partition, "Parameters")};
}

}  // namespace stack::catalog
