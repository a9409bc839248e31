#include "model/jump_fit.hpp"

#include <fmt/format.h>
#include <nlopt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <vector>

#include "market/exact_math.hpp"
#include "model/parameters.hpp"

namespace stack::model {
namespace {

// What is fitted, in units of the returns' deviation and of sessions: the diffusion's mean, the logarithms of its
// deviation and of the jumps' intensity, the jumps' mean, the logarithm of their deviation.
enum Place : std::size_t { mean, log_deviation, log_intensity, jump_mean, log_jump_deviation, place_count };
using Point = std::array<double, place_count>;

constexpr double kSteps = 256.0;  // of the returns, to their deviation
constexpr double kSteep = 1e-4;   // a slope of the mean log-likelihood above which it is no maximum

struct Observation {
  double value = 0.0;   // return in deviations
  double weight = 0.0;  // share of all
};

std::vector<Observation> observations_of(const PanelSeries& series) {
  std::map<std::int64_t, double> counts;
  double total = 0.0;
  for (const double r : series.ret) {
    if (std::isnan(r)) continue;
    counts[static_cast<std::int64_t>(std::floor((r - series.mean) / series.deviation * kSteps + 0.5))] += 1.0;
    total += 1.0;
  }
  std::vector<Observation> observations;
  observations.reserve(counts.size());
  for (const auto& [step, count] : counts) observations.push_back({static_cast<double>(step) / kSteps, count / total});
  return observations;
}

// The normals of the mixture: one for each number of jumps.
struct Mixture {
  std::array<double, kMostJumps + 1> mean{};
  std::array<double, kMostJumps + 1> variance{};
  std::array<double, kMostJumps + 1> log_weight{};  // of the Poisson number, less the normal's ln deviation

