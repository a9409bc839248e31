// The parameters of Heston's model, by moments of the daily bars.
// Thread-safety: pure. Failure: ErrorKind::data naming the symbol whose variance shows no clusters.
#pragma once

#include <vector>

#include "core/result.hpp"
#include "model/panel.hpp"

namespace stack::model {

struct HestonParameters {
  double kappa = 0.0;  // speed a year at which variance returns to theta
  double theta = 0.0;  // mean variance a year
  double xi = 0.0;     // volatility of variance
  double rho = 0.0;    // correlation of return and variance
  double v0 = 0.0;     // variance a year at the start
  double drift = 0.0;  // expected return a year
};

// With D = 1/252 and q a session's variance measured by its range (gap squared plus Garman & Klass 1980, scaled to the
// mean of squared returns; squared returns themselves for a symbol with few bars that have a range):
// - theta: the variance of returns / D; drift: their mean / D + theta / 2;
// - kappa and Var(v) = xi^2 theta / (2 kappa): least squares of q's autocovariances at lags k = 1 .. 60 on Var(v) g
//   exp(-kappa k D), g = (exp(kappa D) - 1) (1 - exp(-kappa D)) / kappa^2, the covariance of the variance integrated
//   over two sessions (from the autocovariance of v, Cox, Ingersoll & Ross 1985, equation 19); 0.5 <= kappa <= 60;
// - rho: least squares of Cov(r_t, q_t+k), k = 1 .. 20, on rho xi theta g exp(-kappa k D), within +-0.95;
// - v0: RiskMetrics' moving average of q (decay 0.94) at the history's end.
[[nodiscard]] Result<HestonParameters> fit_heston(const PanelSeries& series);

// By date of the panel, the logarithm of the mean measured variance of the last five sessions; NaN where one of them
// was not measured: by it, symbols tell how their variances move together.
[[nodiscard]] std::vector<double> log_variances(const PanelSeries& series);

}  // namespace stack::model
