#include "market/session_clock.hpp"

#include <algorithm>

namespace stack::market {
namespace {

constexpr std::size_t kCells = 256;
using Knots = std::array<double, kCells + 2>;  // one more at the end: a position may round up to the session's end

// The trading time at which BUSINESS has passed, by bisection: rounding fixes every bit of it.
double trading_share(double business) {
  double low = 0.0;
  double high = 1.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (business_time(middle) < business ? low : high) = middle;
  }
  return high;
}

const Knots& even_knots() {
  static const Knots knots = [] {
    Knots even{};
    for (std::size_t i = 0; i < even.size(); ++i) even[i] = std::min(1.0, static_cast<double>(i) / kCells);
    return even;
  }();
  return knots;
}

const Knots& u_shaped_knots() {
  static const Knots knots = [] {
    Knots u{};
    for (std::size_t i = 1; i < kCells; ++i) u[i] = trading_share(static_cast<double>(i) / kCells);
    u[kCells] = u[kCells + 1] = 1.0;
    return u;
  }();
  return knots;
}

}  // namespace

SessionClock::SessionClock(const SessionWindow& window, std::span<const Pause> pauses, Arrivals arrivals,
                           std::uint32_t ticks)
    : open_(window.open),
      knots_(arrivals == Arrivals::uniform ? even_knots().data() : u_shaped_knots().data()),
      cells_per_tick_(static_cast<double>(kCells) / ticks) {
  close(window, pauses.first(std::min(pauses.size(), kMostPauses)));
  if (trading_ < ticks) close(window, {});
  span_ = static_cast<double>(trading_ - ticks);
}

bool SessionClock::leave_room(const SessionWindow& window, std::span<const Pause> pauses, std::uint32_t ticks) {
  if (pauses.size() > kMostPauses) return false;
  SessionClock clock(window, {}, Arrivals::uniform, ticks);
  clock.close(window, pauses);
  return clock.trading_ >= ticks;
}

// Break and pauses in order, cut to the session, those that touch as one.
void SessionClock::close(const SessionWindow& window, std::span<const Pause> pauses) {
  closings_[0] = {window.break_begin, window.break_end};
  std::size_t count = 1;
  for (const Pause& pause : pauses) closings_[count++] = {pause.begin, pause.end};
  std::sort(closings_.begin(), closings_.begin() + static_cast<std::ptrdiff_t>(count),
            [](const Closing& a, const Closing& b) { return a.begin < b.begin; });
  closing_count_ = 0;
  trading_ = window.close - window.open;
  std::int64_t closed_until = window.open;
  for (std::size_t i = 0; i < count; ++i) {
    const Closing closing{std::max(closings_[i].begin, closed_until), std::min(closings_[i].end, window.close)};
    if (closing.end <= closing.begin) continue;
    closings_[closing_count_++] = closing;
    closed_until = closing.end;
    trading_ -= closing.end - closing.begin;
  }
}

void SessionClock::to_utc(std::int64_t* time, std::size_t n) const {
  std::int64_t shift = open_;
  std::size_t next = 0;
  for (std::size_t i = 0; i < n; ++i) {
    while (next < closing_count_ && time[i] + shift >= closings_[next].begin) {
      shift += closings_[next].end - closings_[next].begin;
      ++next;
    }
    time[i] += shift;
  }
}

std::int64_t SessionClock::trading_before(std::int64_t time) const {
  std::int64_t trading = time - open_;
  for (std::size_t i = 0; i < closing_count_; ++i)
    if (time > closings_[i].begin) trading -= std::min(time, closings_[i].end) - closings_[i].begin;
  return trading;
}

}  // namespace stack::market
