// GJR-GARCH(1,1) with Student's t innovations (Glosten, Jagannathan and Runkle 1993, eq. 3; Bollerslev 1987):
//   e_t = sqrt(h_t) z_t,   h_t = omega + (alpha + gamma [e_{t-1} < 0]) e_{t-1}^2 + beta h_{t-1}
// with z_t independent, of variance 1 and, for the likelihood, Student's t with NU degrees of freedom.
// Thread-safety: pure. Failure: ErrorKind::data when the likelihood has no maximum that the search finds, or for fewer
// than 100 returns.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/result.hpp"

namespace stack::model {

struct GjrGarch {
  double omega = 0.0;
  double alpha = 0.0;
  double gamma = 0.0;
  double beta = 0.0;
  double nu = 8.0;  // degrees of freedom, above 2

  // Of innovations that are symmetric: half of them fall.
  [[nodiscard]] double persistence() const { return alpha + 0.5 * gamma + beta; }
  [[nodiscard]] double variance() const { return omega / (1.0 - persistence()); }
  [[nodiscard]] double next(double h, double e) const {
    return omega + (e < 0.0 ? alpha + gamma : alpha) * e * e + beta * h;
  }
};

// RiskMetrics' exponentially weighted variance (1996), as one of these: beta .94, alpha .06, with VARIANCE as its mean.
[[nodiscard]] GjrGarch ewma_garch(double variance);

// h_t for each of E (in order of time), and one more: that of the next day. The first is H0.
[[nodiscard]] std::vector<double> filter_variance(const GjrGarch& garch, std::span<const double> e, double h0);

// The variance that a filter starts with: E's squares, weighted by .94^t over the first 75, as Python's `arch` does.
[[nodiscard]] double backcast(std::span<const double> e);

// Of E given H0; natural logarithm.
[[nodiscard]] double log_likelihood(const GjrGarch& garch, std::span<const double> e, double h0);

// Maximum likelihood over alpha, gamma >= -alpha, beta, nu and the unconditional variance, persistence at most
// MOST_PERSISTENCE. E: at least 100 demeaned returns.
[[nodiscard]] Result<GjrGarch> fit_garch(std::span<const double> e, double most_persistence = 0.999);

}  // namespace stack::model
