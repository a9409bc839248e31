// The part of a topic that a table is to hold, when that is not the whole: from an offset or a time on, up to an offset
// or a time. It is decided once for a topic and table and written down at _stack/bounds/<table>/<topic> before the
// first claim, so that a run that goes on, or a second sink, has the same bounds: what --from-time means depends on
// when it is asked. A chain within bounds begins with a claim whose log start is the lower bound, and ends at the
// upper. Thread-safety: values and free functions. Failure: ErrorKind::conflict for a table that has other bounds, or
// that was begun without any; ErrorKind::usage for offsets that the topic does not have; else the store's and the
// broker's.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/admin.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

struct TopicIdentity {
  std::string cluster_id;
  std::string topic_id;
  friend bool operator==(const TopicIdentity&, const TopicIdentity&) = default;
};

// "N": of every partition. "p:N,p:N": of these partitions; those that are not named are left out.
struct OffsetChoice {
  std::optional<std::int64_t> all;
  std::map<std::int32_t, std::int64_t> by_partition;
};
// Nothing for a text that is not of one of these forms.
[[nodiscard]] std::optional<OffsetChoice> parse_offset_choice(std::string_view text);

struct BoundsRequest {
  std::optional<OffsetChoice> from_offset;
  std::optional<OffsetChoice> to_offset;  // exclusive
  std::optional<Micros> from_time;        // the first record whose Kafka timestamp is not before it
  std::optional<Micros> to_time;          // up to the first such record

  [[nodiscard]] bool is_empty() const { return !from_offset && !to_offset && !from_time && !to_time; }
  // As options, in one spelling: "--from-offset 5 --to-time 2021-05-28 00:00:00.000000".
  [[nodiscard]] std::string text() const;
};

struct PartitionBounds {
  static constexpr std::int64_t kOpen = std::numeric_limits<std::int64_t>::max();

  std::optional<std::int64_t> from;  // none: wherever the log begins
  std::int64_t end = kOpen;          // exclusive

  [[nodiscard]] bool is_nothing() const { return from.value_or(0) >= end; }
  friend bool operator==(const PartitionBounds&, const PartitionBounds&) = default;
};

struct TopicBounds {
  TopicIdentity topic;
  std::string asked;  // BoundsRequest::text()
  std::vector<PartitionBounds> partitions;
  bool takes_new_partitions = false;  // those that the topic is given later

  [[nodiscard]] PartitionBounds of(std::int32_t partition) const;
  // Whether there is an end to come to.
  [[nodiscard]] bool has_end() const;
  friend bool operator==(const TopicBounds&, const TopicBounds&) = default;
};

[[nodiscard]] std::string to_json(const TopicBounds& bounds);
// NAME is how errors call the object.
[[nodiscard]] Result<TopicBounds> parse_bounds(std::string_view json, std::string_view name);

[[nodiscard]] Result<std::optional<TopicBounds>> read_bounds(ObjectStore& store, std::string_view table,
                                                             std::string_view topic);

// Bounds of REQUEST for a topic whose partitions' logs are LOGS. STARTS and ENDS: of a request by time, the offset in
// each partition of the first record that is not before it, -1 where there is none.
[[nodiscard]] Result<TopicBounds> bounds_of(const BoundsRequest& request, const kafka::TopicFacts& topic,
                                            const TopicIdentity& identity, const std::vector<kafka::OffsetRange>& logs,
                                            const std::vector<std::int64_t>& starts,
                                            const std::vector<std::int64_t>& ends);

// The bounds of TABLE for this topic: those that were decided before, or those of REQUEST, decided now. None for a
// table without. NOW: times ahead of it are refused, since what they mean is not settled yet.
[[nodiscard]] Result<std::optional<TopicBounds>> settle_bounds(ObjectStore& store, kafka::Admin& admin,
                                                               const kafka::TopicFacts& topic,
                                                               const TopicIdentity& identity, std::string_view table,
                                                               const BoundsRequest& request, Micros now);

}  // namespace stack::lake
