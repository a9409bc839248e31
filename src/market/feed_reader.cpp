#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "market/batch_pool.hpp"
#include "market/fault_stage.hpp"
#include "market/feed.hpp"
#include "market/replay_plan.hpp"
#include "market/sample_plan.hpp"
#include "market/window_maker.hpp"

namespace stack::market {

// Threads that make windows ahead of the reader, at most depth() of them, delivered in order.
class FeedReader::Workers {
 public:
  Workers(const FeedPlan& plan, const ReadOptions& options, BatchPool& pool)
      : plan_(plan), options_(options), pool_(pool), end_(plan.events_made()) {
    if (options.first_position >= end_) return;
    if (plan.replay() != nullptr) {
      next_to_make_ = plan.replay()->window_of(options.first_position);
      window_end_ = plan.replay()->window_count();
    } else {
      next_to_make_ = options.first_position / kSampleWindow;
      window_end_ = (end_ - 1) / kSampleWindow + 1;
    }
    next_to_take_ = next_to_make_;
    const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
    const std::uint64_t wanted = options.threads == 0 ? processors : options.threads;
    const std::uint64_t count =
        std::clamp<std::uint64_t>(window_end_ - next_to_make_, 1, std::min<std::uint64_t>(wanted, 256));
    made_.resize(count + 2);
    for (std::uint64_t i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }

  ~Workers() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::shared_ptr<FeedBatch> take() {
    std::unique_lock lock(mutex_);
    while (!finished_ && next_to_take_ < window_end_) {
      auto& slot = made_[next_to_take_ % made_.size()];
      ready_.wait(lock, [&] { return slot != nullptr || failure_; });
      if (failure_) std::rethrow_exception(failure_);
      std::shared_ptr<FeedBatch> batch = std::exchange(slot, nullptr);
      ++next_to_take_;
      room_.notify_one();
      finished_ = batch->first_position + batch->size() >= end_ && batch->size() > 0;
      if (batch->size() > 0) return batch;
    }
    return nullptr;
  }

 private:
  void work() try {
    std::unique_ptr<WindowMaker> maker;
    if (plan_.replay() != nullptr) maker = std::make_unique<WindowMaker>(*plan_.replay(), options_.encoding);
    for (;;) {
      std::uint64_t window = 0;
      {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return stopping_ || next_to_make_ < next_to_take_ + made_.size(); });
        if (stopping_ || next_to_make_ >= window_end_) return;
        window = next_to_make_++;
      }
      std::shared_ptr<FeedBatch> batch = pool_.take();
      if (maker)
        maker->make(window, options_.first_position, end_, *batch);
      else
        plan_.sample()->make(window, options_.first_position, end_, options_.encoding, *batch);
      {
        const std::scoped_lock lock(mutex_);
        made_[window % made_.size()] = std::move(batch);
      }
      ready_.notify_one();
    }
  } catch (...) {
    const std::scoped_lock lock(mutex_);
    failure_ = std::current_exception();
    ready_.notify_one();
  }

  const FeedPlan& plan_;
  const ReadOptions options_;
  BatchPool& pool_;
  const std::uint64_t end_;  // position
  std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable room_;
  std::vector<std::shared_ptr<FeedBatch>> made_;  // window w at w % size
  std::uint64_t next_to_make_ = 0;
  std::uint64_t next_to_take_ = 0;
  std::uint64_t window_end_ = 0;
  bool stopping_ = false;
  bool finished_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

namespace {

// Where a feed with faults is to be read from so that its event number POSITION can be given out.
struct Start {
  std::uint64_t made = 0;      // without faults
  std::uint64_t position = 0;  // with them: of the same event
};

Start start_of(const FeedPlan& plan, std::uint64_t position) {
  const ReplayPlan& replay = *plan.replay();
  if (replay.fault_time().begin > replay.fault_time().end) return {position, position};
  const auto motion = std::make_unique<BlockMotion>();
  const std::uint64_t before = replay.position_of(replay.fault_time().begin, *motion);
  if (position <= before) return {position, position};
  const std::uint64_t copies = replay.faults()->counts().duplicated;
  const std::uint64_t after = replay.position_of(replay.fault_time().end, *motion);
  if (position >= after + copies) return {position - copies, position};
  return {before, before};
}

// Takes the first COUNT events out of BATCH.
void remove_front(FeedBatch& batch, std::size_t count) {
  const std::uint32_t bytes = batch.offsets[count];
  std::copy(batch.buffer.begin() + bytes, batch.buffer.begin() + static_cast<std::ptrdiff_t>(batch.text_size),
            batch.buffer.begin());
  batch.text_size -= bytes;
  const auto front = [&](auto& values) {
    if (!values.empty()) values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
  };
  front(batch.offsets);
  for (std::uint32_t& offset : batch.offsets) offset -= bytes;
  front(batch.symbol);
  front(batch.event_time_us);
  front(batch.publish_time_us);
  batch.first_position += count;
}

}  // namespace

FeedReader::FeedReader(std::shared_ptr<const FeedPlan> plan, const ReadOptions& options)
    : plan_(std::move(plan)), pool_(std::make_shared<BatchPool>()), first_position_(options.first_position) {
  ReadOptions made = options;
  std::uint64_t position = options.first_position;
  if (plan_->faults() != nullptr) {
    const Start start = start_of(*plan_, options.first_position);
    made.first_position = start.made;
    position = start.position;
  }
  workers_ = std::make_unique<Workers>(*plan_, made, *pool_);
  if (plan_->faults() != nullptr)
    faults_ = std::make_unique<FaultStage>(
        *plan_->faults(), options.encoding, [this] { return workers_->take(); }, *pool_,
        FaultStage::Positions{position, std::min(plan_->total_events(), options.end_position)});
}

FeedReader::~FeedReader() = default;

std::shared_ptr<const FeedBatch> FeedReader::next() { return faults_ ? next_with_faults() : workers_->take(); }

std::shared_ptr<const FeedBatch> FeedReader::next_with_faults() {
  while (auto batch = faults_->next()) {
    if (batch->first_position + batch->size() <= first_position_) continue;
    if (batch->first_position < first_position_) remove_front(*batch, first_position_ - batch->first_position);
    return batch;
  }
  return nullptr;
}

FaultCounts FeedReader::faults_met() const { return faults_ ? faults_->counts() : FaultCounts{}; }

FaultCounts injected_faults(const std::shared_ptr<const FeedPlan>& plan, std::uint64_t events) {
  FaultCounts counts;
  if (plan->replay() == nullptr) return counts;
  if (plan->faults() != nullptr && events >= plan->events_made() + plan->faults()->counts().duplicated) {
    counts = plan->faults()->counts();
  } else if (plan->faults() != nullptr && plan->replay()->fault_time().begin <= plan->replay()->fault_time().end) {
    // No event before the first fault's time need be made again.
    const auto motion = std::make_unique<BlockMotion>();
    const std::uint64_t first = plan->replay()->position_of(plan->replay()->fault_time().begin, *motion);
    FeedReader reader(plan, {.first_position = std::min(first, events), .end_position = events});
    while (reader.next()) {
    }
    counts = reader.faults_met();
  }
  counts.dropped = plan->replay()->dropped_ticks();
  return counts;
}

}  // namespace stack::market
