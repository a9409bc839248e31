// Makes one window of a replayed feed: ticks of all its sessions, merged by time and symbol, encoded.
// Thread-safety: each thread has its own; the plan is shared. Never fails.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "market/feed.hpp"
#include "market/feed_batch.hpp"
#include "market/line_encoder.hpp"
#include "market/replay_plan.hpp"

namespace stack::market {

class WindowMaker {
 public:
  WindowMaker(const ReplayPlan& plan, Encoding encoding);

  // What of a feed's pass is wanted: events with FIRST <= position < END, positions counted from the pass' own start.
  struct Part {
    std::uint64_t pass = 0;
    std::uint64_t first = 0;
    std::uint64_t end = 0;
  };
  // The events of window INDEX that PART wants, into BATCH (what it held is lost).
  void make(std::uint64_t index, const Part& part, FeedBatch& batch);

 private:
  // Ticks of one session in the columns.
  struct Run {
    std::size_t session = 0;
    std::size_t end = 0;  // column index
    int price_scale = 0;
  };
  // A symbol that has ticks in this window.
  struct Lane {
    std::size_t symbol = 0;
    std::size_t at = 0;  // column index of its next tick
    std::size_t end = 0;
    std::uint64_t seq = 0;
    std::uint64_t seq_of_pass = 0;  // the first one of the pass
    std::size_t next_run = 0;
    std::size_t run_end = 0;
    int price_scale = 0;
    std::string prefix;  // padded to kPrefixCopy
    std::size_t prefix_length = 0;
  };

  std::uint64_t make_lanes(const ReplayPlan::Window& window);
  void make_lane(std::size_t symbol, const ReplayPlan::Window& window, std::uint64_t pass);
  void merge();
  void start_run(Lane& lane);
  template <Encoding encoding, bool quotes>
  void encode(std::size_t skip, std::size_t count, std::int64_t base, FeedBatch& batch);

  const ReplayPlan& plan_;
  Encoding encoding_;
  std::unique_ptr<BlockMotion> motion_;
  std::vector<SessionPath> paths_;  // a symbol's session as last prepared: a long one spans many windows
  TickColumns columns_;
  std::size_t column_end_ = 0;
  std::vector<Run> runs_;
  std::vector<Lane> lanes_;
  std::size_t lane_count_ = 0;
  std::vector<std::uint64_t> keys_;  // (time - window begin) << 16 | lane
  std::vector<std::uint64_t> merged_;
  std::vector<std::size_t> bounds_;
};

}  // namespace stack::market
