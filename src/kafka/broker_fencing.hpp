// What comes before the start of a local broker that was killed: its former self is fenced.
// Why: Kafka's controller takes the killed broker for alive until its session ends. A new broker would meanwhile load
// the transactions that were being committed, and when the controller then takes the former broker's partitions from
// it, would find no leader for them, take their topics for deleted and drop the commit markers (seen with Apache Kafka
// 4.3.1: an acknowledged commit that no read_committed reader ever sees, and that later commits join). So a controller
// alone runs first, with a short session, until it has fenced the former broker; the new one then starts as after a
// clean end.
// Thread-safety: free functions; the caller holds the folder's lock.
// Failure: unreachable if the controller dies or the deadline passes, interrupted; storage.
#pragma once

#include <chrono>
#include <filesystem>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/broker_config.hpp"

namespace stack::kafka {

// The folder holds a broker's metadata, and that broker did not end cleanly.
[[nodiscard]] bool was_killed(const BrokerFolder& folder);

[[nodiscard]] Result<void> fence_former_broker(const std::filesystem::path& java, const std::filesystem::path& jars,
                                               const BrokerFolder& folder, BrokerPorts ports,
                                               std::chrono::steady_clock::time_point deadline, const StopFlag* stop);

}  // namespace stack::kafka
