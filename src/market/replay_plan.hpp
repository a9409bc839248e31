// The sessions of a replayed feed, and where in the feed any instant or any position lies.
// The feed is cut into windows of time that are made independently of each other: at hours when no exchange is open
// where that gives windows of a good size, anywhere else where it does not.
// Thread-safety: immutable once made. Failure: as FeedPlan::make says.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/result.hpp"
#include "market/exchange.hpp"
#include "market/fault_plan.hpp"
#include "market/feed_options.hpp"
#include "market/price_grid.hpp"
#include "market/selection.hpp"
#include "market/session_path.hpp"
#include "market/session_shape.hpp"

namespace stack::market {

// One symbol's sessions.
struct SymbolPlan {
  const Series* series = nullptr;
  std::span<const Bar> bars;     // the series' own, or shaped_bars
  std::vector<Bar> shaped_bars;  // where a scenario changes them
  const Exchange* exchange = nullptr;
  std::shared_ptr<const SessionCalendar> calendar;
  PriceGrid grid;
  std::uint64_t hash = 0;
  std::vector<std::uint64_t> first_seq;  // of each session; one more: all of the symbol's ticks
  std::vector<ShapedSession> shaped;     // the sessions in which a scenario has something happen, in order

  // What happens in SESSION; null: nothing.
  [[nodiscard]] const ShapedSession* shape_of(std::size_t session) const;
};

class ReplayPlan {
 public:
  // EXCHANGES: one a slice of SELECTION; so are GRIDS, unless they are to be inferred from the bars (nullptr).
  [[nodiscard]] static Result<std::unique_ptr<ReplayPlan>> make(const Selection& selection,
                                                                const std::vector<const Exchange*>& exchanges,
                                                                const FeedOptions& options,
                                                                const std::vector<PriceGrid>* grids = nullptr);

  [[nodiscard]] const std::vector<SymbolPlan>& symbols() const { return symbols_; }  // in order of name
  [[nodiscard]] bool quotes() const { return quotes_; }                              // ticks have a bid and an ask
  [[nodiscard]] std::uint64_t total_ticks() const { return total_ticks_; }
  // The faults that events meet on their way; null: none.
  [[nodiscard]] const FaultPlan* faults() const { return faults_.get(); }
  // How many ticks of all symbols a scenario leaves out.
  [[nodiscard]] std::uint64_t dropped_ticks() const { return dropped_ticks_; }
  // The part of time in which faults are met; begin > end: none.
  [[nodiscard]] const TimeSpan& fault_time() const { return fault_time_; }
  // Its ticks are those that the path makes, before any are left out.
  [[nodiscard]] SessionSpec spec(const SymbolPlan& symbol, std::size_t session) const;
  // The first session of SYMBOL that closes after TIME; their number when none does.
  [[nodiscard]] std::size_t first_session_after(const SymbolPlan& symbol, std::int64_t time) const;

  struct Window {
    std::int64_t begin = 0;  // UTC microseconds: begin <= time < end
    std::int64_t end = 0;
  };
  [[nodiscard]] std::uint64_t window_count() const { return window_count_; }
  [[nodiscard]] Window window(std::uint64_t index) const;
  // How many ticks of all symbols lie before TIME.
  [[nodiscard]] std::uint64_t position_of(std::int64_t time, BlockMotion& motion) const;
  // The last window that begins at or before the tick at POSITION.
  [[nodiscard]] std::uint64_t window_of(std::uint64_t position) const;

 private:
  struct Segment {  // cut into equal parts of time, each a window
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::uint64_t parts = 1;
    std::uint64_t first_window = 0;
  };
  class Cutter;

  [[nodiscard]] Result<FeedShape> shape_of_feed(const FeedShaper* shaper);
  // TICKS: of each session's path.
  [[nodiscard]] Result<void> shape_sessions(SymbolPlan& symbol, const std::vector<SessionShape>& shapes,
                                            const std::vector<std::uint32_t>& ticks, BlockMotion& motion);
  void number_ticks(SymbolPlan& symbol, const std::vector<std::uint32_t>& ticks);
  void plan_faults(std::vector<Fault> faults, BlockMotion& motion);
  [[nodiscard]] SessionSpec unshaped_spec(const SymbolPlan& symbol, std::size_t session, std::uint32_t ticks) const;
  // How many of SYMBOL's ticks before TIME, which lies in SESSION, are made.
  [[nodiscard]] std::uint64_t seq_at(const SymbolPlan& symbol, std::size_t session, std::int64_t time,
                                     BlockMotion& motion) const;

  std::uint64_t seed_ = 0;
  Arrivals arrivals_ = Arrivals::poisson;
  bool quotes_ = false;
  std::vector<SymbolPlan> symbols_;
  std::vector<Segment> segments_;
  std::uint64_t window_count_ = 0;
  std::uint64_t total_ticks_ = 0;
  std::uint64_t dropped_ticks_ = 0;
  std::unique_ptr<const FaultPlan> faults_;
  TimeSpan fault_time_{INT64_MAX, INT64_MIN};
};

}  // namespace stack::market
