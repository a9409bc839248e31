// What a topic's configuration has to be so that a feed on it stays whole: the one we give to topics that we make, and
// what we ask of those that others made.
// Thread-safety: free functions. Failure: ErrorKind::conflict, naming the topic, the setting and the command that
// mends it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace stack::kafka {

using TopicConfigs = std::map<std::string, std::string>;

// Whose time a record carries: the moment it was sent, or its event's own. Kafka deletes whole segments by the times
// of their records, and begins new ones by them, so history sent under its own times is deleted at the first check.
enum class RecordTimes { sent, event };

[[nodiscard]] std::vector<std::pair<std::string, std::string>> feed_topic_configs();

[[nodiscard]] Result<void> check_feed_topic(const std::string& topic, const TopicConfigs& configs, RecordTimes times);

}  // namespace stack::kafka
