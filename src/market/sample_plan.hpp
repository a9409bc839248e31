// Random rows of the data set, with replacement, each as it stands: a feed without an end of its own.
// Thread-safety: immutable once made. Never fails.
#pragma once

#include <cstdint>
#include <vector>

#include "market/feed.hpp"
#include "market/feed_batch.hpp"
#include "market/row_encoder.hpp"
#include "market/selection.hpp"

namespace stack::market {

inline constexpr std::uint64_t kSampleWindow = 1024;  // rows a batch

class SamplePlan {
 public:
  SamplePlan(const Selection& selection, std::uint64_t seed);

  // The events of window INDEX (kSampleWindow of them) with FIRST <= position < END, into BATCH.
  void make(std::uint64_t index, std::uint64_t first, std::uint64_t end, Encoding encoding, FeedBatch& batch) const;
  [[nodiscard]] double average_row(Encoding encoding) const;  // bytes of a line

 private:
  struct Row {
    std::uint16_t symbol;
    const Bar* bar;
  };
  [[nodiscard]] Row row_at(std::uint64_t position) const;
  void append(const Bar& bar, Encoding encoding, std::string& out) const;

  const Selection& selection_;
  std::uint64_t key_;
  std::vector<std::uint64_t> rows_before_;  // of each slice; one more: all
  RowEncoder encoder_;
};

}  // namespace stack::market
