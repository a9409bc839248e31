// The parameters of Merton's jump diffusion, by maximum likelihood.
// Thread-safety: pure. Failure: ErrorKind::data naming the symbol whose fit does not converge.
#pragma once

#include "core/result.hpp"
#include "model/panel.hpp"

namespace stack::model {

struct JumpParameters {
  double intensity = 0.0;       // jumps a year
  double jump_mean = 0.0;       // of a jump's log return
  double jump_deviation = 0.0;  // of a jump's log return
  double volatility = 0.0;      // of a year, jumps aside
  double drift = 0.0;           // a year, jumps included
};

// More jumps than these in a session count as none; at one a session on average, they are one in 10^8.
inline constexpr int kMostJumps = 10;

// Maximises the likelihood of the daily log returns by L-BFGS (Liu & Nocedal 1989, as NLopt has it) with its exact
// gradient, from several starts, within bounds that keep jumps apart from the diffusion: 0.1 to 252 a year, deviations
// of the diffusion 0.05 to 1.5 and of a jump 0.3 to 20 of the returns' own. Returns are taken in steps of 1/256 of
// their deviation.
[[nodiscard]] Result<JumpParameters> fit_jump(const PanelSeries& series);

}  // namespace stack::model
