#include "market/replay_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <queue>

namespace stack::market {
namespace {

constexpr std::uint64_t kGoodWindow = 16'384;  // ticks from which a window may end at an hour without trade
constexpr std::uint64_t kFullWindow = 32'768;  // and from which it ends anywhere
constexpr std::uint64_t kLargestWindow = 262'144;
constexpr std::int64_t kLongestWindow = std::int64_t{1000} * 86400 * 1'000'000;

std::optional<Decimal> tick_size_of(const std::string& symbol, const std::vector<TickSize>& sizes) {
  std::optional<Decimal> size;
  for (const TickSize& entry : sizes)
    if (entry.symbol == symbol || (entry.symbol.empty() && !size)) size = entry.size;
  return size;
}

std::uint32_t ticks_of(const Bar& bar, const FeedOptions& options) {
  const bool quiet = bar.is_flat() && bar.volume == 0;
  return quiet && options.flat == FlatPolicy::one ? 1 : options.events_per_session;
}

}  // namespace

// Walks all sessions in order of their opening and closes a segment where it is full.
class ReplayPlan::Cutter {
 public:
  explicit Cutter(ReplayPlan& plan, std::uint32_t ticks_per_session)
      : plan_(plan),
        full_(std::clamp(plan.symbols_.size() * std::min<std::uint64_t>(ticks_per_session, kBlockTicks), kFullWindow,
                         kLargestWindow)) {}

  void cut() {
    const auto later = [](const Next& a, const Next& b) { return a.open > b.open; };
    std::priority_queue<Next, std::vector<Next>, decltype(later)> next(later);
    for (std::size_t s = 0; s < plan_.symbols_.size(); ++s) push(next, s, 0);
    while (!next.empty()) {
      const Next session = next.top();
      next.pop();
      add(session);
      push(next, session.symbol, session.index + 1);
    }
    close_segment(last_close_, last_close_);
  }

 private:
  struct Next {
    std::int64_t open;
    std::int64_t close;
    std::size_t symbol;
    std::size_t index;
  };
  struct Active {
    std::int64_t open;
    std::int64_t close;
    double ticks;
  };

  template <class Queue>
  void push(Queue& queue, std::size_t symbol, std::size_t index) const {
    const SymbolPlan& plan = plan_.symbols_[symbol];
    if (index >= plan.bars.size()) return;
    const SessionWindow window = plan.calendar->window(plan.bars[index].day);
    queue.push({window.open, window.close, symbol, index});
  }

  void add(const Next& session) {
    const SymbolPlan& symbol = plan_.symbols_[session.symbol];
    if (active_.empty() && opened_ == 0) begin_ = session.open;
    const bool quiet = session.open >= last_close_;
    const bool full = opened_ >= full_ || session.open - begin_ > kLongestWindow;
    if (opened_ > 0 && session.open > begin_ && (full || (quiet && opened_ >= kGoodWindow)))
      close_segment(std::min(session.open, last_close_), session.open);
    const std::uint64_t ticks = symbol.first_seq[session.index + 1] - symbol.first_seq[session.index];
    opened_ += ticks;
    last_close_ = std::max(last_close_, session.close);
    active_.push_back({session.open, session.close, static_cast<double>(ticks)});
  }

  // Ends the segment at END; the next one begins at NEXT.
  void close_segment(std::int64_t end, std::int64_t next) {
    double ticks = 0.0;
    for (const Active& session : active_) {
      const auto overlap = static_cast<double>(std::min(session.close, end) - std::max(session.open, begin_));
      ticks += session.ticks * overlap / static_cast<double>(session.close - session.open);
    }
    const auto parts = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(ticks / static_cast<double>(full_) + 0.7));
    plan_.segments_.push_back({begin_, end, parts, plan_.window_count_});
    plan_.window_count_ += parts;
    std::erase_if(active_, [&](const Active& session) { return session.close <= next; });
    begin_ = next;
    opened_ = 0;
  }

  ReplayPlan& plan_;
  std::uint64_t full_;
  std::int64_t begin_ = 0;
  std::int64_t last_close_ = INT64_MIN;
  std::uint64_t opened_ = 0;  // ticks of sessions that opened in this segment
  std::vector<Active> active_;
};

