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

// Whose time a record carries: the moment it was sent, or its event's own, which may be still to come. Kafka deletes
// whole segments by the times of their records, and begins new ones by them, so history sent under its own times is
// deleted at the first check; and since 4.0 it takes no record that is more than an hour ahead of its clock.
enum class RecordTimes { sent, event, event_to_come };

// Those for events to come name a setting that Kafka before 3.6 does not know; those for events' own times one that
// Amazon MSK Serverless does not take.
// (https://docs.aws.amazon.com/msk/latest/developerguide/serverless-config.html)
[[nodiscard]] std::vector<std::pair<std::string, std::string>> feed_topic_configs(RecordTimes times);

[[nodiscard]] Result<void> check_feed_topic(const std::string& topic, const TopicConfigs& configs, RecordTimes times);

}  // namespace stack::kafka
