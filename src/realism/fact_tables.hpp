// The tables of facts: all symbols at a glance, and one symbol with its bands. Thread-safety: pure. Never fails.
#pragma once

#include <string>

#include "realism/comparison.hpp"

namespace stack::realism {

// As a reader wants it: so many decimals, fewer of what is large; a true minus; a dash for NaN.
[[nodiscard]] std::string readable(double value, int decimals = 3);
[[nodiscard]] std::string percent(double share);

// A row a fact, a column a symbol, and how many lie inside at both ends.
[[nodiscard]] std::string fact_matrix(const Comparison& comparison);
// The facts of symbol I: history, simulation, band and verdict.
[[nodiscard]] std::string fact_table(const Comparison& comparison, std::size_t i);
// How many of symbol I's facts lie inside, of how many that count.
struct Tally {
  std::size_t inside = 0;
  std::size_t counted = 0;
};
[[nodiscard]] Tally tally(const Comparison& comparison, std::size_t i);

}  // namespace stack::realism
