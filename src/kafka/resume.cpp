#include "kafka/resume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <span>

#include "kafka/consumer.hpp"
#include "kafka/feed_headers.hpp"
#include "kafka/producer.hpp"

namespace stack::kafka {
namespace {

using std::chrono::steady_clock;

// Behind the last record stand its transaction's marker, what was aborted later, and what other shards have sent.
constexpr std::int64_t kFirstStepBack = 16;
constexpr std::int64_t kStepGrowth = 16;
constexpr std::int64_t kLongestStepBack = 1 << 20;
constexpr std::chrono::seconds kLongestSilence{60};  // of a reader that is not at its end
// An open transaction ends when its producer goes on, or when the coordinator finds, in rounds of ten seconds, that its
// time is over.
constexpr std::chrono::seconds kLongestOpen = kTransactionTimeout + std::chrono::seconds{20};
constexpr std::chrono::seconds kLook{5};

// A record that carries a position.
struct Mark {
  std::int64_t offset = -1;
  std::string position;
  std::string layout;
  std::string shard;
};

// The end of a partition, as far back as it has been read.
struct Tail {
  std::int32_t partition = 0;
  OffsetRange range;
  bool is_own = false;            // the shard's symbols go here
  std::int64_t read_to = 0;       // everything from here on has been read
  std::int64_t last = -1;         // offset of the last record
  std::string feed{};             // of the last record
  std::optional<Mark> mark{};     // the last one
  std::optional<Mark> own{};      // the last one of the shard
  std::int64_t window_begin = 0;  // of the step under way
  bool window_read = false;

  [[nodiscard]] bool is_done() const { return read_to == range.start || (last >= 0 && mark && (own || !is_own)); }
};

std::string header(const Message& message, const char* name) { return std::string{message.header(name).value_or("")}; }

class TailReader {
 public:
  TailReader(const Connection& connection, const TopicFacts& topic, const FeedOnTopic& feed, const StopFlag* stop)
      : connection_(connection), topic_(topic), feed_(feed), shard_(feed.shard.text()), stop_(stop) {}

  // Reads back from the ends of RANGES until nothing further back matters.
  Result<std::vector<Tail>> read(std::span<const OffsetRange> ranges) {
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const auto partition = static_cast<std::int32_t>(i);
      const bool is_own =
          feed_.partitions.empty() || std::ranges::find(feed_.partitions, partition) != feed_.partitions.end();
      tails_.push_back({.partition = partition, .range = ranges[i], .is_own = is_own, .read_to = ranges[i].end});
    }
    for (std::int64_t step = kFirstStepBack;; step = std::min(step * kStepGrowth, kLongestStepBack)) {
      std::vector<PartitionOffset> starts;
      for (auto& tail : tails_) {
        tail.window_read = tail.is_done();
        if (tail.window_read) continue;
        tail.window_begin = std::max(tail.range.start, tail.read_to - step);
        starts.push_back({tail.partition, tail.window_begin});
      }
      if (starts.empty()) return std::move(tails_);
      STACK_TRY(read_windows(starts));
    }
  }

 private:
  // Reads each tail that is not done from its window's begin to where it has been read from before.
  Result<void> read_windows(std::span<const PartitionOffset> starts) {
    STACK_TRY_ASSIGN(reader, Consumer::assign(connection_, topic_.name, starts, {.queue_bytes = 4U << 20}));
    found_.assign(tails_.size(), {});
    auto heard = steady_clock::now();
    std::size_t open = starts.size();
    const auto close = [&](Tail& tail) -> Result<void> {
      if (tail.window_read) return {};
      tail.window_read = true;
      --open;
      return reader->pause(tail.partition);
    };
    while (open > 0) {
      STACK_TRY_ASSIGN(batch, reader->poll(Milliseconds{20}));
      if (!batch.empty()) heard = steady_clock::now();
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto message = batch[i];
        auto& tail = tails_[static_cast<std::size_t>(message.partition())];
        if (message.offset() < tail.read_to) STACK_TRY(take(message, tail));
        if (message.offset() >= tail.read_to - 1) STACK_TRY(close(tail));
      }
      for (const auto& end : batch.ends())
        if (auto& tail = tails_[static_cast<std::size_t>(end.partition)]; end.offset >= tail.read_to)
          STACK_TRY(close(tail));
      STACK_TRY(check_patience(heard));
    }
    for (const auto& start : starts) settle(tails_[static_cast<std::size_t>(start.partition)]);
    return {};
  }

