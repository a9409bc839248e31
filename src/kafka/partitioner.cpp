#include "kafka/partitioner.hpp"

#include <fmt/format.h>

namespace stack::kafka {

std::string_view partitioner_name(Partitioner partitioner) {
  return partitioner == Partitioner::balanced ? "balanced" : "murmur2";
}

std::string layout_of(Partitioner partitioner, std::int32_t partitions, bool event_times) {
  return fmt::format("{}/{}{}", partitioner_name(partitioner), partitions, event_times ? "/event" : "");
}

std::vector<std::int32_t> partitions_of(Partitioner partitioner, std::span<const std::string> symbols,
                                        std::int32_t partitions) {
  std::vector<std::int32_t> assigned;
  assigned.reserve(symbols.size());
  for (std::size_t i = 0; i < symbols.size(); ++i)
    assigned.push_back(partitioner == Partitioner::balanced
                           ? static_cast<std::int32_t>(i % static_cast<std::size_t>(partitions))
                           : partition_of(symbols[i], partitions));
  return assigned;
}

std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(key[i])); };
  std::uint32_t hash = 0x9747b28cU ^ static_cast<std::uint32_t>(key.size());
  std::size_t i = 0;
  for (; i + 4 <= key.size(); i += 4) {
    std::uint32_t word = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    word *= kMultiplier;
    word ^= word >> kShift;
    word *= kMultiplier;
    hash = hash * kMultiplier ^ word;
  }
  const std::size_t rest = key.size() - i;
  if (rest >= 3) hash ^= byte(i + 2) << 16;
  if (rest >= 2) hash ^= byte(i + 1) << 8;
  if (rest >= 1) hash = (hash ^ byte(i)) * kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ hash >> 15;
}

std::int32_t partition_of(std::string_view key, std::int32_t partitions) {
  return static_cast<std::int32_t>((murmur2(key) & 0x7fffffffU) % static_cast<std::uint32_t>(partitions));
}

}  // namespace stack::kafka
