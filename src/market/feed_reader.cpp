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
      const ReplayPlan& replay = *plan.replay();
      const std::uint64_t pass = options.first_position / replay.total_ticks();
      next_to_make_ = pass * replay.window_count() + replay.window_of(options.first_position % replay.total_ticks());
      window_end_ = plan.options().loop ? kUnlimited : replay.window_count();
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
        make(*maker, window, *batch);
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

  // WINDOW counts on through the passes of a loop.
  void make(WindowMaker& maker, std::uint64_t window, FeedBatch& batch) const {
    const ReplayPlan& replay = *plan_.replay();
    const std::uint64_t pass = window / replay.window_count();
    const std::uint64_t before = pass * replay.total_ticks();
    const auto in_pass = [&](std::uint64_t position) { return position > before ? position - before : 0; };
    maker.make(window % replay.window_count(), {pass, in_pass(options_.first_position), in_pass(end_)}, batch);
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

// Where a feed with faults is to be read from so that its event number POSITION can be given out; within one pass.
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
    : plan_(std::move(plan)), options_(options), pool_(std::make_shared<BatchPool>()) {
  ReadOptions made = options;
  if (plan_->faults() == nullptr) {
    workers_ = std::make_unique<Workers>(*plan_, made, *pool_);
    return;
  }
  pass_ = plan_->options().loop ? options.first_position / plan_->pass_events() : 0;
  const Start start = start_of(*plan_, options.first_position - pass_ * plan_->pass_events());
  made.first_position = pass_ * plan_->replay()->total_ticks() + start.made;
  workers_ = std::make_unique<Workers>(*plan_, made, *pool_);
  begin_faults(pass_ * plan_->pass_events() + start.position);
}

FeedReader::~FeedReader() = default;

std::shared_ptr<const FeedBatch> FeedReader::next() { return faults_ ? next_with_faults() : workers_->take(); }

// POSITION: of the first event that the workers give of this pass.
void FeedReader::begin_faults(std::uint64_t position) {
  const auto of_this_pass = [this]() -> std::shared_ptr<FeedBatch> {
    if (!waiting_) waiting_ = workers_->take();
    return waiting_ && waiting_->pass == pass_ ? std::move(waiting_) : nullptr;
  };
  const std::uint64_t end = std::min(plan_->total_events(), options_.end_position);
  faults_ = std::make_unique<FaultStage>(*plan_->faults(), options_.encoding, of_this_pass, *pool_,
                                         FaultStage::Positions{position, end});
}

// What is late in one pass of a loop comes before the next one: each is published whole.
bool FeedReader::begin_next_pass() {
  const std::uint64_t position = (pass_ + 1) * plan_->pass_events();
  if (!plan_->options().loop || position >= std::min(plan_->total_events(), options_.end_position)) return false;
  met_before_ += faults_->counts();
  ++pass_;
  begin_faults(position);
  return true;
}

std::shared_ptr<const FeedBatch> FeedReader::next_with_faults() {
  for (;;) {
    const std::shared_ptr<FeedBatch> batch = faults_->next();
    if (!batch && !begin_next_pass()) return nullptr;
    if (!batch || batch->first_position + batch->size() <= options_.first_position) continue;
    if (batch->first_position < options_.first_position)
      remove_front(*batch, options_.first_position - batch->first_position);
    batch->pass = pass_;
    return batch;
  }
}

FaultCounts FeedReader::faults_met() const {
  FaultCounts met = met_before_;
  if (faults_) met += faults_->counts();
  return met;
}

namespace {

// Of the first EVENTS events of one pass, dropped ones aside.
FaultCounts faults_of_part(const std::shared_ptr<const FeedPlan>& plan, std::uint64_t events) {
  const ReplayPlan& replay = *plan->replay();
  if (replay.fault_time().begin > replay.fault_time().end) return {};
  // No event before the first fault's time need be made again.
  const auto motion = std::make_unique<BlockMotion>();
  const std::uint64_t first = replay.position_of(replay.fault_time().begin, *motion);
  FeedReader reader(plan, {.first_position = std::min(first, events), .end_position = events});
  while (reader.next()) {
  }
  return reader.faults_met();
}

}  // namespace

FaultCounts injected_faults(const std::shared_ptr<const FeedPlan>& plan, std::uint64_t events) {
  FaultCounts counts;
  if (plan->replay() == nullptr) return counts;
  const std::uint64_t passes = events / plan->pass_events();
  const std::uint64_t rest = events % plan->pass_events();
  if (const FaultPlan* faults = plan->faults(); faults != nullptr) {
    if (rest > 0) counts = faults_of_part(plan, rest);
    for (std::uint64_t i = 0; i < passes; ++i) counts += faults->counts();
  }
  counts.dropped = plan->replay()->dropped_ticks() * std::max<std::uint64_t>(passes + (rest > 0 ? 1 : 0), 1);
  return counts;
}

}  // namespace stack::market
