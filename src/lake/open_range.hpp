// Whether a range is open still: until its successor's claim stands, its files may be put; from then on all of them
// stood once, and may have been merged away since. This is the guard of every put of the range.
// On S3 the question costs a request, so it is not asked while what is known is less than 30 s old. What is known may
// then be wrong by those 30 s and by a signature's life, 15 minutes or 29 where this machine's clock is ahead: less
// than the half hour that compaction waits (compaction.hpp). In a folder it is asked each time, under the folder's
// lock. Time is CLOCK_BOOTTIME, which goes on while the process is stopped or the machine sleeps. Thread-safety: any
// thread. Failure: ErrorKind::storage from the store.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "lake/claim.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

class OpenRange {
 public:
  // The range of CLAIM in LANE.
  OpenRange(ObjectStore& store, const Lane& lane, const Claim& claim)
      : store_(store),
        successor_(claim_key(lane, claim.end)),
        trusts_(store.local_path(successor_) ? std::chrono::seconds{0} : std::chrono::seconds{30}) {}

  // It was open at INSTANT (of boot_time()): its claim was made after that.
  void was_open_at(std::chrono::nanoseconds instant) { seen_open_ns_ = instant.count(); }
  [[nodiscard]] Result<bool> is_open();

  [[nodiscard]] static std::chrono::nanoseconds boot_time();

 private:
  ObjectStore& store_;
  std::string successor_;
  std::chrono::nanoseconds trusts_;
  std::atomic<std::int64_t> seen_open_ns_{INT64_MIN};
};

}  // namespace stack::lake
