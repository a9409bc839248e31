#include "kafka/resume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"

namespace stack::kafka {
namespace {

constexpr std::int64_t kFirstStepBack = 16;

struct LastRecord {
  std::int64_t offset = -1;
  std::string feed;
  std::string position;
  std::string layout;
};

// The last committed record of a partition within [from, end), if there is one.
Result<std::optional<LastRecord>> last_record_from(const Connection& connection, const std::string& topic,
                                                   std::int32_t partition, std::int64_t from, std::int64_t end,
                                                   const StopFlag* stop) {
  const PartitionOffset start{partition, from};
  STACK_TRY_ASSIGN(reader, Consumer::assign(connection, topic, {&start, 1}, {.queue_bytes = 4U << 20, .batch = 1024}));
  std::optional<LastRecord> last;
  const auto deadline = std::chrono::steady_clock::now() + connection.connect_timeout + std::chrono::seconds{40};
  for (;;) {
    STACK_TRY_ASSIGN(batch, reader->poll(Milliseconds{20}));
    for (std::size_t i = batch.size(); i-- > 0;) {
      const auto message = batch[i];
      if (message.offset() >= end) continue;
      const auto text = [&](const char* name) { return std::string{message.header(name).value_or("")}; };
      last = LastRecord{message.offset(), text(kFeedHeader), text(kPositionHeader), text(kLayoutHeader)};
      break;
    }
    const bool at_end =
        std::ranges::any_of(batch.ends(), [&](const PartitionOffset& each) { return each.offset >= end; });
    if (at_end || (last && last->offset == end - 1)) return last;
    if (stop != nullptr && stop->requested())
      return fail(ErrorKind::interrupted, fmt::format("stopped while reading {}/{}", topic, partition));
    if (std::chrono::steady_clock::now() >= deadline)
      return fail(ErrorKind::unreachable,
                  fmt::format("{}/{}@{}: the end of the partition cannot be read in time; check "
                              "the broker",
                              topic, partition, from));
  }
}

// Behind the last record stand its transaction's marker, and whatever was aborted later: steps back grow.
Result<std::optional<LastRecord>> last_record(const Connection& connection, const std::string& topic,
                                              std::int32_t partition, const OffsetRange& range, const StopFlag* stop) {
  for (std::int64_t step = kFirstStepBack;; step *= 16) {
    const std::int64_t from = std::max(range.start, range.end - step);
    STACK_TRY_ASSIGN(found, last_record_from(connection, topic, partition, from, range.end, stop));
    if (found || from == range.start) return found;
  }
}

}  // namespace

Result<std::uint64_t> next_position(const Connection& connection, Admin& admin, const TopicFacts& topic,
                                    const std::string& feed_id, const StopFlag* stop) {
  STACK_TRY_ASSIGN(ranges, admin.offsets(topic));
  const std::string layout = fmt::format("murmur2/{}", topic.partitions);
  std::uint64_t next = 0;
  for (std::int32_t partition = 0; partition < topic.partitions; ++partition) {
    const auto& range = ranges[static_cast<std::size_t>(partition)];
    if (range.end == 0) continue;
    if (range.start == range.end)
      return fail(ErrorKind::conflict,
                  fmt::format("{}/{}: its records up to offset {} were deleted, so the feed cannot "
                              "be continued; choose another --topic",
                              topic.name, partition, range.end));
    STACK_TRY_ASSIGN(last, last_record(connection, topic.name, partition, range, stop));
    if (!last) continue;  // nothing but aborted transactions
    if (last->feed != feed_id)
      return fail(
          ErrorKind::conflict,
          fmt::format("topic {} already holds {}, not feed {}; choose another --topic, or the options that made it",
                      topic.name, last->feed.empty() ? "records of no feed" : "feed " + last->feed, feed_id));
    if (last->layout != layout)
      return fail(ErrorKind::conflict, fmt::format("topic {} was filled by {} and is now {}: the order by symbol would "
                                                   "break; choose another --topic",
                                                   topic.name, last->layout, layout));
    std::uint64_t position = 0;
    const char* end = last->position.data() + last->position.size();
    if (const auto parsed = std::from_chars(last->position.data(), end, position);
        parsed.ec != std::errc{} || parsed.ptr != end)
      return fail(ErrorKind::conflict,
                  fmt::format("{}/{}@{}: no position of the feed in its headers; choose another --topic", topic.name,
                              partition, last->offset));
    next = std::max(next, position + 1);
  }
  return next;
}

}  // namespace stack::kafka
