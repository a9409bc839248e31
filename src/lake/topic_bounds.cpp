#include "lake/topic_bounds.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "lake/json_text.hpp"
#include "lake/lake_layout.hpp"

namespace stack::lake {
namespace {

using simdjson::dom::element;

template <class Int>
std::optional<Int> parse_whole(std::string_view text) {
  Int value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::string text_of(const OffsetChoice& choice) {
  if (choice.all) return std::to_string(*choice.all);
  std::string text;
  for (const auto& [partition, offset] : choice.by_partition)
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", partition, offset);
  return text;
}

std::string bounds_key(std::string_view table, std::string_view topic) {
  return fmt::format("_stack/bounds/{}/{}", table, topic);
}

std::unexpected<Error> broken(std::string_view name) {
  return fail(ErrorKind::conflict,
              fmt::format("{} holds no bounds; it was not written by this program, or a newer one wrote it", name));
}

// Whether CHOICE takes PARTITION: everything does where nothing was chosen.
bool takes(const std::optional<OffsetChoice>& choice, std::int32_t partition) {
  return !choice || choice->all || choice->by_partition.contains(partition);
}

std::optional<std::int64_t> offset_in(const std::optional<OffsetChoice>& choice, std::int32_t partition) {
  if (!choice) return std::nullopt;
  if (choice->all) return choice->all;
  return choice->by_partition.at(partition);
}

Result<void> check_partitions(const BoundsRequest& request, const kafka::TopicFacts& topic) {
  const auto named = [](const std::optional<OffsetChoice>& choice) { return choice && !choice->all; };
  for (const auto* choice : {&request.from_offset, &request.to_offset}) {
    if (!named(*choice)) continue;
    const std::int32_t last = (*choice)->by_partition.rbegin()->first;
    if (last >= topic.partitions)
      return fail(ErrorKind::usage, fmt::format("{}: topic {} has no partition {}, only {} of them", request.text(),
                                                topic.name, last, topic.partitions));
  }
  if (!named(request.from_offset) || !named(request.to_offset)) return {};
  if (std::ranges::equal(request.from_offset->by_partition, request.to_offset->by_partition, {},
                         &std::pair<const std::int32_t, std::int64_t>::first,
                         &std::pair<const std::int32_t, std::int64_t>::first))
    return {};
  return fail(ErrorKind::usage,
              fmt::format("{}: --from-offset and --to-offset have to name the same partitions", request.text()));
}

Result<void> check_in_log(const BoundsRequest& request, std::string_view topic, std::int32_t partition,
                          const PartitionBounds& bounds, const kafka::OffsetRange& log) {
  if (*bounds.from > bounds.end)
    return fail(ErrorKind::usage, fmt::format("{}: {}/{} would begin at {} and end before it, at {}", request.text(),
                                              topic, partition, *bounds.from, bounds.end));
  if (*bounds.from < log.start)
    return fail(ErrorKind::usage, fmt::format("{}: the log of {}/{} begins at {} now: what came before is not there "
                                              "any more",
                                              request.text(), topic, partition, log.start));
  if (*bounds.from > log.end)
    return fail(ErrorKind::usage, fmt::format("{}: {}/{} ends at {} now: there is no offset {} to begin at yet",
                                              request.text(), topic, partition, log.end, *bounds.from));
  return {};
}

Result<void> check_times(const BoundsRequest& request, Micros now) {
  if (request.from_time && request.to_time && *request.from_time > *request.to_time)
    return fail(ErrorKind::usage, fmt::format("{}: it ends before it begins", request.text()));
  for (const auto& time : {request.from_time, request.to_time}) {
    if (time && *time > now)
      return fail(ErrorKind::usage,
                  fmt::format("{}: {} is yet to come (it is {} now): which records lie before it is not settled",
                              request.text(), format_micros(*time), format_micros(now)));
  }
  return {};
}

Result<std::vector<std::int64_t>> offsets_at(kafka::Admin& admin, const kafka::TopicFacts& topic,
                                             std::optional<Micros> time) {
  if (!time) return std::vector<std::int64_t>{};
  return admin.offsets_at(topic, std::chrono::ceil<Milliseconds>(time->time_since_epoch()));
}

Result<TopicBounds> decide(kafka::Admin& admin, const kafka::TopicFacts& topic, const TopicIdentity& identity,
                           const BoundsRequest& request, Micros now) {
  STACK_TRY(check_times(request, now));
  STACK_TRY_ASSIGN(logs, admin.settled_offsets(topic));
  STACK_TRY_ASSIGN(starts, offsets_at(admin, topic, request.from_time));
  STACK_TRY_ASSIGN(ends, offsets_at(admin, topic, request.to_time));
  STACK_TRY_ASSIGN(now_there, admin.offsets(topic));
  for (std::size_t i = 0; i < ends.size() && i < logs.size(); ++i) {
    if (ends[i] >= 0 || now_there[i].end <= logs[i].end) continue;
    return fail(ErrorKind::conflict,
                fmt::format("{}/{}: a transaction that began at {} is not decided, so which records "
                            "are before --to-time is not known yet; try again in a while",
                            topic.name, i, logs[i].end));
  }
  return bounds_of(request, topic, identity, logs, starts, ends);
}

std::unexpected<Error> begun_without(std::string_view table, std::string_view topic, const BoundsRequest& request) {
  return fail(ErrorKind::conflict,
              fmt::format("the table '{}' was begun with topic {} as a whole, not with {}; use another --table for "
                          "a part of it",
                          table, topic, request.text()));
}

Result<TopicBounds> checked(TopicBounds standing, const TopicIdentity& identity, std::string_view table,
                            std::string_view topic, const BoundsRequest& request) {
  const bool has_ids = !identity.topic_id.empty() && !standing.topic.topic_id.empty();
  const bool same_topic =
      has_ids ? identity.topic_id == standing.topic.topic_id : identity.cluster_id == standing.topic.cluster_id;
  if (!same_topic)
    return fail(ErrorKind::conflict,
                fmt::format("the table '{}' is of an earlier topic {} (id {}), which was made anew since (id {}); use "
                            "another --table",
                            table, topic, standing.topic.topic_id, identity.topic_id));
  if (standing.asked == request.text()) return standing;
  const std::string asked = request.is_empty() ? "the whole topic" : request.text();
  return fail(ErrorKind::conflict,
              fmt::format("the table '{}' was begun with {} of topic {}, now {} is asked for; ask for the same again, "
                          "or use another --table",
                          table, standing.asked, topic, asked));
}

}  // namespace

std::optional<OffsetChoice> parse_offset_choice(std::string_view text) {
  OffsetChoice choice;
  if (const auto all = parse_whole<std::int64_t>(text)) {
    choice.all = all;
    return choice;
  }
  while (true) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    const auto colon = part.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto partition = parse_whole<std::int32_t>(part.substr(0, colon));
    const auto offset = parse_whole<std::int64_t>(part.substr(colon + 1));
    if (!partition || !offset || !choice.by_partition.emplace(*partition, *offset).second) return std::nullopt;
    if (comma == std::string_view::npos) return choice;
    text.remove_prefix(comma + 1);
  }
}

std::string BoundsRequest::text() const {
  std::string text;
  const auto add = [&](std::string_view option, const std::string& value) {
    text += fmt::format("{}{} {}", text.empty() ? "" : " ", option, value);
  };
  if (from_offset) add("--from-offset", text_of(*from_offset));
  if (from_time) add("--from-time", format_micros(*from_time));
  if (to_offset) add("--to-offset", text_of(*to_offset));
  if (to_time) add("--to-time", format_micros(*to_time));
  return text;
}

PartitionBounds TopicBounds::of(std::int32_t partition) const {
  const auto index = static_cast<std::size_t>(partition);
  if (index < partitions.size()) return partitions[index];
  return takes_new_partitions ? PartitionBounds{} : PartitionBounds{.from = 0, .end = 0};
}

bool TopicBounds::has_end() const {
  return !takes_new_partitions && std::ranges::all_of(partitions, [](const PartitionBounds& partition) {
    return partition.end != PartitionBounds::kOpen;
  });
}

std::string to_json(const TopicBounds& bounds) {
  std::string out =
      fmt::format(R"({{"version":1,"cluster_id":{},"topic_id":{},"asked":{},"takes_new_partitions":{},"partitions":[)",
                  json_string(bounds.topic.cluster_id), json_string(bounds.topic.topic_id), json_string(bounds.asked),
                  bounds.takes_new_partitions);
  const char* separator = "";
  for (const PartitionBounds& partition : bounds.partitions) {
    const std::string end = partition.end == PartitionBounds::kOpen ? "null" : std::to_string(partition.end);
    fmt::format_to(std::back_inserter(out), R"({}{{"from":{},"end":{}}})", separator, partition.from.value_or(0), end);
    separator = ",";
  }
  return out + "]}\n";
}

Result<TopicBounds> parse_bounds(std::string_view json, std::string_view name) {
  simdjson::dom::parser parser;
  element root;
  std::int64_t version = 0;
  std::string_view cluster;
  std::string_view id;
  std::string_view asked;
  simdjson::dom::array partitions;
  TopicBounds bounds;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS ||
      root["version"].get(version) != simdjson::SUCCESS || version != 1 ||
      root["cluster_id"].get(cluster) != simdjson::SUCCESS || root["topic_id"].get(id) != simdjson::SUCCESS ||
      root["asked"].get(asked) != simdjson::SUCCESS ||
      root["takes_new_partitions"].get(bounds.takes_new_partitions) != simdjson::SUCCESS ||
      root["partitions"].get(partitions) != simdjson::SUCCESS)
    return broken(name);
  bounds.topic = {std::string(cluster), std::string(id)};
  bounds.asked = asked;
  for (const element member : partitions) {
    std::int64_t from = 0;
    element end;
    PartitionBounds partition;
    if (member["from"].get(from) != simdjson::SUCCESS || from < 0 || member["end"].get(end) != simdjson::SUCCESS)
      return broken(name);
    partition.from = from;
    if (!end.is_null() && (end.get(partition.end) != simdjson::SUCCESS || partition.end < from)) return broken(name);
    bounds.partitions.push_back(partition);
  }
  return bounds;
}

