// Tables and partitions in the shapes of AWS Glue's API, as far as STACK writes and reads them.
// (https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html, API_PartitionInput, API_StorageDescriptor)
// Thread-safety: values and free functions. Failure: ErrorKind::storage for an answer that is not of these shapes.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace stack::catalog {

using GlueParameters = std::map<std::string, std::string, std::less<>>;

struct GlueColumn {
  std::string name;
  std::string type;
  std::string comment;  // people's: kept, and no part of what is compared
  friend bool operator==(const GlueColumn& a, const GlueColumn& b) { return a.name == b.name && a.type == b.type; }
};

struct GlueStorage {
  std::vector<GlueColumn> columns;
  std::string location;
  std::string input_format;
  std::string output_format;
  std::string serde;
  GlueParameters serde_parameters;
  bool compressed = false;
  friend bool operator==(const GlueStorage&, const GlueStorage&) = default;
};

struct GluePartition {
  std::vector<std::string> values;
  GlueStorage storage;
  GlueParameters parameters;
  friend bool operator==(const GluePartition&, const GluePartition&) = default;
};

struct GlueTable {
  std::string name;
  std::string kind;  // EXTERNAL_TABLE, VIRTUAL_VIEW, …
  GlueStorage storage;
  std::vector<GlueColumn> keys;
  GlueParameters parameters;
  std::string version;      // of Glue's answer, for UpdateTable
  std::string description;  // people's, as is the owner
  std::string owner;
};

// The JSON of a TableInput and of a PartitionInput.
[[nodiscard]] std::string table_input(const GlueTable& table);
[[nodiscard]] std::string partition_input(const GluePartition& partition);

// An answer as an object, which PARSER keeps. OPERATION: of the message where it is none.
[[nodiscard]] Result<simdjson::dom::object> parse_answer(simdjson::dom::parser& parser, std::string_view body,
                                                         std::string_view operation);
// Members that are not there, or null, are empty. KEY: a member's, or, with a '/' before each, those that lead to it:
// "/Schedule/ScheduleExpression".
[[nodiscard]] std::string text_of(simdjson::dom::object object, std::string_view key);
[[nodiscard]] std::uint64_t number_of(simdjson::dom::object object, std::string_view key);
[[nodiscard]] double fraction_of(simdjson::dom::object object, std::string_view key);
[[nodiscard]] std::vector<std::string> texts_of(simdjson::dom::object object, std::string_view key);
// The objects of an array.
[[nodiscard]] std::vector<simdjson::dom::object> objects_of(simdjson::dom::object object, std::string_view key);

[[nodiscard]] GlueTable parse_table(simdjson::dom::object table);
[[nodiscard]] GluePartition parse_partition(simdjson::dom::object partition);

}  // namespace stack::catalog
