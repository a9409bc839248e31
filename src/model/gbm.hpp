// Geometric Brownian motion (Black & Scholes 1973; Samuelson 1965): d ln S = (drift - volatility^2 / 2) dt +
// volatility dW, with W correlated between symbols. The null model: no clusters, no tails.
// Thread-safety: as bar_model.hpp. Failure: ErrorKind::usage for a parameter that cannot be.
#pragma once

#include <memory>

#include "core/result.hpp"
#include "model/bar_model.hpp"

namespace stack::model {

struct GbmParameters {
  double drift = 0.0;       // a year
  double volatility = 0.0;  // of a year
};

// Maximum likelihood, in closed form: the mean and the deviation of the daily log returns.
[[nodiscard]] GbmParameters fit_gbm(const PanelSeries& series);

[[nodiscard]] Result<std::unique_ptr<BarModel>> make_gbm(const Panel& panel, const ModelOptions& options);

}  // namespace stack::model
