// The threads that write what the sink has read: blocks into uploads, and at a range's end the claim and then the
// files. A lane always has the same thread, so the order in which its work is given is the order in which it is done:
// a range is claimed only after all files of the one before it.
// Thread-safety: to be used by one thread, which gives work and takes outcomes.
// Failure: comes as an outcome; the lane is lost from there on and none of its later ranges is claimed.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "core/time.hpp"
#include "lake/landing.hpp"
#include "lake/range_output.hpp"
#include "lake/sink_progress.hpp"

namespace stack::lake {

struct SealOutcome {
  enum class Kind {
    landed,   // the claim stands and all its files do
    lost,     // another sink's claim stands there, with other terms or another end
    failed,   // the store refused
    dropped,  // an earlier range of the lane was lost
  };
  Kind kind = Kind::landed;
  std::shared_ptr<RangeOutput> range;
  Claim claim;
  Error error;  // of Kind::failed
};

class RangeWriter {
 public:
  RangeWriter(ObjectStore& store, BlockPool& pool, SinkProgress& progress, ScratchFolder* scratch,
              std::uint64_t parquet_memory, std::size_t threads, const Clock& clock, LandingObserver observer = {});
  RangeWriter(const RangeWriter&) = delete;
  RangeWriter& operator=(const RangeWriter&) = delete;
  // Drops what was not begun.
  ~RangeWriter();

  void append(std::shared_ptr<RangeOutput> range, RangeOutput::File& file, Block block);
  // Claims RANGE with CLAIM (unless it is an adopted claim, which stands already) and completes its files.
  void seal(std::shared_ptr<RangeOutput> range, Claim claim, bool adopted);
  // What has ended since the last call. Waits for the first for at most TIMEOUT.
  [[nodiscard]] std::vector<SealOutcome> outcomes(std::chrono::milliseconds timeout = {});
  // Blocks and seals that are given and not yet done.
  [[nodiscard]] std::size_t pending() const;

 private:
  struct AppendJob {
    std::shared_ptr<RangeOutput> range;
    RangeOutput::File* file;
    Block block;
  };
  struct SealJob {
    std::shared_ptr<RangeOutput> range;
    Claim claim;
    bool adopted;
    std::chrono::steady_clock::time_point closed;
  };
  using Job = std::variant<AppendJob, SealJob>;
  struct Lane {
    std::deque<Job> jobs;
    std::condition_variable has_job;
    std::thread thread;
  };

  void give(std::int32_t partition, Job job);
  void work(Lane& lane);
  void run(AppendJob& job, WriterTools& tools);
  void run(SealJob& job, WriterTools& tools);
  [[nodiscard]] Result<SealOutcome::Kind> claim_and_complete(const SealJob& job, WriterTools& tools);
  [[nodiscard]] Result<void> check_names_are_free(const stack::lake::Lane& lane, const Claim& claim);
  [[nodiscard]] Result<void> await_copies(const RangeOutput& range) const;
  void note_landing(const SealJob& job);
  void report(SealOutcome outcome);

  ObjectStore& store_;
  BlockPool& pool_;
  SinkProgress& progress_;
  ScratchFolder* scratch_;
  std::uint64_t parquet_memory_;
  const Clock& clock_;
  LandingObserver observer_;
  mutable std::mutex mutex_;  // guards everything below but the threads
  std::condition_variable has_outcome_;
  std::vector<SealOutcome> outcomes_;
  std::size_t pending_ = 0;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace stack::lake