  explicit Mixture(const Point& x) {
    const double diffusion = market::exact_exp(2.0 * x[log_deviation]);
    const double jumps = market::exact_exp(2.0 * x[log_jump_deviation]);
    double log_poisson = -market::exact_exp(x[log_intensity]);
    for (int n = 0; n <= kMostJumps; ++n) {
      const auto i = static_cast<std::size_t>(n);
      if (n > 0) log_poisson += x[log_intensity] - market::exact_log(n);
      mean[i] = x[Place::mean] + n * x[jump_mean];
      variance[i] = diffusion + n * jumps;
      log_weight[i] = log_poisson - 0.5 * market::exact_log(variance[i]);
    }
  }
};

// Minus the mean log-likelihood, but for a constant; GRADIENT gets its slopes.
double negative_likelihood(const Point& x, const std::vector<Observation>& observations, Point& gradient) {
  constexpr double kNegligible = -40.0;
  const Mixture mixture(x);
  const double intensity = market::exact_exp(x[log_intensity]);
  const double diffusion = market::exact_exp(2.0 * x[log_deviation]);
  const double jumps = market::exact_exp(2.0 * x[log_jump_deviation]);
  double likelihood = 0.0;
  gradient.fill(0.0);
  for (const auto& [value, weight] : observations) {
    std::array<double, kMostJumps + 1> terms{};
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t n = 0; n <= kMostJumps; ++n) {
      const double distance = value - mixture.mean[n];
      terms[n] = mixture.log_weight[n] - 0.5 * distance * distance / mixture.variance[n];
      largest = std::max(largest, terms[n]);
    }
    double sum = 0.0;
    Point slopes{};
    for (std::size_t n = 0; n <= kMostJumps; ++n) {
      if (terms[n] - largest < kNegligible) continue;
      const double share = market::exact_exp(terms[n] - largest);
      const auto count = static_cast<double>(n);
      const double pull = (value - mixture.mean[n]) / mixture.variance[n];
      const double of_variance = 0.5 * (pull * pull - 1.0 / mixture.variance[n]);
      sum += share;
      slopes[Place::mean] += share * pull;
      slopes[log_deviation] += share * of_variance * 2.0 * diffusion;
      slopes[log_intensity] += share * (count - intensity);
      slopes[jump_mean] += share * count * pull;
      slopes[log_jump_deviation] += share * count * of_variance * 2.0 * jumps;
    }
    likelihood += weight * (largest + market::exact_log(sum));
    for (std::size_t p = 0; p < place_count; ++p) gradient[p] -= weight * slopes[p] / sum;
  }
  return -likelihood;
}

double objective(unsigned /*size*/, const double* x, double* gradient, void* data) {
  Point point{};
  Point slopes{};
  std::copy_n(x, place_count, point.begin());
  const double value = negative_likelihood(point, *static_cast<const std::vector<Observation>*>(data), slopes);
  if (gradient != nullptr) std::ranges::copy(slopes, gradient);
  return value;
}

const Point& least() {
  static const Point bounds = {-1.0, market::exact_log(0.05), market::exact_log(0.1 / kSessionsPerYear), -10.0,
                               market::exact_log(0.3)};
  return bounds;
}

const Point& most() {
  static const Point bounds = {1.0, market::exact_log(1.5), market::exact_log(1.0), 10.0, market::exact_log(20.0)};
  return bounds;
}

// The steepest slope that does not lead out of the bounds.
double steepness(const Point& x, const Point& gradient) {
  double steepest = 0.0;
  for (std::size_t p = 0; p < place_count; ++p) {
    constexpr double kAtBound = 1e-9;
    const bool held =
        (x[p] <= least()[p] + kAtBound && gradient[p] > 0.0) || (x[p] >= most()[p] - kAtBound && gradient[p] < 0.0);
    if (!held) steepest = std::max(steepest, std::abs(gradient[p]));
  }
  return steepest;
}

struct Fit {
  Point point{};
  double value = std::numeric_limits<double>::infinity();
  bool converged = false;
};

Fit maximise(std::vector<Observation>& observations, const Point& start) {
  constexpr int kMostEvaluations = 500;
  Fit fit;
  fit.point = start;
  // L-BFGS may stop short when its line search finds nothing; then the next one goes on from there.
  for (const nlopt_algorithm algorithm : {NLOPT_LD_LBFGS, NLOPT_LD_TNEWTON_PRECOND_RESTART, NLOPT_LD_SLSQP}) {
    const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimiser(nlopt_create(algorithm, place_count),
                                                                           nlopt_destroy);
    nlopt_set_min_objective(optimiser.get(), objective, &observations);
    nlopt_set_lower_bounds(optimiser.get(), least().data());
    nlopt_set_upper_bounds(optimiser.get(), most().data());
    nlopt_set_ftol_rel(optimiser.get(), 1e-12);
    nlopt_set_maxeval(optimiser.get(), kMostEvaluations);
    double value = 0.0;
    static_cast<void>(nlopt_optimize(optimiser.get(), fit.point.data(), &value));  // judged by the slopes instead
    Point gradient{};
    fit.value = negative_likelihood(fit.point, observations, gradient);
    fit.converged = steepness(fit.point, gradient) < kSteep;
    if (fit.converged) break;
  }
  return fit;
}

JumpParameters parameters_at(const Point& x, const PanelSeries& series) {
  JumpParameters fitted;
  fitted.intensity = market::exact_exp(x[log_intensity]) * kSessionsPerYear;
  fitted.jump_mean = x[jump_mean] * series.deviation;
  fitted.jump_deviation = market::exact_exp(x[log_jump_deviation]) * series.deviation;
  fitted.volatility = market::exact_exp(x[log_deviation]) * series.deviation * std::sqrt(kSessionsPerYear);
  const double jump_return =
      market::exact_exp(fitted.jump_mean + 0.5 * fitted.jump_deviation * fitted.jump_deviation) - 1.0;
  fitted.drift = (series.mean + x[Place::mean] * series.deviation) * kSessionsPerYear +
                 0.5 * fitted.volatility * fitted.volatility + fitted.intensity * jump_return;
  return fitted;
}

}  // namespace

Result<JumpParameters> fit_jump(const PanelSeries& series) {
  auto observations = observations_of(series);
  // Few large jumps, and many that are hardly jumps: the likelihood may have a maximum at either.
  static const std::array<Point, 2> starts = {
      Point{0.0, market::exact_log(0.8), market::exact_log(0.02), 0.0, market::exact_log(3.0)},
      Point{0.0, market::exact_log(0.6), market::exact_log(0.2), 0.0, market::exact_log(1.5)}};
  Fit best;
  for (const auto& start : starts) {
    const auto fit = maximise(observations, start);
    if (fit.converged && fit.value < best.value) best = fit;
  }
  if (!best.converged)
    return fail(ErrorKind::data,
                fmt::format("{}: the fit of its jumps does not converge; give them with --parameter {}.intensity=N and "
                            "its jump_mean, jump_deviation, volatility and drift, or choose --mode gbm",
                            series.symbol, series.symbol));
  return parameters_at(best.point, series);
}

}  // namespace stack::model
