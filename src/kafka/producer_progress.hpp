// The live figures of a running producer. Thread-safety: written by the producer's threads, read by any.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/latency_histogram.hpp"

namespace stack::kafka {

struct ProducerProgress {
  std::atomic<std::uint64_t> transactions_committed{0};
  std::atomic<std::uint64_t> transactions_aborted{0};
  LatencyHistogram commit_time;                     // of the committed ones, what was in flight included
  std::atomic<std::int64_t> last_commit_us{0};      // microseconds since 1970; 0: none yet
  std::atomic<std::uint64_t> in_flight{0};          // records handed over and not yet acknowledged
  std::atomic<std::uint64_t> delivery_failures{0};  // records that were given up, their transactions with them
};

}  // namespace stack::kafka