  // Later records of a window take the place of earlier ones.
  Result<void> take(const Message& message, const Tail& tail) {
    auto& found = found_[static_cast<std::size_t>(tail.partition)];
    if (tail.last < 0) {
      found.last = message.offset();
      found.feed = header(message, kFeedHeader);
      STACK_TRY(check_record_form(message.header(kContentTypeHeader), message.header(kSchemaHeader),
                                  {topic_.name, message.partition(), message.offset()}));
    }
    const auto position = message.header(kPositionHeader);
    if (!position) return {};
    Mark mark{message.offset(), std::string{*position}, header(message, kLayoutHeader), header(message, kShardHeader)};
    if (mark.shard.empty()) mark.shard = Shard{}.text();
    if (mark.shard == shard_) found.own = mark;
    found.mark = std::move(mark);
    return {};
  }

  // What a window held is of interest only as far as later windows held nothing.
  void settle(Tail& tail) {
    auto& found = found_[static_cast<std::size_t>(tail.partition)];
    if (tail.last < 0) {
      tail.last = found.last;
      tail.feed = std::move(found.feed);
    }
    if (!tail.mark) tail.mark = std::move(found.mark);
    if (!tail.own) tail.own = std::move(found.own);
    tail.read_to = tail.window_begin;
  }

  [[nodiscard]] Result<void> check_patience(steady_clock::time_point heard) const {
    if (stop_ != nullptr && stop_->requested())
      return fail(ErrorKind::interrupted, fmt::format("stopped while reading the end of topic {}", topic_.name));
    if (steady_clock::now() - heard >= connection_.connect_timeout + kLongestSilence)
      return fail(ErrorKind::unreachable,
                  fmt::format("the end of topic {} at {} cannot be read in time; check the brokers", topic_.name,
                              connection_.bootstrap_servers));
    return {};
  }

  struct Found {
    std::int64_t last = -1;
    std::string feed;
    std::optional<Mark> mark;
    std::optional<Mark> own;
  };

  const Connection& connection_;
  const TopicFacts& topic_;
  const FeedOnTopic& feed_;
  const std::string shard_;
  const StopFlag* stop_;
  std::vector<Tail> tails_;
  std::vector<Found> found_;  // of each partition, in the step under way
};

Result<void> check_shards(const Mark& mark, const FeedOnTopic& feed, const std::string& place) {
  const auto other = parse_shard(mark.shard);
  if (other && other->count == feed.shard.count) return {};
  const std::string was = other && other->count == 1 ? std::string{"without --shard"} : "with --shard " + mark.shard;
  const std::string now = feed.shard.count == 1 ? std::string{"without --shard"} : "with --shard " + feed.shard.text();
  return fail(ErrorKind::conflict,
              fmt::format("{} was produced {}, this producer runs {}: the same number of shards goes on, or choose "
                          "another --topic",
                          place, was, now));
}

// Whether TAIL is the end of a partition that FEED has filled.
Result<void> check_layout(const std::string& found, const TopicFacts& topic, const FeedOnTopic& feed) {
  const std::string wanted = layout_of(feed.partitioner, topic.partitions, feed.event_times);
  if (found == wanted) return {};
  const auto same = [&](Partitioner partitioner, std::int32_t partitions, bool event_times) {
    return found == layout_of(partitioner, partitions, event_times);
  };
  const auto refused = [&](std::string_view why) {
    return fail(ErrorKind::conflict,
                fmt::format("topic {} was filled by {} and this producer would go on by {}: {}, or "
                            "choose another --topic",
                            topic.name, found, wanted, why));
  };
  if (same(feed.partitioner, topic.partitions, !feed.event_times))
    return refused(
        "records with the wall clock's time and with their events' own would mix; go on with the same "
        "--timestamps");
  const auto other = feed.partitioner == Partitioner::murmur2 ? Partitioner::balanced : Partitioner::murmur2;
  if (same(other, topic.partitions, feed.event_times))
    return refused("the order by symbol would break; go on with the same --partitioner");
  return refused(
      "partitions were added, or more than one of --partitioner, --partitions and --timestamps is another, "
      "and the order by symbol would break; go on with the same");
}

