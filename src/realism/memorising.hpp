// Whether a simulation repeats its history: the stretch of it that looks most like a stretch of history.
//
// Returns are standardised by the volatility that was known before the day, an exponentially weighted moving average
// of squared returns with decay 0.94 (J.P. Morgan/Reuters, RiskMetrics Technical Document, 1996, section 5.2), so that
// a quiet copy of a wild month is found too. The average starts with the first 20 sessions, which get no value. Every
// window of 20 sessions of the one series is correlated with every one of the other; each correlation follows from its
// predecessor on the diagonal by two products (Zhu et al. 2016, Matrix Profile II), so that it costs O(1).
// Thread-safety: pure. Failure: correlation NaN when a series has no window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "realism/daily_series.hpp"

namespace stack::realism {

inline constexpr std::size_t kWindow = 20;  // sessions

// r over the volatility known before the day; NaN where that is not known or is zero.
[[nodiscard]] std::vector<double> standardised_returns(std::span<const double> r);

struct ClosestWindow {
  double correlation = 0.0;
  std::size_t history_session = 0;  // first of the window
  std::size_t simulation_session = 0;
};

// Of two series of standardised returns; windows with a missing value or without any variation do not count.
[[nodiscard]] ClosestWindow closest_window(std::span<const double> history, std::span<const double> simulation);

// The same within one series: of two windows that do not overlap. How alike stretches of history itself are.
[[nodiscard]] ClosestWindow closest_own_window(std::span<const double> history);

// The first per symbol from the bars' returns; HISTORY and SIMULATION have the same symbols. THREADS 0: one a
// processor.
[[nodiscard]] std::vector<ClosestWindow> closest_windows(std::span<const DailySeries> history,
                                                         std::span<const DailySeries> simulation, unsigned threads = 0);
[[nodiscard]] std::vector<ClosestWindow> closest_own_windows(std::span<const DailySeries> history,
                                                             unsigned threads = 0);

}  // namespace stack::realism
