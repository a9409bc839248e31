// The clock of one session: from business time, in which ticks arrive at a constant mean rate, over trading time, which
// stands still while the exchange does, to UTC, and back.
//
// Business time runs through the integral of the intraday profile, a U: inverting it makes a homogeneous Poisson
// process of business time one of that intensity in trading time, exactly (the time change theorem; Daley and
// Vere-Jones 2003, theorem 7.4.I), and gives volume and variance that are even in business time the same U.
// Thread-safety: immutable once made; cheap to make. Never fails: see `pauses`.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "market/arrivals.hpp"
#include "market/exchange.hpp"

namespace stack::market {

// A halt of trading in UTC microseconds, begin <= t < end, beside the exchange's own break.
struct Pause {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

inline constexpr std::size_t kMostPauses = 4;  // of a session

// How busy a session is by trading time X, 0 to 1: more at the open and the close. Integrates to 1.
[[nodiscard]] constexpr double intraday_profile(double x) { return 0.7 + 3.6 * (x - 0.5) * (x - 0.5); }

// Its integral from 0 to X: 0 to 1.
[[nodiscard]] constexpr double business_time(double x) {
  const double y = x - 0.5;
  return 0.7 * x + 1.2 * (y * y * y + 0.125);
}

class SessionClock {
 public:
  // TICKS a session. PAUSES in any order; they may overlap each other, the break, and the session's ends. Only the
  // first kMostPauses count, and none does where they leave no room: see leave_room().
  SessionClock(const SessionWindow& window, std::span<const Pause> pauses, Arrivals arrivals, std::uint32_t ticks);

  // Whether PAUSES are few enough and leave a microsecond of trading a tick.
  [[nodiscard]] static bool leave_room(const SessionWindow& window, std::span<const Pause> pauses, std::uint32_t ticks);

  [[nodiscard]] std::int64_t trading_micros() const { return trading_; }

  // Trading time, in microseconds, of tick number TICK at POSITION: its business time, 0 to the session's ticks. Rises
  // strictly with the tick where the position does not fall, since each tick has a microsecond of its own.
  [[nodiscard]] std::int64_t trading_time(std::uint32_t tick, double position) const {
    const double at = position * cells_per_tick_;
    const auto cell = static_cast<std::size_t>(at);
    const double next = knots_[cell + 1];
    const double share = knots_[cell] + (next - knots_[cell]) * (at - static_cast<double>(cell));
    return tick + static_cast<std::int64_t>((share < next ? share : next) * span_);
  }

  // Turns N rising trading times into UTC microseconds; nothing lies in a break or a pause.
  void to_utc(std::int64_t* time, std::size_t n) const;
  // The trading time that has passed at TIME, UTC microseconds.
  [[nodiscard]] std::int64_t trading_before(std::int64_t time) const;

 private:
  struct Closing {  // no trading: [begin, end)
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  void close(const SessionWindow& window, std::span<const Pause> pauses);

  std::int64_t open_ = 0;
  std::int64_t trading_ = 0;
  std::array<Closing, kMostPauses + 1> closings_;  // in order, apart from each other
  std::size_t closing_count_ = 0;
  const double* knots_ = nullptr;  // trading time as a share of the session at equal steps of business time
  double cells_per_tick_ = 0.0;
  double span_ = 0.0;  // trading time less a microsecond a tick
};

}  // namespace stack::market
