// What the local broker says of itself: why it died, and the version of Java that it would run on.
// Thread-safety: free functions.
// Failure: a log that cannot be read is named, not an error; a Java that does not run or is too old is unreachable.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "kafka/broker_config.hpp"

namespace stack::kafka {

// The reason in one line, what to do about it where that is known, and the log's path.
[[nodiscard]] std::string why_it_died(const BrokerFolder& folder);

// It died because a port was taken between the choice and the start.
[[nodiscard]] bool lost_its_port(const BrokerFolder& folder);

// Before a start: what earlier starts have said must not be taken for this one's. The log goes to broker.log.old.
[[nodiscard]] Result<void> forget_old_output(const BrokerFolder& folder);

// As "17.0.21". Too old for Kafka is an error.
[[nodiscard]] Result<std::string> java_version(const std::filesystem::path& java);
// The version in what `java -version` prints; empty if there is none.
[[nodiscard]] std::string version_in(std::string_view text);

}  // namespace stack::kafka
