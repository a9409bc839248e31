// What a filtered historical simulation is played from: per symbol the dynamics, per date of the history the residuals
// of all symbols, and how the residuals of one session are mixed.
// Thread-safety: plain values.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "market/exact_math.hpp"
#include "model/copy_guard.hpp"
#include "model/garch.hpp"
#include "model/har.hpp"

namespace stack::model {

// One symbol's part in the moves of one date, as far as the past does not explain it.
struct FhsResidual {
  double move = 0.0;    // of the standardised return
  double gap = 0.0;     // the overnight part of MOVE
  double range = 0.0;   // eta of ln(range / sigma), less what the day's own move tells of it
  double upper = 0.5;   // the share of what the range has beyond open and close that lies above them
  double volume = 0.0;  // eta of the log volume
};

// How large a standardised move is, in logarithms; finite at 0.
[[nodiscard]] inline double log_size(double move) { return market::exact_log(0.3 + std::abs(move)); }

struct FhsSymbol {
  std::string symbol;
  double mean = 0.0;  // of the returns
  GjrGarch garch;
  bool is_ewma = false;         // GARCH is RiskMetrics' and not fitted, since no fit converged
  double next_variance = 0.0;   // of the first day after the history
  double most_variance = 0.0;   // where sigma^2 is cut off
  double last_z = 0.0;          // the history's last standardised return
  double mean_log_sigma = 0.0;  // ln sigma_t less this drives range and volume
  double gap_scale = 1.0;       // of the residuals' overnight part
  double gap_by_day = 0.0;      // the part of the day's residual that comes overnight instead
  double most_move = 0.0;       // the largest move of the history, less its mean
  double gap_share = 0.0;       // the part of all else that falls into the night
  Har range;                    // of ln(range / sigma)
  double range_by_move = 0.0;   // what log_size() of the day's standardised move adds to it
  HarState range_state;
  bool has_volume = false;
  Har volume;  // of the log volume
  HarState volume_state;
};

struct FhsParameters {
  std::vector<FhsSymbol> symbols;
  std::size_t dates = 0;
  // All that follow are K x K, row by row: row j is symbol j today.
  std::vector<double> lead;              // of yesterday's standardised returns
  std::vector<double> lead_gap;          // its part that comes overnight
  std::vector<double> mix;               // of the residuals of today
  std::vector<FhsResidual> residuals;    // dates x K
  std::vector<CopyHistory> copies;       // K: what a path must not repeat
  std::vector<std::uint32_t> by_regime;  // dates from the calmest to the wildest
  std::vector<double> regime;            // their volatility (mean over symbols of ln sigma less its mean), same order
  double block = 1.0;                    // mean length of what is drawn together, in sessions
};

}  // namespace stack::model
