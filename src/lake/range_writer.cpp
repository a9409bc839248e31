#include "lake/range_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lake/crash_point.hpp"
#include "lake/dead_letter_copy.hpp"
#include "lake/each_key.hpp"
#include "lake/open_range.hpp"
#include "lake/topic_guard.hpp"

namespace stack::lake {

RangeWriter::RangeWriter(ObjectStore& store, BlockPool& pool, SinkProgress& progress, ScratchFolder* scratch,
                         std::uint64_t parquet_memory, std::size_t threads, const Clock& clock,
                         LandingObserver observer)
    : store_(store),
      pool_(pool),
      progress_(progress),
      scratch_(scratch),
      parquet_memory_(parquet_memory),
      clock_(clock),
      observer_(std::move(observer)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) lanes_.push_back(std::make_unique<Lane>());
  for (const auto& lane : lanes_) lane->thread = std::thread([this, &lane = *lane] { work(lane); });
}

RangeWriter::~RangeWriter() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  for (const auto& lane : lanes_) lane->has_job.notify_all();
  for (const auto& lane : lanes_) lane->thread.join();
}

void RangeWriter::append(std::shared_ptr<RangeOutput> range, RangeOutput::File& file, Block block) {
  const std::int32_t partition = range->lane().partition;
  give(partition, AppendJob{std::move(range), &file, std::move(block)});
}

void RangeWriter::seal(std::shared_ptr<RangeOutput> range, Claim claim, bool adopted) {
  const std::int32_t partition = range->lane().partition;
  give(partition, SealJob{std::move(range), std::move(claim), adopted, std::chrono::steady_clock::now()});
}

void RangeWriter::give(std::int32_t partition, Job job) {
  Lane& lane = *lanes_[static_cast<std::size_t>(partition) % lanes_.size()];
  {
    const std::scoped_lock lock(mutex_);
    lane.jobs.push_back(std::move(job));
    ++pending_;
  }
  lane.has_job.notify_one();
}

std::vector<SealOutcome> RangeWriter::outcomes(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (timeout.count() > 0) has_outcome_.wait_for(lock, timeout, [this] { return !outcomes_.empty(); });
  return std::exchange(outcomes_, {});
}

std::size_t RangeWriter::pending() const {
  const std::scoped_lock lock(mutex_);
  return pending_;
}

void RangeWriter::work(Lane& lane) {
  WriterTools tools{store_, progress_, scratch_, {}, ParquetWriter(scratch_ ? scratch_->path() : "", parquet_memory_)};
  std::unique_lock lock(mutex_);
  while (true) {
    lane.has_job.wait(lock, [&] { return stopping_ || !lane.jobs.empty(); });
    if (stopping_) return;
    Job job = std::move(lane.jobs.front());
    lane.jobs.pop_front();
    lock.unlock();
    std::visit([&](auto& work_item) { run(work_item, tools); }, job);
    job = AppendJob{};  // lets go of the range outside the lock: its uploads may end here
    lock.lock();
    --pending_;
  }
}

void RangeWriter::run(AppendJob& job, WriterTools& tools) {
  if (!job.range->is_lost()) {
    if (auto done = job.range->append(*job.file, job.block.bytes(), tools); !done) {
      job.range->mark_lost();
      report({SealOutcome::Kind::failed, job.range, {}, std::move(done).error()});
    }
  }
  pool_.give_back(std::move(job.block));
}

void RangeWriter::run(SealJob& job, WriterTools& tools) {
  SealOutcome outcome{SealOutcome::Kind::dropped, job.range, {}, {}};
  if (!job.range->is_lost()) {
    auto kind = claim_and_complete(job, tools);
    outcome.kind = kind ? *kind : SealOutcome::Kind::failed;
    if (!kind) outcome.error = std::move(kind).error();
    if (outcome.kind != SealOutcome::Kind::landed) job.range->mark_lost();
  }
  outcome.claim = std::move(job.claim);
  job.range->give_back_tails(pool_);
  report(std::move(outcome));
}

Result<SealOutcome::Kind> RangeWriter::claim_and_complete(const SealJob& job, WriterTools& tools) {
  RangeOutput& range = *job.range;
  if (observer_.topic != nullptr) STACK_TRY(observer_.topic->check(job.closed));
  OpenRange open(store_, range.lane(), job.claim);
  if (!job.adopted) {
    STACK_TRY(check_names_are_free(range.lane(), job.claim));
    crash_point("before-claim");
    const auto began = clock_.steady();
    const auto before = OpenRange::boot_time();
    STACK_TRY_ASSIGN(outcome, store_.put_if_absent(claim_key(range.lane(), range.first()), to_json(job.claim)));
    progress_.claim_time.record(std::chrono::duration_cast<LatencyHistogram::Duration>(clock_.steady() - began));
    if (outcome == PutOutcome::exists) {
      STACK_TRY_ASSIGN(standing, read_claim(store_, range.lane(), range.first()));
      if (!standing || *standing != job.claim) return SealOutcome::Kind::lost;
    } else {
      open.was_open_at(before);
      ++progress_.claims;
    }
    crash_point("after-claim");
  }
  STACK_TRY(await_copies(range));
  STACK_TRY_ASSIGN(files, range.complete(job.claim, tools, [&open] { return open.is_open(); }));
  if (!files) return SealOutcome::Kind::lost;  // somebody else has finished the range, and gone on
  crash_point("after-files");
  progress_.files += *files;
  progress_.landed += job.claim.records - job.claim.dead_letters;
  progress_.dead_letters += job.claim.dead_letters;
  note_landing(job);
  if (observer_.landed) observer_.landed(range.landing(job.claim));
  return SealOutcome::Kind::landed;
}

// Before the range can count as complete: whoever finds it incomplete sends them again.
Result<void> RangeWriter::await_copies(const RangeOutput& range) const {
  if (observer_.dead_letter_copy == nullptr) return {};
  STACK_TRY(observer_.dead_letter_copy->await(*range.dead_letter_copies()));
  crash_point("after-dead-letter-copies");
  return {};
}

void RangeWriter::note_landing(const SealJob& job) {
  const auto now = clock_.now();
  progress_.last_landed_us = now.time_since_epoch().count();
  for (const auto& run : job.range->times().runs())
    progress_.record_age.record(now - Micros{std::chrono::milliseconds{run.oldest_ms}}, run.records);
}

// Files come after their claim: one that stands without is of another chain, whose claims were removed or left behind
// when the lake was copied. Taken for ours it would pass for records that it does not hold.
Result<void> RangeWriter::check_names_are_free(const stack::lake::Lane& lane, const Claim& claim) {
  const std::vector<std::string> keys = range_keys(lane, claim);
  STACK_TRY_ASSIGN(objects, for_each_key(store_, keys, [&](const std::string& key) { return store_.head(key); }));
  const auto taken = std::ranges::find_if(objects, [](const auto& object) { return object.has_value(); });
  if (taken == objects.end()) return {};
  STACK_TRY_ASSIGN(rival, read_claim(store_, lane, claim.first));
  if (rival) return {};  // the names are decided by it
  return fail(ErrorKind::conflict,
              fmt::format("{} in {} stands under no claim: it is left of a lake whose _stack folder is not here; copy "
                          "that too, or sink into a new --table or --lake",
                          (*taken)->key, store_.uri()));
}

void RangeWriter::report(SealOutcome outcome) {
  {
    const std::scoped_lock lock(mutex_);
    outcomes_.push_back(std::move(outcome));
  }
  has_outcome_.notify_one();
}

}  // namespace stack::lake
