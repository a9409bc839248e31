// Merton's jump diffusion (Merton 1976): d ln S = (drift - intensity k - volatility^2 / 2) dt + volatility dW + jumps
// of N(jump_mean, jump_deviation^2) that come as a Poisson process, k = exp(jump_mean + jump_deviation^2 / 2) - 1. A
// session's return is a Poisson mixture of normals (his equation 16's distribution); tails, but no clusters.
//
// Symbols depend by a Gaussian copula: the normal that stands for a symbol's session becomes its return by the
// quantiles of the mixture, and the normals' correlations are such that the returns have those of the history (NORTA,
// Cario & Nelson 1997; solved by Hermite expansion). What part of a return is a jump is drawn given the return; it
// comes overnight with the probability of the overnight share of variance.
//
// Thread-safety: as bar_model.hpp. Failure: ErrorKind::usage for a parameter that cannot be, ErrorKind::data naming the
// symbol whose fit does not converge.
#pragma once

#include <memory>

#include "core/result.hpp"
#include "model/bar_model.hpp"

namespace stack::model {

[[nodiscard]] Result<std::unique_ptr<BarModel>> make_jump(const Panel& panel, const ModelOptions& options);

}  // namespace stack::model
