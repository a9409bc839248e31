// The sink's memory: buffers for records on their way into files, counted against one budget. Asking never fails; who
// asks looks at in_use() and holds back when it is over the limit.
// Thread-safety: BlockPool may be used from any thread; a Block has one owner.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace stack::lake {

// A buffer with room for capacity() bytes.
class Block {
 public:
  Block() = default;
  explicit Block(std::size_t capacity) : data_(new char[capacity]), capacity_(capacity) {}
  Block(Block&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Block& operator=(Block&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }
  ~Block() = default;

  [[nodiscard]] std::string_view bytes() const { return {data_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t room() const { return capacity_ - size_; }
  // Precondition: LINE.size() < room(). Adds LINE and a line break.
  void add_line(std::string_view line) {
    std::memcpy(data_.get() + size_, line.data(), line.size());
    size_ += line.size();
    data_[size_++] = '\n';
  }
  // Precondition: BYTES.size() <= room().
  void add(std::string_view bytes) {
    if (bytes.empty()) return;  // an empty view may have no address
    std::memcpy(data_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void clear() { size_ = 0; }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

class BlockPool {
 public:
  static constexpr std::size_t kSmallest = 256;
  static constexpr std::size_t kUsual = 256U << 10;  // of a file that fills; kept for the next

  explicit BlockPool(std::uint64_t limit) : limit_(limit) {}
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  [[nodiscard]] Block take(std::size_t capacity);
  void give_back(Block block);

  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t in_use() const;
  // Waits until in_use() is at most BYTES, TIMEOUT at the longest; whether it is.
  bool wait_below(std::uint64_t bytes, std::chrono::milliseconds timeout);

 private:
  const std::uint64_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::uint64_t in_use_ = 0;  // guarded by mutex_, as is kept_
  std::vector<Block> kept_;
};

}  // namespace stack::lake
