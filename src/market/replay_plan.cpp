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

const ShapedSession* SymbolPlan::shape_of(std::size_t session) const {
  const auto found = std::partition_point(shaped.begin(), shaped.end(),
                                          [&](const ShapedSession& each) { return each.session() < session; });
  return found == shaped.end() || found->session() != session ? nullptr : &*found;
}

Result<std::unique_ptr<ReplayPlan>> ReplayPlan::make(const Selection& selection,
                                                     const std::vector<const Exchange*>& exchanges,
                                                     const FeedOptions& options, const std::vector<PriceGrid>* grids) {
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
    if (grids != nullptr) {
      symbol.grid = (*grids)[s];
    } else {
      STACK_TRY_ASSIGN(grid, PriceGrid::infer(*symbol.series, tick_size_of(symbol.series->symbol, options.tick_sizes)));
      symbol.grid = grid;
    }
    symbol.hash = symbol_hash(symbol.series->symbol);
    plan->symbols_.push_back(std::move(symbol));
  }
  STACK_TRY_ASSIGN(shape, plan->shape_of_feed(options.shaper.get()));
  const auto motion = std::make_unique<BlockMotion>();
  for (std::size_t s = 0; s < plan->symbols_.size(); ++s) {
    SymbolPlan& symbol = plan->symbols_[s];
    std::vector<std::uint32_t> ticks;
    ticks.reserve(symbol.bars.size());
    for (const Bar& bar : symbol.bars) ticks.push_back(ticks_of(bar, options));
    if (!shape.symbols.empty()) STACK_TRY(plan->shape_sessions(symbol, shape.symbols[s].sessions, ticks, *motion));
    plan->number_ticks(symbol, ticks);
  }
  if (plan->total_ticks_ == 0) return fail(ErrorKind::usage, "--scenario: its outages leave no event of the feed");
  if (!shape.faults.empty()) plan->plan_faults(std::move(shape.faults), *motion);
  Cutter(*plan, options.events_per_session).cut();
  return plan;
}

// Asks SHAPER, if there is one, and puts its bars in place of the selection's.
Result<FeedShape> ReplayPlan::shape_of_feed(const FeedShaper* shaper) {
  if (shaper == nullptr) return FeedShape{};
  std::vector<FeedSymbol> symbols;
  symbols.reserve(symbols_.size());
  for (const SymbolPlan& symbol : symbols_)
    symbols.push_back({symbol.series->symbol, symbol.bars, &symbol.grid, symbol.calendar.get()});
  STACK_TRY_ASSIGN(shape, shaper->shape(symbols));
  for (std::size_t s = 0; s < symbols_.size(); ++s) {
    if (shape.symbols[s].bars.empty()) continue;
    symbols_[s].shaped_bars = std::move(shape.symbols[s].bars);
    symbols_[s].bars = symbols_[s].shaped_bars;
  }
  return shape;
}

Result<void> ReplayPlan::shape_sessions(SymbolPlan& symbol, const std::vector<SessionShape>& shapes,
                                        const std::vector<std::uint32_t>& ticks, BlockMotion& motion) {
  symbol.shaped.reserve(shapes.size());
  for (const SessionShape& shape : shapes) {
    const SessionSpec spec = unshaped_spec(symbol, shape.session, ticks[shape.session]);
    const ShapedSession& shaped = symbol.shaped.emplace_back(shape, spec, motion);
    if (!SessionClock::leave_room(spec.window, shaped.pauses(), spec.ticks))
      return fail(
          ErrorKind::usage,
          fmt::format("--scenario: {} halts of {} on {} leave no room for {} events; shorten them or take fewer",
                      shaped.pauses().size(), symbol.series->symbol, format_date(symbol.bars[shape.session].date()),
                      spec.ticks));
  }
  return {};
}

