#include "model/jump_return.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "market/exact_math.hpp"
#include "model/normal_distribution.hpp"
#include "model/parameters.hpp"

namespace stack::model {

JumpReturn::JumpReturn(const JumpParameters& parameters)
    : diffusion_variance_(parameters.volatility * parameters.volatility / kSessionsPerYear) {
  const double variance = parameters.jump_deviation * parameters.jump_deviation;
  const double jump_return = market::exact_exp(parameters.jump_mean + 0.5 * variance) - 1.0;
  mean_ =
      (parameters.drift - parameters.intensity * jump_return - 0.5 * parameters.volatility * parameters.volatility) /
      kSessionsPerYear;
  const double jumps = parameters.intensity / kSessionsPerYear;
  deviation_ = std::sqrt(diffusion_variance_ + jumps * (variance + parameters.jump_mean * parameters.jump_mean));
  double weight = market::exact_exp(-jumps);
  for (int n = 0; n <= kMostJumps; ++n) {
    if (n > 0) weight *= jumps / n;
    weights_[static_cast<std::size_t>(n)] = weight;
  }
  fill_returns(parameters);
  fill_jumps(parameters);
  expand();
}

// Finds the normal numbers of returns on a grid that is dense in the middle, and turns them about.
void JumpReturn::fill_returns(const JumpParameters& parameters) {
  constexpr int kHalf = 2000;
  constexpr double kStretch = 7.0;  // of the grid's ends against its middle
  constexpr double kLeast = 1e-300;
  const double jump_variance = parameters.jump_deviation * parameters.jump_deviation;
  const double reach =
      8.0 * std::sqrt(diffusion_variance_ + kMostJumps * jump_variance) + kMostJumps * std::abs(parameters.jump_mean);
  const auto sinh_of = [](double x) { return 0.5 * (market::exact_exp(x) - market::exact_exp(-x)); };
  std::size_t knot = 0;
  double last_return = 0.0;
  double last_normal = 0.0;
  for (int k = -kHalf; k <= kHalf && knot < kKnots; ++k) {
    const double ret = mean_ + reach * sinh_of(kStretch * k / kHalf) / sinh_of(kStretch);
    double below = 0.0;
    double above = 0.0;
    for (int n = 0; n <= kMostJumps; ++n) {
      const double distance =
          (ret - mean_ - n * parameters.jump_mean) / std::sqrt(diffusion_variance_ + n * jump_variance);
      below += weights_[static_cast<std::size_t>(n)] * normal_cdf(distance);
      above += weights_[static_cast<std::size_t>(n)] * normal_cdf(-distance);
    }
    const double normal = below < above ? market::normal_quantile(std::max(below, kLeast))
                                        : -market::normal_quantile(std::max(above, kLeast));
    for (; knot < kKnots; ++knot) {
      const double wanted = static_cast<double>(knot) / kKnotsPerUnit - kFarthest;
      if (wanted > normal && k < kHalf) break;
      const double share =
          k == -kHalf || normal <= last_normal ? 1.0 : std::min((wanted - last_normal) / (normal - last_normal), 1.0);
      knots_[knot].ret = k == -kHalf ? ret : last_return + share * (ret - last_return);
    }
    last_return = ret;
    last_normal = normal;
  }
}

// Given a return and its number of jumps n, their sum is normal: both are sums of independent normals.
void JumpReturn::fill_jumps(const JumpParameters& parameters) {
  const double jump_variance = parameters.jump_deviation * parameters.jump_deviation;
  for (auto& knot : knots_) {
    double none = 0.0;
    double chance = 0.0;
    double first = 0.0;
    double second = 0.0;
    for (int n = 0; n <= kMostJumps; ++n) {
      const double variance = diffusion_variance_ + n * jump_variance;
      const double distance = knot.ret - mean_ - n * parameters.jump_mean;
      const double share =
          weights_[static_cast<std::size_t>(n)] * normal_density(distance / std::sqrt(variance)) / std::sqrt(variance);
      if (n == 0) {
        none = share;
        continue;
      }
      const double size = n * parameters.jump_mean + n * jump_variance / variance * distance;
      chance += share;
      first += share * size;
      second += share * (size * size + n * jump_variance * diffusion_variance_ / variance);
    }
    if (!(chance > 0.0)) continue;
    knot.jump_chance = chance / (chance + none);
    knot.jump_mean = first / chance;
    knot.jump_deviation = std::sqrt(std::max(0.0, second / chance - knot.jump_mean * knot.jump_mean));
  }
}

void JumpReturn::expand() {
  for (std::size_t k = 0; k < kKnots; ++k) {
    const double z = static_cast<double>(k) / kKnotsPerUnit - kFarthest;
    const double mass = normal_density(z) / kKnotsPerUnit;
    double before = 0.0;
    double polynomial = 1.0;
    for (std::size_t i = 0; i < kTerms; ++i) {
      const auto degree = static_cast<double>(i);
      const double next = (z * polynomial - std::sqrt(degree) * before) / std::sqrt(degree + 1.0);
      before = polynomial;
      polynomial = next;
      hermite_[i] += mass * (knots_[k].ret - mean_) * polynomial;
    }
  }
}

JumpReturn::Point JumpReturn::at(double normal) const {
  const double place = std::clamp((normal + kFarthest) * kKnotsPerUnit, 0.0, static_cast<double>(kKnots) - 1.001);
  const auto k = static_cast<std::size_t>(place);
  const double share = place - static_cast<double>(k);
  Point point = knots_[k];
  point.ret += share * (knots_[k + 1].ret - point.ret);
  point.jump_chance += share * (knots_[k + 1].jump_chance - point.jump_chance);
  point.jump_mean += share * (knots_[k + 1].jump_mean - point.jump_mean);
  return point;
}

// The covariance at the normals' correlation c is the sum of a_i b_i c^i, which rises with c.
double JumpReturn::normal_correlation(const JumpReturn& a, const JumpReturn& b, double correlation) {
  double of_a = 0.0;
  double of_b = 0.0;
  for (std::size_t i = 0; i < kTerms; ++i) {
    of_a += a.hermite_[i] * a.hermite_[i];
    of_b += b.hermite_[i] * b.hermite_[i];
  }
  const double wanted = correlation * std::sqrt(of_a * of_b);
  double low = -1.0;
  double high = 1.0;
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (low + high);
    double covariance = 0.0;
    for (std::size_t k = kTerms; k-- > 0;) covariance = (covariance + a.hermite_[k] * b.hermite_[k]) * middle;
    (covariance < wanted ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace stack::model
