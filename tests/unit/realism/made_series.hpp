// Series whose law is known, for tests. Thread-safety: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "realism/daily_series.hpp"

namespace stack::realism::test {

[[nodiscard]] std::vector<double> normal_values(std::size_t n, unsigned seed);
// x_t = PHI x_{t-1} + e_t
[[nodiscard]] std::vector<double> autoregression(std::size_t n, double phi, unsigned seed);

// Sessions on consecutive days from FIRST_DAY on with these returns; gap, range and volume are noise of their own.
[[nodiscard]] DailySeries series_of(std::string symbol, const std::vector<double>& r, std::int32_t first_day = 10'000,
                                    unsigned seed = 1);
// Without the sessions whose index is a multiple of EVERY.
[[nodiscard]] DailySeries without_every(const DailySeries& series, std::size_t every);

}  // namespace stack::realism::test
