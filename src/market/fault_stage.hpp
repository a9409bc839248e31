// The way from the exchange to the reader, with its faults: takes a feed's batches in order and gives them out in the
// order in which events are published, late ones later, copies behind their originals, damaged ones damaged.
// What meets no fault passes through untouched. Held back are only events that are under way.
// Thread-safety: one thread at a time. Never fails.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "market/batch_pool.hpp"
#include "market/fault_plan.hpp"
#include "market/feed.hpp"

namespace stack::market {

class FaultStage {
 public:
  using Source = std::function<std::shared_ptr<FeedBatch>()>;  // the next batch; nullptr at the end

  // Of the feed as it is published.
  struct Positions {
    std::uint64_t first = 0;  // of SOURCE's first event
    std::uint64_t end = 0;    // where to stop
  };
  FaultStage(const FaultPlan& plan, Encoding encoding, Source source, BatchPool& pool, Positions positions);

  // The next events as they are published; nullptr at the end.
  [[nodiscard]] std::shared_ptr<FeedBatch> next();
  // What the batches given out so far hold, and what is under way behind them.
  [[nodiscard]] const FaultCounts& counts() const { return counts_; }

 private:
  // An event that is published later.
  struct Held {
    std::string line;  // with its line end
    std::uint16_t symbol = 0;
    std::int64_t event_time = 0;
    bool late = false, held = false, malformed = false, copy = false;
  };
  struct Due {
    std::int64_t publish = 0;
    std::uint64_t order = 0;
    std::size_t slot = 0;
    friend bool operator>(const Due& a, const Due& b) {
      return a.publish != b.publish ? a.publish > b.publish : a.order > b.order;
    }
  };

  [[nodiscard]] const FaultPlan::Segment& segment_of(const FeedBatch& batch, std::size_t i);
  [[nodiscard]] bool is_untouched(const FeedBatch& batch) const;
  [[nodiscard]] std::size_t slot();
  void hold(const FeedBatch& batch, std::size_t i, std::int64_t publish, bool copy);
  void put_run(const FeedBatch& batch, std::size_t begin, std::size_t end, FeedBatch& out) const;
  void put_due(FeedBatch& out);
  void put_line(std::string_view line, std::uint16_t symbol, std::int64_t event_time, std::int64_t publish,
                FeedBatch& out) const;
  void fill(FeedBatch& out);
  // Whether OUT may take one more event beside the PENDING ones that it will.
  [[nodiscard]] bool has_room(const FeedBatch& out, std::size_t pending) const;

  const FaultPlan& plan_;
  Encoding encoding_;
  Source source_;
  BatchPool& pool_;
  std::uint64_t position_;
  std::uint64_t end_;
  FaultCounts counts_;
  std::shared_ptr<FeedBatch> input_;
  std::size_t at_ = 0;                // of input_'s events, the next one
  std::size_t next_touched_ = 0;      // of those that meet a fault
  bool ended_ = false;                // the source has
  std::vector<std::size_t> cursors_;  // each symbol's segment
  std::vector<Held> slots_;           // their strings are used again
  std::vector<std::size_t> free_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::uint64_t order_ = 0;
  EventFate fate_;
  std::vector<char> damaged_;
};

}  // namespace stack::market
