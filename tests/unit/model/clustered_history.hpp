// Made-up markets whose volatility clusters, and returns of a GARCH process: the same numbers on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "market/selection.hpp"
#include "model/garch.hpp"

namespace stack::model::test {

// A stream of random numbers, one after the other.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t key) : key_(key) {}
  double uniform();
  double normal();
  // Student's t with NU degrees of freedom, NU even, scaled to variance 1.
  double student(int nu);

 private:
  std::uint64_t key_;
  std::uint64_t index_ = 0;
};

// COUNT returns of mean 0 of GARCH, from its own variance on; nu is an even number.
std::vector<double> garch_returns(const GjrGarch& garch, std::size_t count, std::uint64_t seed);

// Bars of symbols A, B, ... with GJR-GARCH returns of Student's t, a factor in common, ranges and volumes that
// remember. B follows A: today's return of B has a part of A's yesterday.
struct Clustered {
  std::size_t symbols = 4;
  std::size_t sessions = 1500;
  double common = 0.6;       // correlation of any two symbols' standardised returns of one day
  double lead = 0.0;         // correlation of B's with A's of the day before
  double holidays = 0.0;     // share of sessions that a symbol has not
  std::size_t c_begins = 0;  // sessions by which C, if there is one, is younger
  bool d_has_volume = true;  // D, if there is one
  std::uint64_t seed = 1;
};
std::vector<market::Series> clustered_series(const Clustered& what = {});

// SERIES with one bar after the other changed: EDIT gets the bar and its place. The bar's range is kept valid.
market::Series with_closes(const market::Series& series,
                           const std::function<double(std::size_t place, double close)>& edit);

}  // namespace stack::model::test
