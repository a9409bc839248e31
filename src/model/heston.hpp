// Heston's stochastic volatility (Heston 1993): d ln S = (drift - v / 2) dt + sqrt(v) dW, dv = kappa (theta - v) dt +
// xi sqrt(v) dZ, with the correlation rho of W and Z: clusters and leverage. Simulated by the full truncation Euler
// scheme (Lord, Koekkoek & van Dijk 2010, equation 15) in kVarianceSteps steps a session; Feller's condition
// 2 kappa theta > xi^2 may be violated, as fits to daily data do, and then v comes near 0 often.
//
// Between symbols, Z has the correlation of the measured variances' logarithms (heston_fit.hpp), and the part of W that
// is independent of Z is correlated such that returns are as they are in the history, given how the variances move
// together in a pilot path; where variances would part too far for that, they are made to move together more.
//
// Thread-safety: as bar_model.hpp. Failure: ErrorKind::usage for a parameter that cannot be, ErrorKind::data naming the
// symbol that shows no clusters to fit.
#pragma once

#include <memory>

#include "core/result.hpp"
#include "model/bar_model.hpp"

namespace stack::model {

inline constexpr std::size_t kVarianceSteps = 4;  // of a session

[[nodiscard]] Result<std::unique_ptr<BarModel>> make_heston(const Panel& panel, const ModelOptions& options);

}  // namespace stack::model
