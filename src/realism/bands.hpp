// How far each fact may lie from history's by chance: bands from the stationary bootstrap of Politis and Romano (1994).
//
// A replicate is made of blocks of consecutive dates of the union of all symbols' calendars, which begin anywhere with
// equal chance, have geometric lengths and wrap around at the end. All symbols take the same blocks (whole
// cross-sections stay together); a symbol that is absent on a date skips it, and goes on with blocks until it has as
// many sessions as its simulation. Blocks are long, one year in the mean, since the facts reach 20 sessions back. A
// band is the percentile interval of the replicates' values. Thread-safety: pure. A result depends on the seed, not on
// the number of threads. Failure: a band that fewer than half of the replicates can tell is NaN.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "realism/stylized_facts.hpp"

namespace stack::realism {

struct BandOptions {
  std::uint64_t seed = 1;
  unsigned replicates = 500;
  double mean_block = 0.0;  // dates; 0: mean_block_of() the history
  double level = 0.95;
  unsigned threads = 0;  // 0: one a processor
};

struct Band {
  double low = 0.0;
  double high = 0.0;

  [[nodiscard]] bool contains(double value) const { return low <= value && value <= high; }
};

// What BandOptions::mean_block is when it is not said.
[[nodiscard]] double mean_block_of(std::span<const RankedSeries> history);

using FactBands = std::array<Band, kFactCount>;

// SESSIONS: how many sessions each symbol's simulation has; one a symbol of HISTORY, as the result.
[[nodiscard]] std::vector<FactBands> fact_bands(std::span<const RankedSeries> history,
                                                std::span<const std::size_t> sessions, const BandOptions& options);

}  // namespace stack::realism