Result<std::unique_ptr<ReplayPlan>> ReplayPlan::make(const Selection& selection,
                                                     const std::vector<const Exchange*>& exchanges,
                                                     const FeedOptions& options) {
  std::unique_ptr<ReplayPlan> plan(new ReplayPlan);
  plan->seed_ = options.seed;
  plan->arrivals_ = options.arrivals;
  plan->quotes_ = options.quotes;
  std::map<const Exchange*, std::shared_ptr<const SessionCalendar>> calendars;
  for (std::size_t s = 0; s < selection.slices.size(); ++s) {
    SymbolPlan symbol;
    symbol.series = selection.slices[s].series;
    symbol.bars = selection.slices[s].bars;
    symbol.exchange = exchanges[s];
    auto& calendar = calendars[symbol.exchange];
    if (!calendar) {
      STACK_TRY_ASSIGN(made, SessionCalendar::make(*symbol.exchange, selection.first, selection.last));
      calendar = std::make_shared<const SessionCalendar>(std::move(made));
    }
    symbol.calendar = calendar;
    STACK_TRY_ASSIGN(grid, PriceGrid::infer(*symbol.series, tick_size_of(symbol.series->symbol, options.tick_sizes)));
    symbol.grid = grid;
    symbol.hash = symbol_hash(symbol.series->symbol);
    symbol.first_seq.reserve(symbol.bars.size() + 1);
    symbol.first_seq.push_back(0);
    for (const Bar& bar : symbol.bars) symbol.first_seq.push_back(symbol.first_seq.back() + ticks_of(bar, options));
    plan->total_ticks_ += symbol.first_seq.back();
    plan->symbols_.push_back(std::move(symbol));
  }
  Cutter(*plan, options.events_per_session).cut();
  return plan;
}

SessionSpec ReplayPlan::spec(const SymbolPlan& symbol, std::size_t session) const {
  const Bar& bar = symbol.bars[session];
  SessionSpec spec;
  spec.bar = &bar;
  spec.grid = &symbol.grid;
  spec.window = symbol.calendar->window(bar.day);
  spec.key = session_key(seed_, symbol.hash, bar.day);
  spec.ticks = static_cast<std::uint32_t>(symbol.first_seq[session + 1] - symbol.first_seq[session]);
  spec.arrivals = arrivals_;
  spec.quotes = quotes_;
  return spec;
}

std::size_t ReplayPlan::first_session_after(const SymbolPlan& symbol, std::int64_t time) const {
  const auto found = std::partition_point(symbol.bars.begin(), symbol.bars.end(), [&](const Bar& bar) {
    return symbol.calendar->window(bar.day).close <= time;
  });
  return static_cast<std::size_t>(found - symbol.bars.begin());
}

ReplayPlan::Window ReplayPlan::window(std::uint64_t index) const {
  const auto after = std::upper_bound(segments_.begin(), segments_.end(), index,
                                      [](std::uint64_t i, const Segment& segment) { return i < segment.first_window; });
  const Segment& segment = *(after - 1);
  const auto edge = [&](std::uint64_t part) {
    const double share = static_cast<double>(part) / static_cast<double>(segment.parts);
    return part == segment.parts
               ? segment.end
               : segment.begin + static_cast<std::int64_t>(share * static_cast<double>(segment.end - segment.begin));
  };
  const std::uint64_t part = index - segment.first_window;
  return {edge(part), edge(part + 1)};
}

std::uint64_t ReplayPlan::position_of(std::int64_t time, BlockMotion& motion) const {
  std::uint64_t position = 0;
  for (const SymbolPlan& symbol : symbols_) {
    const std::size_t session = first_session_after(symbol, time);
    position += symbol.first_seq[session];
    if (session < symbol.bars.size()) position += SessionPath::ticks_before(spec(symbol, session), time, motion);
  }
  return position;
}

std::uint64_t ReplayPlan::window_of(std::uint64_t position) const {
  const auto motion = std::make_unique<BlockMotion>();
  std::uint64_t low = 0;
  for (std::uint64_t high = window_count_; high - low > 1;) {
    const std::uint64_t middle = low + (high - low) / 2;
    (position_of(window(middle).begin, *motion) <= position ? low : high) = middle;
  }
  return low;
}

}  // namespace stack::market
