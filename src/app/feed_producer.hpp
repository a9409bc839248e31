// A feed onto a topic: simulates, paces, sends in transactions, and goes on where a predecessor stopped.
// Thread-safety: produce_feed blocks its thread; FeedProgress may be read from any other.
// Failure: as kafka::Producer; what was committed stays, and the next call goes on behind it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "app/pace.hpp"
#include "app/progress.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/admin.hpp"
#include "kafka/connection.hpp"
#include "kafka/feed_topic.hpp"
#include "kafka/producer_progress.hpp"
#include "market/feed.hpp"

namespace stack::app {

enum class Timestamps { now, event };

struct FeedProducerOptions {
  Pace pace;
  Timestamps timestamps = Timestamps::now;
  unsigned threads = 1;
};

struct FeedProgress {
  std::atomic<std::uint64_t> resumed_at{0};  // position of the first event that is sent
  std::atomic<std::uint64_t> sent{0};        // handed over
  std::atomic<std::uint64_t> committed{0};   // visible to readers
  std::atomic<std::uint64_t> bytes{0};       // of the values sent
  kafka::ProducerProgress kafka;
};

// True when the feed is on the topic to its end; false when STOP was requested (what was sent is committed).
[[nodiscard]] Result<bool> produce_feed(const std::shared_ptr<const market::FeedPlan>& plan,
                                        const FeedProducerOptions& options, const kafka::Connection& connection,
                                        kafka::Admin& admin, const kafka::TopicFacts& topic, const Clock& clock,
                                        const StopFlag& stop, FeedProgress& progress);

// The topic to make for a feed: partitions, replication, and a retention that does not delete history.
[[nodiscard]] Result<kafka::NewTopic> new_topic(const Settings& settings, std::string name);
// Makes WANTED, or finds it, with as many partitions as it has unless --partitions says otherwise. A topic on which the
// feed would not stay whole is ErrorKind::conflict.
[[nodiscard]] Result<kafka::TopicFacts> ensure_feed_topic(const Settings& settings, kafka::Admin& admin,
                                                          kafka::NewTopic wanted, kafka::RecordTimes times,
                                                          Progress& progress);
// What TIMESTAMPS makes the times of PLAN's records.
[[nodiscard]] kafka::RecordTimes record_times(Timestamps timestamps, const market::FeedPlan& plan, const Clock& clock);
[[nodiscard]] Result<Timestamps> parse_timestamps(const Settings& settings, const market::FeedPlan& plan);

}  // namespace stack::app
