#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "market/feed.hpp"
#include "market/replay_plan.hpp"
#include "market/sample_plan.hpp"
#include "market/window_maker.hpp"

namespace stack::market {

// Batches that are not in use. A batch comes back when its last holder lets it go, even after the reader is gone.
class FeedReader::Pool : public std::enable_shared_from_this<FeedReader::Pool> {
 public:
  std::shared_ptr<FeedBatch> take() {
    std::unique_ptr<FeedBatch> batch;
    {
      const std::scoped_lock lock(mutex_);
      if (!free_.empty()) {
        batch = std::move(free_.back());
        free_.pop_back();
      }
    }
    if (!batch) batch = std::make_unique<FeedBatch>();
    return {batch.release(), [pool = shared_from_this()](FeedBatch* used) { pool->give_back(used); }};
  }

 private:
  static constexpr std::size_t kKept = 16;

  void give_back(FeedBatch* used) {
    std::unique_ptr<FeedBatch> batch(used);
    const std::scoped_lock lock(mutex_);
    if (free_.size() < kKept) free_.push_back(std::move(batch));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<FeedBatch>> free_;
};

// Threads that make windows ahead of the reader, at most depth() of them, delivered in order.
class FeedReader::Workers {
 public:
  Workers(const FeedPlan& plan, const ReadOptions& options, Pool& pool)
      : plan_(plan), options_(options), pool_(pool), end_(plan.total_events()) {
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

  std::shared_ptr<const FeedBatch> take() {
    std::unique_lock lock(mutex_);
    while (!finished_ && next_to_take_ < window_end_) {
      auto& slot = made_[next_to_take_ % made_.size()];
      ready_.wait(lock, [&] { return slot != nullptr || failure_; });
      if (failure_) std::rethrow_exception(failure_);
      const std::shared_ptr<FeedBatch> batch = std::exchange(slot, nullptr);
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
  Pool& pool_;
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

FeedReader::FeedReader(std::shared_ptr<const FeedPlan> plan, const ReadOptions& options)
    : plan_(std::move(plan)),
      pool_(std::make_shared<Pool>()),
      workers_(std::make_unique<Workers>(*plan_, options, *pool_)) {}

FeedReader::~FeedReader() = default;

std::shared_ptr<const FeedBatch> FeedReader::next() { return workers_->take(); }

}  // namespace stack::market
