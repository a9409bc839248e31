#include "lake/block_pool.hpp"

namespace stack::lake {
namespace {
constexpr std::size_t kMostKept = 32;
}

Block BlockPool::take(std::size_t capacity) {
  {
    const std::scoped_lock lock(mutex_);
    in_use_ += capacity;
    if (capacity == kUsual && !kept_.empty()) {
      Block block = std::move(kept_.back());
      kept_.pop_back();
      return block;
    }
  }
  return Block(capacity);
}

void BlockPool::give_back(Block block) {
  if (block.capacity() == 0) return;
  {
    const std::scoped_lock lock(mutex_);
    in_use_ -= block.capacity();
    if (block.capacity() == kUsual && kept_.size() < kMostKept) {
      block.clear();
      kept_.push_back(std::move(block));
    }
  }
  freed_.notify_all();
}

std::uint64_t BlockPool::in_use() const {
  const std::scoped_lock lock(mutex_);
  return in_use_;
}

bool BlockPool::wait_below(std::uint64_t bytes, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return freed_.wait_for(lock, timeout, [&] { return in_use_ <= bytes; });
}

}  // namespace stack::lake
