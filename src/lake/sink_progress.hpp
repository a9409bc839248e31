// The live figures of a running sink. Thread-safety: written by the sink's threads, read by any.
#pragma once

#include <atomic>
#include <cstdint>

namespace stack::lake {

// Live figures, for display while run_sink runs.
struct SinkProgress {
  std::atomic<std::uint64_t> events{0};        // records taken from Kafka (again counted when a range is redone)
  std::atomic<std::uint64_t> bytes{0};         // their values' bytes
  std::atomic<std::uint64_t> landed{0};        // rows in files that are complete
  std::atomic<std::uint64_t> dead_letters{0};  // dead letters in files that are complete
  std::atomic<std::uint64_t> files{0};         // files completed
  std::atomic<std::uint64_t> claims{0};        // claims won
  std::atomic<std::uint64_t> adopted{0};       // claims of others, or of an earlier run, that were finished
  std::atomic<std::int64_t> lag{0};            // offsets between the lake and the topic's end, owned partitions
  std::atomic<std::uint32_t> partitions{0};    // owned now
  // Times that the consumer group gave this sink partitions, took some away or confirmed what it has.
  std::atomic<std::uint64_t> rebalances{0};
  std::atomic<bool> paused{false};  // the memory budget holds consumption back
};

}  // namespace stack::lake