Result<std::optional<TopicBounds>> read_bounds(ObjectStore& store, std::string_view table, std::string_view topic) {
  const std::string key = bounds_key(table, topic);
  STACK_TRY_ASSIGN(json, store.get(key));
  if (!json) return std::nullopt;
  STACK_TRY_ASSIGN(bounds, parse_bounds(*json, key));
  return bounds;
}

Result<TopicBounds> bounds_of(const BoundsRequest& request, const kafka::TopicFacts& topic,
                              const TopicIdentity& identity, const std::vector<kafka::OffsetRange>& logs,
                              const std::vector<std::int64_t>& starts, const std::vector<std::int64_t>& ends) {
  STACK_TRY(check_partitions(request, topic));
  TopicBounds bounds{.topic = identity, .asked = request.text(), .partitions = {}, .takes_new_partitions = false};
  const auto at_time = [](const std::vector<std::int64_t>& offsets, std::size_t i, const kafka::OffsetRange& log) {
    return offsets[i] < 0 ? log.end : offsets[i];
  };
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    PartitionBounds& found = bounds.partitions.emplace_back();
    if (!takes(request.from_offset, partition) || !takes(request.to_offset, partition)) {
      found = {.from = 0, .end = 0};
      continue;
    }
    found.from = offset_in(request.from_offset, partition).value_or(logs[i].start);
    if (request.from_time) found.from = at_time(starts, i, logs[i]);
    found.end = offset_in(request.to_offset, partition).value_or(PartitionBounds::kOpen);
    if (request.to_time) found.end = std::max(at_time(ends, i, logs[i]), *found.from);
    STACK_TRY(check_in_log(request, topic.name, partition, found, logs[i]));
  }
  bounds.takes_new_partitions =
      !request.to_offset && !request.to_time && (!request.from_offset || request.from_offset->all);
  return bounds;
}

Result<std::optional<TopicBounds>> settle_bounds(ObjectStore& store, kafka::Admin& admin,
                                                 const kafka::TopicFacts& topic, const TopicIdentity& identity,
                                                 std::string_view table, const BoundsRequest& request, Micros now) {
  STACK_TRY_ASSIGN(standing, read_bounds(store, table, topic.name));
  if (!standing && request.is_empty()) return std::nullopt;
  if (!standing) {
    STACK_TRY_ASSIGN(claims, store.list(claims_prefix(table) + topic.name + "/"));
    if (!claims.empty()) return begun_without(table, topic.name, request);
    STACK_TRY_ASSIGN(decided, decide(admin, topic, identity, request, now));
    STACK_TRY_ASSIGN(outcome, store.put_if_absent(bounds_key(table, topic.name), to_json(decided)));
    if (outcome == PutOutcome::created) return decided;
    STACK_TRY_ASSIGN(winner, read_bounds(store, table, topic.name));
    if (!winner) return broken(bounds_key(table, topic.name));
    standing = std::move(winner);
  }
  STACK_TRY_ASSIGN(bounds, checked(*std::move(standing), identity, table, topic.name, request));
  return bounds;
}

}  // namespace stack::lake
