// Where a feed stands on its topic: read back after the predecessor was fenced, so that a producer goes on exactly
// behind the last committed event. Each transaction holds a contiguous run of the feed's positions over all
// partitions, and the last record of every partition carries its position, so the highest one found is the last event.
// Thread-safety: blocks its thread.
// Failure: ErrorKind::conflict when the topic holds something else: another feed, records of no feed, another
// partitioning, or a partition whose records were deleted.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/admin.hpp"
#include "kafka/connection.hpp"

namespace stack::kafka {

// The position of the next event of feed FEED_ID to be sent; 0 for a topic that holds nothing.
[[nodiscard]] Result<std::uint64_t> next_position(const Connection& connection, Admin& admin, const TopicFacts& topic,
                                                  const std::string& feed_id, const StopFlag* stop);

}  // namespace stack::kafka
