// Batches that are not in use. A batch comes back when its last holder lets it go, even after the reader is gone.
// Thread-safety: any thread. Never fails.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "market/feed_batch.hpp"

namespace stack::market {

class BatchPool : public std::enable_shared_from_this<BatchPool> {
 public:
  [[nodiscard]] std::shared_ptr<FeedBatch> take() {
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

}  // namespace stack::market
