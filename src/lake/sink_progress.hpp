// The live figures of a running sink. Thread-safety: written by the sink's threads, read by any.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "core/latency_histogram.hpp"

namespace stack::lake {

struct PartitionLag {
  std::int32_t partition = 0;
  std::int64_t records = 0;  // offsets between the lake and the partition's end
};

// Of the partitions that a sink owns now.
class PartitionLags {
 public:
  void replace(std::span<const PartitionLag> lags) {
    const std::lock_guard lock{mutex_};
    lags_.assign(lags.begin(), lags.end());
  }
  [[nodiscard]] std::vector<PartitionLag> read() const {
    const std::lock_guard lock{mutex_};
    return lags_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<PartitionLag> lags_;
};

// Live figures, for display while run_sink runs.
struct SinkProgress {
  std::atomic<bool> connected{false};          // broker and store have answered; records are about to be taken
  std::atomic<std::uint64_t> events{0};        // records taken from Kafka (again counted when a range is redone)
  std::atomic<std::uint64_t> bytes{0};         // their values' bytes
  std::atomic<std::uint64_t> landed{0};        // rows in files that are complete
  std::atomic<std::uint64_t> dead_letters{0};  // dead letters in files that are complete
  std::atomic<std::uint64_t> files{0};         // files completed
  std::atomic<std::uint64_t> claims{0};        // claims won
  std::atomic<std::uint64_t> adopted{0};       // claims of others, or of an earlier run, that were finished
  std::atomic<std::int64_t> lag{0};            // offsets between the lake and the topic's end, owned partitions
  std::atomic<std::uint32_t> partitions{0};    // owned now
  std::atomic<bool> paused{false};             // the memory budget holds consumption back

  // For who watches closely.
  PartitionLags lags;
  std::atomic<std::uint64_t> claims_lost{0};     // another sink's claim stood there
  std::atomic<std::uint64_t> write_failures{0};  // ranges that the store refused
  std::atomic<std::uint64_t> ndjson_files{0};    // of `files`
  std::atomic<std::uint64_t> parquet_files{0};
  std::atomic<std::uint64_t> dead_letter_files{0};
  std::atomic<std::uint64_t> assignments{0};     // rebalances that brought partitions
  std::atomic<std::uint64_t> revocations{0};     // rebalances that took partitions
  std::atomic<std::uint64_t> rejoins{0};         // new clients after the group took this one for another
  std::atomic<std::uint64_t> open_ranges{0};     // that take records now
  std::atomic<std::uint64_t> closed_ranges{0};   // that wait for their claim and files
  std::atomic<std::uint64_t> pending_writes{0};  // blocks and closed ranges that the writing threads have to do
  std::atomic<std::uint64_t> buffered{0};        // bytes of buffers in use
  std::atomic<std::uint64_t> buffer_limit{0};    // bytes above which consumption is held back
  std::atomic<std::int64_t> paused_since_us{0};  // microseconds since 1970; 0: not paused
  std::atomic<std::int64_t> last_landed_us{0};   // when a range landed last, as above; 0: none yet
  LatencyHistogram claim_time;                   // putting a claim
  LatencyHistogram block_time;                   // compressing and writing a block
  LatencyHistogram file_time;                    // a file's last bytes, sync and name
  // Of rows and dead letters: from the record's Kafka time, which is the producer's wall clock, to all its range's
  // files being visible.
  LatencyHistogram record_age;
};

}  // namespace stack::lake
