// A feed onto a topic: simulates, paces, sends in transactions, and goes on where a predecessor stopped.
// Thread-safety: produce_feed blocks its thread; FeedProgress may be read from any other.
// A transaction that is lost while brokers answer is sent again, for as long as the connect timeout without a commit.
// Failure: as kafka::Producer; what was committed stays, and the next call goes on behind it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/latency_histogram.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/admin.hpp"
#include "kafka/connection.hpp"
#include "kafka/feed_headers.hpp"
#include "kafka/feed_topic.hpp"
#include "kafka/partitioner.hpp"
#include "kafka/producer_progress.hpp"
#include "kafka/resume.hpp"
#include "kafka/shard.hpp"
#include "market/feed.hpp"
#include "publish/pace.hpp"
#include "publish/pace_control.hpp"

namespace stack::publish {

enum class Timestamps { now, event };

struct FeedProducerOptions {
  Pace pace;
  Timestamps timestamps = Timestamps::now;
  unsigned threads = 1;
  kafka::Partitioner partitioner = kafka::Partitioner::murmur2;
  kafka::Shard shard{};
  kafka::HeaderPlacement headers = kafka::HeaderPlacement::batch;
  const PaceControl* control = nullptr;                     // null: nobody steers
  std::function<void(const std::string&)> on_steered = {};  // told of a pause, its end, and another pace; one line each
};

enum class FeedState { connecting, waiting, running, paused, done };  // waiting: for --start-at

struct FeedProgress {
  std::atomic<std::uint64_t> resumed_at{0};  // position from which on events are sent
  std::atomic<std::uint64_t> reached{0};     // position before which all were sent, or are another shard's
  std::atomic<std::uint64_t> sent{0};        // events handed over
  std::atomic<std::uint64_t> committed{0};   // position before which all of the shard's events are visible to readers
  std::atomic<std::uint64_t> bytes{0};       // of the values sent
  std::atomic<std::uint64_t> committed_events{0};  // in committed transactions of this producer
  // Microseconds of the steady clock when the first event was sent; 0: none yet.
  std::atomic<std::int64_t> first_sent_us{0};
  kafka::ProducerProgress kafka;
  std::atomic<FeedState> state{FeedState::connecting};
  // Of a paced feed. An event is sent when the Kafka client has taken it, visible when its transaction is committed.
  LatencyHistogram due_to_sent;
  LatencyHistogram due_to_visible;             // by the earliest due time of what was sent at once with it
  std::atomic<std::int64_t> behind_us{0};      // how late the last event was when it was sent
  std::atomic<std::uint64_t> times_behind{0};  // by more than --catch-up, so that the sender started anew
  std::atomic<std::int64_t> lost_us{0};        // time that the feed lost by that
};

// The part of PLAN's feed that a producer with these options has on TOPIC.
[[nodiscard]] kafka::FeedOnTopic feed_on_topic(const market::FeedPlan& plan, const FeedProducerOptions& options,
                                               const kafka::TopicFacts& topic);

// True when the shard's part of the feed is on the topic to its end; false when STOP was requested (what was sent is
// committed).
[[nodiscard]] Result<bool> produce_feed(const std::shared_ptr<const market::FeedPlan>& plan,
                                        const FeedProducerOptions& options, const kafka::Connection& connection,
                                        kafka::Admin& admin, const kafka::TopicFacts& topic, const Clock& clock,
                                        const StopFlag& stop, FeedProgress& progress);

// What TIMESTAMPS makes the times of PLAN's records.
[[nodiscard]] kafka::RecordTimes record_times(Timestamps timestamps, const market::FeedPlan& plan, const Clock& clock);

}  // namespace stack::publish