void ReplayPlan::number_ticks(SymbolPlan& symbol, const std::vector<std::uint32_t>& ticks) {
  symbol.first_seq.reserve(ticks.size() + 1);
  symbol.first_seq.push_back(0);
  for (const std::uint32_t count : ticks) symbol.first_seq.push_back(symbol.first_seq.back() + count);
  std::uint64_t dropped = 0;
  std::size_t next = 0;  // session whose own and later numbers come down by what was dropped before
  for (const ShapedSession& shaped : symbol.shaped) {
    const std::uint32_t gone = shaped.ticks() - shaped.made_before(shaped.ticks());
    if (gone == 0) continue;
    for (; next <= shaped.session(); ++next) symbol.first_seq[next] -= dropped;
    dropped += gone;
  }
  for (; next < symbol.first_seq.size(); ++next) symbol.first_seq[next] -= dropped;
  total_ticks_ += symbol.first_seq.back();
  dropped_ticks_ += dropped;
}

void ReplayPlan::plan_faults(std::vector<Fault> faults, BlockMotion& motion) {
  std::vector<std::vector<FaultPlan::Interval>> intervals(symbols_.size());
  for (std::uint32_t f = 0; f < faults.size(); ++f) {
    for (const FaultSpan& at : faults[f].spans) {
      const SymbolPlan& symbol = symbols_[at.symbol];
      const SessionWindow window = symbol.calendar->window(symbol.bars[at.session].day);
      const TimeSpan span{std::max(at.span.begin, window.open), std::min(at.span.end, window.close)};
      fault_time_.begin = std::min(fault_time_.begin, span.begin);
      fault_time_.end =
          std::max({fault_time_.end, span.end, faults[f].kind == FaultKind::hold ? at.span.end : span.end});
      const FaultPlan::Interval interval{seq_at(symbol, at.session, span.begin, motion),
                                         seq_at(symbol, at.session, span.end, motion), f, at.span.end};
      auto& list = intervals[at.symbol];
      const bool goes_on = !list.empty() && list.back().fault == f && list.back().end_seq == interval.first_seq &&
                           (faults[f].kind != FaultKind::hold || list.back().release == interval.release);
      if (goes_on)
        list.back().end_seq = interval.end_seq;
      else if (interval.first_seq < interval.end_seq)
        list.push_back(interval);
    }
  }
  std::vector<std::uint64_t> hashes;
  hashes.reserve(symbols_.size());
  for (const SymbolPlan& symbol : symbols_) hashes.push_back(symbol.hash);
  faults_ = std::make_unique<const FaultPlan>(std::move(faults), seed_, hashes, intervals);
  fault_time_.end += faults_->longest_delay();
}

SessionSpec ReplayPlan::unshaped_spec(const SymbolPlan& symbol, std::size_t session, std::uint32_t ticks) const {
  const Bar& bar = symbol.bars[session];
  SessionSpec spec;
  spec.bar = &bar;
  spec.grid = &symbol.grid;
  spec.window = symbol.calendar->window(bar.day);
  spec.key = session_key(seed_, symbol.hash, bar.day);
  spec.ticks = ticks;
  spec.arrivals = arrivals_;
  spec.quotes = quotes_;
  return spec;
}

SessionSpec ReplayPlan::spec(const SymbolPlan& symbol, std::size_t session) const {
  const auto made = static_cast<std::uint32_t>(symbol.first_seq[session + 1] - symbol.first_seq[session]);
  const ShapedSession* shape = symbol.shape_of(session);
  SessionSpec spec = unshaped_spec(symbol, session, shape == nullptr ? made : shape->ticks());
  if (shape != nullptr) spec.pauses = shape->pauses();
  return spec;
}

std::uint64_t ReplayPlan::seq_at(const SymbolPlan& symbol, std::size_t session, std::int64_t time,
                                 BlockMotion& motion) const {
  const std::uint32_t ticks = SessionPath::ticks_before(spec(symbol, session), time, motion);
  const ShapedSession* shape = symbol.shape_of(session);
  return symbol.first_seq[session] + (shape == nullptr ? ticks : shape->made_before(ticks));
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
    position += session < symbol.bars.size() ? seq_at(symbol, session, time, motion) : symbol.first_seq[session];
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
