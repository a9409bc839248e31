// The Kafka times of a range's records, as runs of records of about the same time: what tells, when the range lands,
// how old its records are. Bounded: with many different times the runs grow wider, each told by its oldest record.
// Thread-safety: as a value. Never fails.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace stack::lake {

class RecordTimes {
 public:
  struct Run {
    std::int64_t oldest_ms = 0;  // since 1970
    std::uint64_t records = 0;
  };

  // TIME_MS: since 1970; a negative one (the record has none) is left out.
  void add(std::int64_t time_ms) {
    if (time_ms < 0) return;
    if (runs_.empty() || time_ms < runs_.back().oldest_ms || time_ms - runs_.back().oldest_ms >= width_ms_) {
      if (runs_.size() == kMostRuns) widen();
      runs_.push_back({time_ms, 0});
    }
    ++runs_.back().records;
  }
  [[nodiscard]] std::span<const Run> runs() const { return runs_; }

 private:
  static constexpr std::size_t kMostRuns = 2048;

  void widen() {
    width_ms_ *= 2;
    for (std::size_t i = 0; i < kMostRuns / 2; ++i) {
      const Run& one = runs_[2 * i];
      const Run& next = runs_[2 * i + 1];
      runs_[i] = {std::min(one.oldest_ms, next.oldest_ms), one.records + next.records};
    }
    runs_.resize(kMostRuns / 2);
  }

  std::int64_t width_ms_ = 8;
  std::vector<Run> runs_;
};

}  // namespace stack::lake
