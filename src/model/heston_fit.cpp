#include "model/heston_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "market/exact_math.hpp"
#include "model/parameters.hpp"

namespace stack::model {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kSession = 1.0 / kSessionsPerYear;
constexpr std::size_t kVarianceLags = 60;
constexpr std::size_t kLeverageLags = 20;
constexpr double kLeastKappa = 0.5;
constexpr double kMostKappa = 60.0;
constexpr double kMostRho = 0.95;

// A symbol's own sessions, one after the other.
struct Sessions {
  std::vector<std::size_t> date;  // of the panel
  std::vector<double> ret;        // less its mean
  std::vector<double> variance;   // measured; NaN where the bar has no range
};

double range_variance(const PanelSeries& series, std::size_t t) {
  constexpr double kOfMove = 0.38629436111989061883;  // 2 ln 2 - 1
  const double move = series.ret[t] - series.gap[t];
  const double range = series.up[t] + series.down[t] + std::abs(move);
  return series.gap[t] * series.gap[t] + 0.5 * range * range - kOfMove * move * move;
}

Sessions sessions_of(const PanelSeries& series) {
  Sessions sessions;
  double squares = 0.0;
  double ranges = 0.0;
  std::size_t measured = 0;
  for (std::size_t t = 0; t < series.ret.size(); ++t) {
    if (std::isnan(series.ret[t])) continue;
    const double r = series.ret[t] - series.mean;
    const double variance = std::isnan(series.gap[t]) ? kMissing : range_variance(series, t);
    sessions.date.push_back(t);
    sessions.ret.push_back(r);
    sessions.variance.push_back(variance);
    if (std::isnan(variance)) continue;
    squares += r * r;
    ranges += variance;
    ++measured;
  }
  const bool enough = measured >= 2 * kFewestBars || 2 * measured >= sessions.ret.size();
  for (std::size_t i = 0; i < sessions.ret.size(); ++i)
    sessions.variance[i] =
        enough && ranges > 0.0 ? sessions.variance[i] * (squares / ranges) : sessions.ret[i] * sessions.ret[i];
  return sessions;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0.0;
  double n = 0.0;
  for (const double v : values) {
    if (std::isnan(v)) continue;
    sum += v;
    ++n;
  }
  return sum / n;
}

// Cov(a_t, b_t+k) for k = 1 .. LAGS, over the pairs that are there.
std::vector<double> lagged_covariances(const std::vector<double>& a, const std::vector<double>& b, std::size_t lags) {
  const double mean_a = mean_of(a);
  const double mean_b = mean_of(b);
  std::vector<double> covariances;
  for (std::size_t k = 1; k <= lags; ++k) {
    double sum = 0.0;
    double n = 0.0;
    for (std::size_t t = 0; t + k < a.size(); ++t) {
      const double product = (a[t] - mean_a) * (b[t + k] - mean_b);
      if (std::isnan(product)) continue;
      sum += product;
      ++n;
    }
    covariances.push_back(n > 0.0 ? sum / n : 0.0);
  }
  return covariances;
}

// The factor of exp(-KAPPA k D) that fits VALUES (k from 1) best, and what is left of their squares.
struct Decay {
  double scale = 0.0;
  double explained = 0.0;
};

Decay fit_decay(const std::vector<double>& values, double kappa) {
  const double step = market::exact_exp(-kappa * kSession);
  double weight = 1.0;
  double product = 0.0;
  double squares = 0.0;
  for (const double value : values) {
    weight *= step;
    product += value * weight;
    squares += weight * weight;
  }
  return {product / squares, product > 0.0 ? product * product / squares : 0.0};
}

// On a grid of logarithms; finer than any history can tell.
double best_kappa(const std::vector<double>& covariances) {
  constexpr int kGrid = 1000;
  const double span = market::exact_log(kMostKappa / kLeastKappa);
  double best = kLeastKappa;
  double explained = -1.0;
  for (int i = 0; i <= kGrid; ++i) {
    const double kappa = kLeastKappa * market::exact_exp(span * i / kGrid);
    const double now = fit_decay(covariances, kappa).explained;
    if (now > explained) {
      explained = now;
      best = kappa;
    }
  }
  return best;
}

double recent_variance(const std::vector<double>& variance, double mean) {
  constexpr double kDecay = 0.94;
  double recent = mean;
  for (const double v : variance)
    if (!std::isnan(v)) recent = kDecay * recent + (1.0 - kDecay) * v;
  return recent;
}

}  // namespace

Result<HestonParameters> fit_heston(const PanelSeries& series) {
  const auto sessions = sessions_of(series);
  HestonParameters fitted;
  fitted.theta = series.deviation * series.deviation / kSession;
  fitted.drift = series.mean / kSession + 0.5 * fitted.theta;
  fitted.v0 = recent_variance(sessions.variance, mean_of(sessions.variance)) / kSession;
  const auto covariances = lagged_covariances(sessions.variance, sessions.variance, kVarianceLags);
  fitted.kappa = best_kappa(covariances);
  const double clusters = fit_decay(covariances, fitted.kappa).scale;
  if (!(clusters > 0.0))
    return fail(ErrorKind::data,
                fmt::format("{}: large moves do not follow large moves, so that Heston's kappa, xi and rho cannot be "
                            "fitted; give them with --parameter {}.kappa=N and so on, or choose --mode gbm",
                            series.symbol, series.symbol));
  const double step = fitted.kappa * kSession;
  const double integrated =
      (market::exact_exp(step) - 1.0) * (1.0 - market::exact_exp(-step)) / (fitted.kappa * fitted.kappa);
  fitted.xi = std::sqrt(2.0 * fitted.kappa * clusters / integrated / fitted.theta);
  const auto leverage = lagged_covariances(sessions.ret, sessions.variance, kLeverageLags);
  const double slope = fit_decay(leverage, fitted.kappa).scale;
  fitted.rho = std::clamp(slope / (fitted.xi * fitted.theta * integrated), -kMostRho, kMostRho);
  return fitted;
}

std::vector<double> log_variances(const PanelSeries& series) {
  constexpr std::size_t kSmoothed = 5;
  const auto sessions = sessions_of(series);
  std::vector<double> logarithms(series.ret.size(), kMissing);
  for (std::size_t i = kSmoothed; i <= sessions.variance.size(); ++i) {
    double sum = 0.0;
    for (std::size_t k = i - kSmoothed; k < i; ++k) sum += sessions.variance[k];
    if (sum > 0.0) logarithms[sessions.date[i - 1]] = market::exact_log(sum / static_cast<double>(kSmoothed));
  }
  return logarithms;
}

}  // namespace stack::model
