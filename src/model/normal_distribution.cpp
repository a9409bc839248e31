#include "model/normal_distribution.hpp"

#include <cmath>

#include "market/exact_math.hpp"

namespace stack::model {

double normal_density(double x) {
  constexpr double kFarthest = 37.0;
  if (std::abs(x) > kFarthest) return 0.0;
  return 0.3989422804014327 * market::exact_exp(-0.5 * x * x);
}

double normal_cdf(double x) {
  constexpr double kTail = 4.0;
  const double density = normal_density(x);
  if (std::abs(x) > kTail) {
    constexpr int kTerms = 40;
    double fraction = std::abs(x);
    for (int k = kTerms; k >= 1; --k) fraction = std::abs(x) + k / fraction;
    return x < 0.0 ? density / fraction : 1.0 - density / fraction;
  }
  double term = x;
  double sum = x;
  for (int k = 3; std::abs(term) > 1e-18 * std::abs(sum); k += 2) {
    term *= x * x / k;
    sum += term;
  }
  return 0.5 + density * sum;
}

}  // namespace stack::model
