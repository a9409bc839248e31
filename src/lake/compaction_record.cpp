#include "lake/compaction_record.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <iterator>

#include "lake/json_text.hpp"

namespace stack::lake {
namespace {

std::unexpected<Error> broken(std::string_view name) {
  return fail(ErrorKind::conflict, fmt::format("the record {} cannot be read; it was not written by this program, or a "
                                               "newer one wrote it",
                                               name));
}

std::string records_prefix(const Lane& lane, std::string_view dt) {
  return fmt::format("{}{}/{}/{}/", compactions_prefix(lane.table), lane.topic, lane.partition,
                     dt.empty() ? "all" : dt);
}

}  // namespace

std::string to_json(const CompactionRecord& record) {
  std::string out = fmt::format(R"({{"version":1,"dt":{},"format":"{}","compression":"{}","merges":[)",
                                json_string(record.dt), name_of(record.format), name_of(record.compression));
  const char* separator = "";
  for (const Merge& merge : record.merges) {
    fmt::format_to(std::back_inserter(out), R"({}{{"output":{},"first":{},"end":{},"rows":{},"inputs":[)", separator,
                   json_string(merge.output), merge.first, merge.end, merge.rows);
    separator = "";
    for (const std::string& input : merge.inputs) {
      out += separator + json_string(input);
      separator = ",";
    }
    out += "]}";
    separator = ",";
  }
  return out + "]}\n";
}

Result<CompactionRecord> parse_compaction_record(std::string_view json, std::string_view name) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return broken(name);
  const auto text = [](simdjson::dom::element object, const char* key) {
    std::string_view value;
    return object[key].get(value) == simdjson::SUCCESS ? std::optional{std::string(value)} : std::nullopt;
  };
  std::int64_t version = 0;
  simdjson::dom::array merges;
  const auto dt = text(root, "dt");
  const auto format = parse_file_format(text(root, "format").value_or(""));
  const auto compression = parse_compression(text(root, "compression").value_or(""));
  const bool whole = root["version"].get(version) == simdjson::SUCCESS && version == 1 && dt && format && compression &&
                     root["merges"].get(merges) == simdjson::SUCCESS;
  if (!whole) return broken(name);
  CompactionRecord record{.dt = *dt, .format = *format, .compression = *compression, .merges = {}};
  for (const simdjson::dom::element element : merges) {
    Merge merge;
    simdjson::dom::array inputs;
    const auto output = text(element, "output");
    if (!output || element["first"].get(merge.first) != simdjson::SUCCESS ||
        element["end"].get(merge.end) != simdjson::SUCCESS || element["rows"].get(merge.rows) != simdjson::SUCCESS ||
        element["inputs"].get(inputs) != simdjson::SUCCESS)
      return broken(name);
    merge.output = *output;
    for (const simdjson::dom::element input : inputs) {
      std::string_view key;
      if (input.get(key) != simdjson::SUCCESS) return broken(name);
      merge.inputs.emplace_back(key);
    }
    record.merges.push_back(std::move(merge));
  }
  return record;
}

std::string record_key(const Lane& lane, std::string_view dt, std::int64_t number) {
  return records_prefix(lane, dt) + padded_offset(number);
}

Result<std::optional<NumberedRecord>> newest_record(ObjectStore& store, const Lane& lane, std::string_view dt) {
  STACK_TRY_ASSIGN(objects, store.list(records_prefix(lane, dt)));
  if (objects.empty()) return std::nullopt;
  const ObjectInfo& newest = objects.back();
  const auto number = parse_padded_offset(std::string_view(newest.key).substr(newest.key.rfind('/') + 1));
  STACK_TRY_ASSIGN(json, store.get(newest.key));
  if (!number || !json) return broken(newest.key);
  STACK_TRY_ASSIGN(record, parse_compaction_record(*json, newest.key));
  return NumberedRecord{*number, std::move(record), newest.modified};
}

}  // namespace stack::lake
