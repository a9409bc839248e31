// Which partition a key goes to. murmur2: the way Apache Kafka's Java client chooses, so that every client agrees.
// balanced: symbols dealt out in order of name, since a dozen keys hash very unevenly; who wants a symbol's partition
// has to know all the feed's symbols.
// Source: org.apache.kafka.common.utils.Utils.murmur2 and toPositive. Thread-safety: pure. Never fails.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stack::kafka {

enum class Partitioner { murmur2, balanced };

[[nodiscard]] std::string_view partitioner_name(Partitioner partitioner);
// How a topic's records are laid out: "<partitioner>/<partitions>", and behind it "/event" where they carry their
// events' own times.
[[nodiscard]] std::string layout_of(Partitioner partitioner, std::int32_t partitions, bool event_times = false);

// The partition of each of SYMBOLS, which are all of the feed's, in order of name; 0 to PARTITIONS - 1. With `balanced`
// their numbers of symbols differ by one at most.
[[nodiscard]] std::vector<std::int32_t> partitions_of(Partitioner partitioner, std::span<const std::string> symbols,
                                                      std::int32_t partitions);

[[nodiscard]] std::uint32_t murmur2(std::string_view key);
// As murmur2 places it: 0 to PARTITIONS - 1.
[[nodiscard]] std::int32_t partition_of(std::string_view key, std::int32_t partitions);

}  // namespace stack::kafka