Result<void> check_tail(const Tail& tail, const TopicFacts& topic, const FeedOnTopic& feed) {
  if (tail.last < 0) return {};  // nothing but aborted transactions
  if (tail.feed != feed.feed_id)
    return fail(
        ErrorKind::conflict,
        fmt::format("topic {} already holds {}, not feed {}; choose another --topic, or the options that made it",
                    topic.name, tail.feed.empty() ? "records of no feed" : "feed " + tail.feed, feed.feed_id));
  if (!tail.mark)
    return fail(ErrorKind::conflict,
                fmt::format("{}/{}@{}: no position of the feed in its headers; choose another --topic", topic.name,
                            tail.partition, tail.last));
  STACK_TRY(check_layout(tail.mark->layout, topic, feed));
  return check_shards(*tail.mark, feed, fmt::format("{}/{}@{}", topic.name, tail.partition, tail.mark->offset));
}

Result<std::uint64_t> position_of(const Mark& mark, const TopicFacts& topic, std::int32_t partition) {
  std::uint64_t position = 0;
  const char* end = mark.position.data() + mark.position.size();
  if (const auto parsed = std::from_chars(mark.position.data(), end, position);
      parsed.ec != std::errc{} || parsed.ptr != end)
    return fail(ErrorKind::conflict, fmt::format("{}/{}@{}: '{}' is no position of a feed; choose another --topic",
                                                 topic.name, partition, mark.offset, mark.position));
  return position;
}

Result<void> check_not_emptied(std::span<const OffsetRange> ranges, const TopicFacts& topic) {
  for (std::size_t i = 0; i < ranges.size(); ++i)
    if (ranges[i].end > 0 && ranges[i].start == ranges[i].end)
      return fail(ErrorKind::conflict,
                  fmt::format("{}/{}: its records up to offset {} were deleted, so the feed cannot "
                              "be continued; choose another --topic",
                              topic.name, i, ranges[i].end));
  return {};
}

// The ends of the partitions, once all that lies before them is decided.
Result<std::vector<OffsetRange>> decided_ranges(const Connection& connection, Admin& admin, const TopicFacts& topic,
                                                const StopFlag* stop) {
  const auto deadline = steady_clock::now() + kLongestOpen;
  for (bool told = false;; told = true) {
    STACK_TRY_ASSIGN(decided, admin.decided_offsets(topic, kLook));
    if (!decided.empty()) return decided;
    if (stop != nullptr && stop->requested())
      return fail(ErrorKind::interrupted, fmt::format("stopped while waiting for topic {}", topic.name));
    if (steady_clock::now() >= deadline)
      return fail(ErrorKind::unreachable,
                  fmt::format("topic {}: another producer's transaction has been open for {} s; start that producer "
                              "again, or end it, and then this one",
                              topic.name, kLongestOpen.count()));
    if (!told && connection.on_notice)
      connection.on_notice(fmt::format("topic {}: waiting for another producer's open transaction", topic.name));
  }
}

}  // namespace

Result<void> check_holds_feed(const Connection& connection, Admin& admin, const TopicFacts& topic,
                              const FeedOnTopic& feed, const StopFlag* stop) {
  STACK_TRY_ASSIGN(ranges, admin.offsets(topic));
  STACK_TRY(check_not_emptied(ranges, topic));
  STACK_TRY_ASSIGN(tails, TailReader(connection, topic, feed, stop).read(ranges));
  for (const auto& tail : tails) STACK_TRY(check_tail(tail, topic, feed));
  return {};
}

Result<std::uint64_t> next_position(const Connection& connection, Admin& admin, const TopicFacts& topic,
                                    const FeedOnTopic& feed, const StopFlag* stop) {
  STACK_TRY_ASSIGN(ranges, decided_ranges(connection, admin, topic, stop));
  STACK_TRY(check_not_emptied(ranges, topic));
  STACK_TRY_ASSIGN(tails, TailReader(connection, topic, feed, stop).read(ranges));
  std::uint64_t next = 0;
  for (const auto& tail : tails) {
    STACK_TRY(check_tail(tail, topic, feed));
    if (!tail.own && tail.is_own && tail.range.start > 0)
      return fail(ErrorKind::conflict,
                  fmt::format("{}/{}: its records before offset {} were deleted, and none of shard {} is left, so the "
                              "shard cannot be continued; choose another --topic",
                              topic.name, tail.partition, tail.range.start, feed.shard.text()));
    if (!tail.own) continue;
    STACK_TRY_ASSIGN(position, position_of(*tail.own, topic, tail.partition));
    next = std::max(next, position + 1);
  }
  return next;
}

}  // namespace stack::kafka
