// Which partition a key goes to, the way Apache Kafka's Java client chooses (murmur2), so that every client agrees.
// Source: org.apache.kafka.common.utils.Utils.murmur2 and toPositive. Thread-safety: pure. Never fails.
#pragma once

#include <cstdint>
#include <string_view>

namespace stack::kafka {

[[nodiscard]] std::uint32_t murmur2(std::string_view key);
// 0 to PARTITIONS - 1.
[[nodiscard]] std::int32_t partition_of(std::string_view key, std::int32_t partitions);

}  // namespace stack::kafka
