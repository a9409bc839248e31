// A simulation held against its history: every fact of every symbol with its band, how symbols move together, and the
// stretch that looks most remembered.
// Thread-safety: pure; the result depends on the options' seed, not on the number of threads.
// Failure: ErrorKind::data names a symbol with too few bars, and how many are needed; or whose price never moves.
#pragma once

#include <span>
#include <vector>

#include "core/result.hpp"
#include "realism/bands.hpp"
#include "realism/cross_section.hpp"
#include "realism/memorising.hpp"

namespace stack::realism {

enum class Verdict : std::uint8_t {
  absent,   // history or its band cannot tell: it does not count
  inside,   // the simulation's value lies in the band
  outside,  // it does not, or the simulation has no value where history has one
};

struct FactResult {
  double history = 0.0;
  double simulation = 0.0;
  Band band;
  Verdict verdict = Verdict::absent;
};

struct Comparison {
  // The same symbols in the same order in all that follows.
  std::vector<DailySeries> history;
  std::vector<DailySeries> simulation;
  std::vector<std::array<FactResult, kFactCount>> facts;
  Matrix history_correlation{0};  // on the same date
  Matrix simulation_correlation{0};
  Matrix history_lead{0};  // of the row's symbol today with the column's on the next common date
  Matrix simulation_lead{0};
  std::vector<ClosestWindow> closest;      // of the simulation to history
  std::vector<ClosestWindow> own_closest;  // of history to itself
  BandOptions bands;                       // how the facts' bands were made, the mean block said

  std::size_t pairs = 0;  // of fact and symbol that count
  std::size_t inside = 0;

  [[nodiscard]] double share_inside() const;
  [[nodiscard]] double correlation_error() const;  // mean absolute, off the diagonal; NaN with one symbol
  [[nodiscard]] double lead_error() const;
};

// HISTORY and SIMULATION have the same symbols in the same order.
[[nodiscard]] Result<Comparison> compare(std::vector<DailySeries> history, std::vector<DailySeries> simulation,
                                         const BandOptions& options);

// Another simulation of the same length against the same bands, such as one of another seed.
struct Score {
  double share_inside = 0.0;
  double correlation_error = 0.0;
  double lead_error = 0.0;
  double closest = 0.0;                          // highest correlation over all symbols
  std::array<std::size_t, kFactCount> inside{};  // symbols whose fact is inside its band
};
[[nodiscard]] Score score_of(const Comparison& comparison);
[[nodiscard]] Score score_another(const Comparison& comparison, std::span<const DailySeries> simulation);

}  // namespace stack::realism
