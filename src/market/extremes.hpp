// When, within a session, a Brownian path of known open, high, low and close made its high and its low.
// Thread-safety: pure. Never fails.
#pragma once

#include "market/philox.hpp"

namespace stack::market {

// A session in units of its own range: low 0, high 1.
struct NormalisedDay {
  double open = 0.0;
  double close = 0.0;
  double variance = 0.0;  // of the day's path, in squares of the range
};

struct Extremes {
  bool low_first = false;
  double first = 0.0;   // trading time of the first extreme, as a share of the session: 0 <= first < second <= 1
  double second = 0.0;  // and of the other one
};

// Garman and Klass's estimate from the four prices, range = 1.
[[nodiscard]] double garman_klass_of_range(double open, double close);

// Draws order and times from their joint distribution given the four prices and the variance: the product of the
// densities of the three pieces (first passage to the first extreme, the way to the other one, and, seen backwards,
// first passage again), each confined to the range.
[[nodiscard]] Extremes draw_extremes(const NormalisedDay& day, const Words4& words);

}  // namespace stack::market
