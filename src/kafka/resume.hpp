// Where a feed stands on its topic: read back after the predecessor was fenced, so that a producer goes on exactly
// behind its last committed event. Each transaction holds, over all partitions, a contiguous run of what a producer's
// shard has of the feed, and its last record of every partition carries its position; so the highest one found of that
// shard is its last event.
// Thread-safety: blocks its thread.
// Failure: ErrorKind::conflict when the topic holds something else: another feed, records of no feed or of another
// schema, another partitioning, another number of shards, or a partition whose records were deleted;
// ErrorKind::unreachable when its end cannot be read in time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/admin.hpp"
#include "kafka/connection.hpp"
#include "kafka/partitioner.hpp"
#include "kafka/shard.hpp"

namespace stack::kafka {

// A producer's part of a feed on a topic.
struct FeedOnTopic {
  std::string feed_id;
  Partitioner partitioner = Partitioner::murmur2;
  Shard shard{};
  bool event_times = false;                // records carry their events' own times
  std::vector<std::int32_t> partitions{};  // that the shard's symbols go to; empty: all
};

// Whether what TOPIC holds is of FEED, so that a producer of FEED may open on it: looked at before anyone is fenced.
[[nodiscard]] Result<void> check_holds_feed(const Connection& connection, Admin& admin, const TopicFacts& topic,
                                            const FeedOnTopic& feed, const StopFlag* stop);

// The position of the shard's next event to be sent, or of one before it that is another shard's; 0 for a topic that
// holds nothing of the shard. Other shards' open transactions are waited for: what lies behind them cannot be seen.
[[nodiscard]] Result<std::uint64_t> next_position(const Connection& connection, Admin& admin, const TopicFacts& topic,
                                                  const FeedOnTopic& feed, const StopFlag* stop);

}  // namespace stack::kafka
