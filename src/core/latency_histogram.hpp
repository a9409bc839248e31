// How long things took, counted in buckets whose width is at most an eighth of their lower bound.
// Thread-safety: all members may be called from any thread; a reader sees each record() sooner or later, and the
// figures of one moment need not agree with each other to the last count.
// Never fails; allocates nothing. What is below 1 us counts as 1 us, what is above an hour or so as the last bucket.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace stack {

class LatencyHistogram {
 public:
  using Duration = std::chrono::microseconds;

  // TIMES: how many things took that long.
  void record(Duration took, std::uint64_t times = 1) noexcept {
    const std::uint64_t micros = took.count() < 1 ? 1 : static_cast<std::uint64_t>(took.count());
    buckets_[bucket_of(micros)].fetch_add(times, std::memory_order_relaxed);
    sum_.fetch_add(micros * times, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t count() const noexcept {
    std::uint64_t all = 0;
    for (const auto& bucket : buckets_) all += bucket.load(std::memory_order_relaxed);
    return all;
  }
  [[nodiscard]] double sum_seconds() const noexcept {
    return static_cast<double>(sum_.load(std::memory_order_relaxed)) / 1e6;
  }
  // How many took BOUND or less, to within the width of a bucket.
  [[nodiscard]] std::uint64_t count_up_to(Duration bound) const noexcept {
    std::uint64_t within = 0;
    for (std::size_t i = 0; i < kBuckets && upper_bound(i) <= bound; ++i)
      within += buckets_[i].load(std::memory_order_relaxed);
    return within;
  }
  // SHARE in [0, 1]: an upper bound of the time within which so many of all were done; zero when there are none.
  [[nodiscard]] Duration quantile(double share) const noexcept {
    const auto wanted = share * static_cast<double>(count());
    std::uint64_t within = 0;
    Duration last{0};
    for (std::size_t i = 0; i < kBuckets; ++i) {
      const auto here = buckets_[i].load(std::memory_order_relaxed);
      if (here == 0) continue;
      within += here;
      last = upper_bound(i);
      if (static_cast<double>(within) >= wanted) return last;
    }
    return last;
  }

 private:
  static constexpr unsigned kBitsWithin = 3;  // eight buckets between one power of two and the next
  static constexpr std::size_t kBuckets = 256;

  [[nodiscard]] static constexpr std::size_t bucket_of(std::uint64_t micros) noexcept {
    constexpr std::uint64_t kExact = 1U << kBitsWithin;
    if (micros < kExact) return static_cast<std::size_t>(micros);
    const auto octave = static_cast<unsigned>(std::bit_width(micros)) - 1 - kBitsWithin;
    const auto index = (static_cast<std::uint64_t>(octave) << kBitsWithin) + (micros >> octave);
    return index < kBuckets ? static_cast<std::size_t>(index) : kBuckets - 1;
  }
  // The longest time that falls into bucket INDEX.
  [[nodiscard]] static constexpr Duration upper_bound(std::size_t index) noexcept {
    constexpr std::size_t kExact = std::size_t{1} << kBitsWithin;
    if (index < kExact) return Duration{static_cast<std::int64_t>(index)};
    const std::size_t octave = (index >> kBitsWithin) - 1;
    const std::size_t mantissa = kExact + (index & (kExact - 1));
    return Duration{static_cast<std::int64_t>(((mantissa + 1) << octave) - 1)};
  }

  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<std::uint64_t> sum_{0};  // microseconds
};

}  // namespace stack
