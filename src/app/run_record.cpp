#include "app/run_record.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "app/json_object.hpp"

namespace stack::app {
namespace {

constexpr std::string_view kRuns = "_stack/runs/";

bool read_text(const simdjson::dom::element& object, const char* name, std::string& value) {
  std::string_view text;
  if (object[name].get(text) != simdjson::SUCCESS) return false;
  value = text;
  return true;
}

}  // namespace

Result<void> record_run(const RunRecord& record, lake::ObjectStore& store) {
  const auto text = JsonObject{}
                        .text("feed", record.feed)
                        .text("topic", record.topic)
                        .text("topic_id", record.topic_id)
                        .number("made_topic", record.made_topic)
                        .str();
  STACK_TRY(store.put_if_absent(fmt::format("{}{}.json", kRuns, record.topic), text));
  return {};
}

Result<std::vector<RunRecord>> recorded_runs(lake::ObjectStore& store) {
  STACK_TRY_ASSIGN(objects, store.list(kRuns));
  std::vector<RunRecord> records;
  for (const auto& object : objects) {
    STACK_TRY_ASSIGN(text, store.get(object.key));
    if (!text) continue;  // removed since it was listed
    RunRecord& record = records.emplace_back();
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (parser.parse(*text).get(root) != simdjson::SUCCESS || !read_text(root, "feed", record.feed) ||
        !read_text(root, "topic", record.topic) || !read_text(root, "topic_id", record.topic_id) ||
        root["made_topic"].get(record.made_topic) != simdjson::SUCCESS)
      return fail(ErrorKind::storage,
                  fmt::format("{}/{} is no record of a run; remove it, and the topic of its name by "
                              "hand",
                              store.uri(), object.key));
  }
  return records;
}

}  // namespace stack::app
