// From settings to how a feed is published: the topic that is made or found for it, shard, partitioner, record times.
// Thread-safety: as Settings. Failure: ErrorKind::usage naming the option, ::conflict for a topic on which the feed
// would not stay whole, else as kafka::Admin.
#pragma once

#include <string>

#include "app/progress.hpp"
#include "app/settings.hpp"
#include "core/result.hpp"
#include "kafka/admin.hpp"
#include "kafka/feed_headers.hpp"
#include "kafka/feed_topic.hpp"
#include "kafka/partitioner.hpp"
#include "kafka/shard.hpp"
#include "market/feed.hpp"
#include "publish/feed_producer.hpp"

namespace stack::app {

// The topic to make for a feed: partitions, replication, and a retention that does not delete history.
[[nodiscard]] Result<kafka::NewTopic> new_topic(const Settings& settings, std::string name);
// Makes WANTED, or finds it, with as many partitions as it has unless --partitions says otherwise. A topic on which the
// feed would not stay whole is ErrorKind::conflict; ::interrupted where STOP is requested before it is made.
[[nodiscard]] Result<kafka::TopicFacts> ensure_feed_topic(const Settings& settings, kafka::Admin& admin,
                                                          kafka::NewTopic wanted, kafka::RecordTimes times,
                                                          Progress& progress, const StopFlag& stop);
[[nodiscard]] Result<publish::Timestamps> parse_timestamps(const Settings& settings, const market::FeedPlan& plan);
[[nodiscard]] Result<kafka::Partitioner> parse_partitioner(const Settings& settings);
[[nodiscard]] Result<kafka::HeaderPlacement> parse_header_placement(const Settings& settings,
                                                                    const publish::Pace& pace);
// The whole feed unless --shard says otherwise.
[[nodiscard]] Result<kafka::Shard> parse_shard(const Settings& settings);

}  // namespace stack::app
