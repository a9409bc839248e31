// stack dlq: what could not be rows: listed, shown, and sent to a topic again.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "app/broker_lease.hpp"
#include "app/command.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/names.hpp"
#include "app/progress.hpp"
#include "core/time.hpp"
#include "lake/dead_letter_reader.hpp"
#include "lake/dead_letter_replay.hpp"

namespace stack::app {
namespace {

using lake::StoredDeadLetter;

std::string time_text(std::int64_t timestamp_ms) {
  if (timestamp_ms < 0) return "no time";
  return format_micros(Micros{std::chrono::milliseconds{timestamp_ms}});
}

// As JSON text where it is UTF-8; else with \x.. for what is no printable ASCII.
std::string shown(const std::optional<std::string>& bytes) {
  if (!bytes) return "null";
  if (simdjson::validate_utf8(bytes->data(), bytes->size())) return lake::json_string(*bytes);
  std::string text = "\"";
  for (const char c : *bytes) {
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\')
      text += c;
    else
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return text + '"';
}

struct Partition {
  std::string table;
  std::string topic;
  std::int32_t number = 0;
  friend auto operator<=>(const Partition&, const Partition&) = default;
};

struct Found {
  std::set<std::string> files;
  std::uint64_t letters = 0;
  std::map<std::string, std::uint64_t> reasons;
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;

  void add(const std::string& file, const StoredDeadLetter& letter) {
    files.insert(file);
    ++reasons[letter.reason];
    const bool first = letters++ == 0;
    first_offset = first ? letter.offset : std::min(first_offset, letter.offset);
    last_offset = first ? letter.offset : std::max(last_offset, letter.offset);
    first_ms = first ? letter.timestamp_ms : std::min(first_ms, letter.timestamp_ms);
    last_ms = first ? letter.timestamp_ms : std::max(last_ms, letter.timestamp_ms);
  }
};

std::string as_json(const std::map<Partition, Found>& found) {
  std::string partitions;
  std::uint64_t letters = 0;
  for (const auto& [partition, content] : found) {
    JsonObject reasons;
    for (const auto& [reason, count] : content.reasons) reasons.number(reason, count);
    letters += content.letters;
    partitions += (partitions.empty() ? "" : ",") + JsonObject{}
                                                        .text("table", partition.table)
                                                        .text("topic", partition.topic)
                                                        .number("partition", partition.number)
                                                        .number("files", content.files.size())
                                                        .number("dead_letters", content.letters)
                                                        .raw("reasons", reasons.str())
                                                        .number("first_offset", content.first_offset)
                                                        .number("last_offset", content.last_offset)
                                                        .text("first_time", time_text(content.first_ms))
                                                        .text("last_time", time_text(content.last_ms))
                                                        .str();
  }
  return JsonObject{}.raw("partitions", "[" + partitions + "]").number("dead_letters", letters).str();
}

void print_list(const std::map<Partition, Found>& found) {
  if (found.empty()) fmt::print("no dead letters\n");
  for (const auto& [partition, content] : found) {
    fmt::print("{}  {}/{}: {} in {} files, offsets {} to {}, {} to {}\n", partition.table, partition.topic,
               partition.number, with_commas(content.letters), with_commas(content.files.size()), content.first_offset,
               content.last_offset, time_text(content.first_ms), time_text(content.last_ms));
    for (const auto& [reason, count] : content.reasons) fmt::print("{:>12}  {}\n", with_commas(count), reason);
  }
}

Result<std::vector<std::int32_t>> partitions_asked_for(const Settings& settings) {
  std::vector<std::int32_t> partitions;
  for (const std::string& text : settings.list("partition")) {
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 0)
      return std::unexpected(settings.wrong("partition", "a partition's number, or several with commas between"));
    partitions.push_back(number);
  }
  return partitions;
}

Result<lake::DeadLetterFilter> filter_of(const Settings& settings) {
  lake::DeadLetterFilter filter;
  if (settings.given("topic")) {
    STACK_TRY(check_topic(settings));
    filter.topic = settings.text("topic");
  }
  STACK_TRY_ASSIGN(partitions, partitions_asked_for(settings));
  filter.partitions = std::move(partitions);
  filter.reason = settings.text("reason");
  return filter;
}

Result<std::vector<std::string>> tables_asked_for(const Settings& settings, lake::ObjectStore& store) {
  if (!settings.given("table")) return lake::tables_with_dead_letters(store);
  STACK_TRY(check_table(settings));
  return std::vector{settings.text("table")};
}

Result<int> list(Context& context, lake::ObjectStore& store) {
  STACK_TRY_ASSIGN(filter, filter_of(context.settings));
  STACK_TRY_ASSIGN(tables, tables_asked_for(context.settings, store));
  std::map<Partition, Found> found;
  for (const std::string& table : tables) {
    STACK_TRY(lake::for_each_dead_letter(store, table, filter,
                                         [&](const std::string& file, const StoredDeadLetter& letter) -> Result<bool> {
                                           found[{table, letter.topic, letter.partition}].add(file, letter);
                                           return !context.stop.requested();
                                         }));
  }
  if (context.settings.flag("json"))
    fmt::print("{}\n", as_json(found));
  else
    print_list(found);
  return context.stop.requested() ? static_cast<int>(ErrorKind::interrupted) : 0;
}

void print_letter(const std::string& table, const StoredDeadLetter& letter, bool json) {
  if (!json) {
    fmt::print("{}  {}/{}@{}  {}  {}\n    key {}\n    value {}\n", table, letter.topic, letter.partition, letter.offset,
               time_text(letter.timestamp_ms), letter.reason, shown(letter.key), shown(letter.value));
    return;
  }
  const auto view = [](const std::optional<std::string>& bytes) {
    return bytes ? std::string_view(*bytes) : std::string_view{};
  };
  std::string line;
  lake::append_dead_letter(line, {table, letter.topic, letter.partition},
                           {letter.offset, letter.timestamp_ms, view(letter.key), view(letter.value), letter.reason});
  fmt::print("{}", line);
}

Result<int> show(Context& context, lake::ObjectStore& store) {
  STACK_TRY_ASSIGN(filter, filter_of(context.settings));
  STACK_TRY_ASSIGN(limit, context.settings.whole("limit", 1, UINT64_MAX));
  STACK_TRY_ASSIGN(tables, tables_asked_for(context.settings, store));
  std::uint64_t left = limit.value_or(UINT64_MAX);
  for (const std::string& table : tables) {
    STACK_TRY(lake::for_each_dead_letter(store, table, filter,
                                         [&](const std::string&, const StoredDeadLetter& letter) -> Result<bool> {
                                           if (left == 0 || context.stop.requested()) return false;
                                           --left;
                                           print_letter(table, letter, context.settings.flag("json"));
                                           return true;
                                         }));
  }
  return context.stop.requested() ? static_cast<int>(ErrorKind::interrupted) : 0;
}

Result<int> replay(Context& context, lake::ObjectStore& store, Progress& progress) {
  const Settings& settings = context.settings;
  STACK_TRY(check_table(settings));
  if (!settings.given("to-topic"))
    return fail(ErrorKind::usage, "stack dlq replay: name the topic to send to with --to-topic (the original one too)");
  STACK_TRY_ASSIGN(filter, filter_of(settings));
  STACK_TRY_ASSIGN(limit, settings.whole("limit", 1, UINT64_MAX));
  const lake::ReplayOptions options{.table = settings.text("table"),
                                    .filter = std::move(filter),
                                    .to_topic = settings.text("to-topic"),
                                    .limit = limit.value_or(0),
                                    .again = settings.flag("again"),
                                    .dry_run = settings.flag("dry-run")};
  STACK_TRY_ASSIGN(lease, BrokerLease::take(context, progress, IfDown::refuse));
  STACK_TRY_ASSIGN(summary, lake::replay_dead_letters(options, lease.connection(), store, context.stop));
  progress.say(fmt::format("{} of {} dead letters {} to topic {}{}", with_commas(summary.sent),
                           with_commas(summary.matched), options.dry_run ? "would be sent" : "were sent",
                           options.to_topic,
                           summary.already > 0 ? fmt::format(", {} were before", with_commas(summary.already)) : ""));
  if (settings.flag("json"))
    fmt::print("{}\n", JsonObject{}
                           .text("table", options.table)
                           .text("to_topic", options.to_topic)
                           .number("dead_letters", summary.matched)
                           .number("sent", summary.sent)
                           .number("already_sent", summary.already)
                           .number("dry_run", options.dry_run)
                           .str());
  return 0;
}

}  // namespace

Result<int> dlq_command(Context& context) {
  Progress progress{context.settings};
  const std::string& what = context.arguments.front();
  if (what != "list" && what != "show" && what != "replay")
    return fail(ErrorKind::usage, fmt::format("stack dlq {}: it is list, show or replay", what));
  STACK_TRY_ASSIGN(uri, existing_lake_uri(context.settings));
  const StopFlag* const only_read = what == "replay" ? nullptr : &context.stop;
  STACK_TRY_ASSIGN(store, open_lake(context.settings, uri, LakeUse::read, context.clock, only_read));
  if (what == "list") return list(context, *store);
  if (what == "show") return show(context, *store);
  return replay(context, *store, progress);
}

}  // namespace stack::app
