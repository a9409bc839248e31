#include "publish/open_hours.hpp"

#include <algorithm>

#include "market/replay_plan.hpp"

namespace stack::publish {

OpenHours OpenHours::of(const market::FeedPlan& plan) {
  std::vector<Interval> sessions;
  for (const auto& symbol : plan.replay()->symbols()) {
    for (const auto& bar : symbol.bars) {
      const auto window = symbol.calendar->window(bar.day);
      if (window.break_begin == window.break_end) {
        sessions.push_back({window.open, window.close, 0});
      } else {
        sessions.push_back({window.open, window.break_begin, 0});
        sessions.push_back({window.break_end, window.close, 0});
      }
    }
  }
  std::ranges::sort(sessions, {}, &Interval::open);
  OpenHours hours;
  for (const auto& session : sessions) {
    if (!hours.intervals_.empty() && session.open <= hours.intervals_.back().close) {
      hours.intervals_.back().close = std::max(hours.intervals_.back().close, session.close);
    } else {
      hours.intervals_.push_back(session);
    }
  }
  std::int64_t before = 0;
  for (auto& interval : hours.intervals_) {
    interval.before = before;
    before += interval.close - interval.open;
  }
  return hours;
}

std::int64_t OpenHours::before(std::int64_t micros) const {
  const auto after = std::ranges::upper_bound(intervals_, micros, {}, &Interval::open);
  if (after == intervals_.begin()) return 0;
  const auto& interval = *std::prev(after);
  return interval.before + std::min(micros, interval.close) - interval.open;
}

std::int64_t OpenHours::total() const {
  return intervals_.empty() ? 0 : intervals_.back().before + intervals_.back().close - intervals_.back().open;
}

std::int64_t OpenHours::span() const {
  return intervals_.empty() ? 0 : intervals_.back().close - intervals_.front().open;
}

}  // namespace stack::publish
