#include "lake/resume_point.hpp"

#include <fmt/format.h>

namespace stack::lake {
namespace {

std::unexpected<Error> records_are_gone(const Lane& lane, std::int64_t from, std::int64_t log_start) {
  return fail(ErrorKind::conflict,
              fmt::format("{}/{}: the log now starts at {}, the lake still needs offsets {} to {}: they were deleted "
                          "before they were taken; raise the topic's retention, and sink into a new --table or --lake",
                          lane.topic, lane.partition, log_start, from, log_start));
}

Result<void> check_same_topic(const Lane& lane, const TopicIdentity& identity, const Claim& claim) {
  // A broker too old to give ids tells only its cluster.
  const bool has_ids = !identity.topic_id.empty() && !claim.topic_id.empty();
  const bool same = has_ids ? identity.topic_id == claim.topic_id : identity.cluster_id == claim.cluster_id;
  if (same) return {};
  return fail(
      ErrorKind::conflict,
      fmt::format("{}/{}: the topic was made anew: the lake holds offsets up to {} of topic id {} (cluster {}), "
                  "this one has id {} (cluster {}); use a new --table or --lake, or the old topic",
                  lane.topic, lane.partition, claim.end, claim.topic_id, claim.cluster_id, identity.topic_id,
                  identity.cluster_id));
}

// Of two sinks that find an empty table at the same moment, one within bounds and one without, either may begin it.
Result<void> check_begun_at(ObjectStore& store, const Lane& lane, std::int64_t from) {
  STACK_TRY_ASSIGN(first, read_claim(store, lane, 0));
  if (!first || first->log_start == from) return {};
  return fail(ErrorKind::conflict,
              fmt::format("{}/{}: the table '{}' was to begin at offset {}, but begins at {}: a sink without these "
                          "bounds has begun it; use another --table",
                          lane.topic, lane.partition, lane.table, from, first->first_record_offset()));
}

}  // namespace

Result<ResumePoint> find_resume_point(ObjectStore& store, const Lane& lane, const TopicIdentity& identity,
                                      std::int64_t log_start, const PartitionBounds& bounds) {
  STACK_TRY_ASSIGN(last, last_claim(store, lane));
  if (!last) {
    const std::int64_t begin = bounds.from.value_or(log_start);
    if (log_start > begin) return records_are_gone(lane, begin, log_start);
    return ResumePoint{.first = 0, .position = begin, .adopted = std::nullopt, .feed = {}};
  }
  if (bounds.from) STACK_TRY(check_begun_at(store, lane, *bounds.from));
  STACK_TRY(check_same_topic(lane, identity, *last));
  // What is written next rests on this claim and its files; whoever wrote them may have died before they were durable.
  STACK_TRY(store.secure(claim_key(lane, last->first)));
  STACK_TRY_ASSIGN(complete, is_complete(store, lane, *last));
  ResumePoint point{.first = last->end, .position = last->end, .adopted = std::nullopt, .feed = last->feed};
  if (!complete) {
    point.first = last->first;
    point.position = last->first_record_offset();
    point.adopted = *std::move(last);
  }
  if (log_start > point.position && point.position < bounds.end)
    return records_are_gone(lane, point.position, log_start);
  return point;
}

Result<void> check_log_holds(const Lane& lane, std::int64_t landed, std::int64_t taken, const kafka::OffsetRange& log) {
  if (taken < log.start) return records_are_gone(lane, taken, log.start);
  if (taken <= log.end) return {};
  if (landed <= log.end) {
    return fail(ErrorKind::conflict,
                fmt::format("{}/{}: the log was cut back to {} while it was read up to {}; none of what it lost is in "
                            "the lake: start the sink again",
                            lane.topic, lane.partition, log.end, taken));
  }
  return fail(ErrorKind::conflict,
              fmt::format("{}/{}: the log ends at {}, the lake holds offsets up to {}: the topic lost {} to {} (by a "
                          "power cut, an unclean election, or a restored older copy), and what is written there now "
                          "would be taken for them; bring the topic's records back, or sink into a new --table or "
                          "--lake",
                          lane.topic, lane.partition, log.end, landed, log.end, landed));
}

Result<std::string> feed_of_table(ObjectStore& store, std::string_view table) {
  STACK_TRY_ASSIGN(objects, store.list(claims_prefix(table)));
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const std::string& key = objects[i].key;
    const auto lane_of = [](std::string_view k) { return k.substr(0, k.rfind('/')); };
    const bool newest_of_lane = i + 1 == objects.size() || lane_of(objects[i + 1].key) != lane_of(key);
    if (!newest_of_lane) continue;
    STACK_TRY_ASSIGN(json, store.get(key));
    if (!json) continue;
    STACK_TRY_ASSIGN(claim, parse_claim(*json, key));
    if (!claim.feed.empty()) return claim.feed;
  }
  return std::string{};
}

Result<std::optional<FileFormat>> format_of_table(ObjectStore& store, std::string_view table) {
  STACK_TRY_ASSIGN(objects, store.list(claims_prefix(table)));
  if (objects.empty()) return std::nullopt;
  const std::string& newest = objects.back().key;  // of the last lane
  STACK_TRY_ASSIGN(json, store.get(newest));
  if (!json) return std::nullopt;
  STACK_TRY_ASSIGN(claim, parse_claim(*json, newest));
  return claim.format;
}

std::unexpected<Error> other_feed(std::string_view table, std::string_view held, std::string_view found) {
  return fail(
      ErrorKind::conflict,
      fmt::format("the table '{}' holds the feed {}, the topic's records are of feed {}; use another --table or "
                  "--lake for it",
                  table, held, found));
}

}  // namespace stack::lake
