#include "market/exact_math.hpp"

#include <bit>
#include <cmath>

namespace stack::market {
namespace {

constexpr double kLn2High = 6.93147180369123816490e-01;  // its lower 32 bits are 0: k * kLn2High is exact
constexpr double kLn2Low = 1.90821492927058770002e-10;

// Without a branch or a conversion from whole numbers, which not all processors have vectors for.
inline double log_of(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const double biased = std::bit_cast<double>((bits >> 52) | 0x4330000000000000ULL);  // 2^52 + the exponent's field
  const double m = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
  const bool large = m > 1.4142135623730951;
  const double e = biased - (4503599627370496.0 + 1023.0) + (large ? 1.0 : 0.0);
  const double near = large ? m * 0.5 : m;
  // log near = 2 atanh s, |s| <= 0.1716
  const double s = (near - 1.0) / (near + 1.0);
  const double z = s * s;
  double sum = 0.0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * z + 1.0 / k;
  return e * kLn2High + (2.0 * s * sum + e * kLn2Low);
}

double tail_quantile(double p) {  // p below 0.02425: the lower tail
  const double q = std::sqrt(-2.0 * exact_log(p));
  return (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e+00) * q -
            2.549732539343734e+00) *
               q +
           4.374664141464968e+00) *
              q +
          2.938163982698783e+00) /
         ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e+00) * q +
           3.754408661907416e+00) *
              q +
          1.0);
}

}  // namespace

double exact_log(double x) { return log_of(x); }

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#endif
void exact_logs(const double* x, std::size_t n, double* logs) {
  for (std::size_t i = 0; i < n; ++i) logs[i] = log_of(x[i]);
}

double exact_exp(double x) {
  const double k = std::floor(x * 1.4426950408889634 + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double sum = 1.0;
  for (int i = 14; i >= 1; --i) sum = 1.0 + sum * r / i;
  const auto scale = static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023) << 52;
  return sum * std::bit_cast<double>(scale);
}

double normal_quantile(double p) {
  constexpr double kLow = 0.02425;
  if (p < kLow) return tail_quantile(p);
  if (p > 1.0 - kLow) return -tail_quantile(1.0 - p);
  const double q = p - 0.5;
  const double r = q * q;
  return (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r +
            1.383577518672690e+02) *
               r -
           3.066479806614716e+01) *
              r +
          2.506628277459239e+00) *
         q /
         (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r +
            6.680131188771972e+01) *
               r -
           1.328068155288572e+01) *
              r +
          1.0);
}

QuantileTable::QuantileTable(const std::array<double, kCells + 1>& knots) {
  constexpr double kSteps = 4194304.0;  // 2^22
  for (std::size_t i = 0; i < kCells; ++i) {
    const double slope = (knots[i + 1] - knots[i]) / kSteps;
    cells_[i] = {knots[i] + 0.5 * slope, slope};
  }
}

const QuantileTable& QuantileTable::standard_normal() {
  static const QuantileTable table = [] {
    std::array<double, kCells + 1> knots{};
    for (std::size_t i = 1; i < kCells; ++i) knots[i] = normal_quantile(static_cast<double>(i) / kCells);
    // The tail beyond z has the mean density(z) / probability.
    const double z = knots[kCells - 1];
    const double mean = exact_exp(-0.5 * z * z) * 0.3989422804014327 * static_cast<double>(kCells);
    knots[kCells] = 2.0 * mean - z;
    knots[0] = -knots[kCells];
    double variance = 0.0;
    for (std::size_t i = 0; i < kCells; ++i)  // of a uniform mixture of uniform cells
      variance += (knots[i] * knots[i] + knots[i] * knots[i + 1] + knots[i + 1] * knots[i + 1]) / (3.0 * kCells);
    for (double& knot : knots) knot /= std::sqrt(variance);
    return QuantileTable(knots);
  }();
  return table;
}

std::array<double, QuantileTable::kCells + 1> QuantileTable::exponential_knots() {
  std::array<double, kCells + 1> knots{};
  for (std::size_t i = 1; i < kCells; ++i) knots[i] = -exact_log(1.0 - static_cast<double>(i) / kCells);
  knots[kCells] = knots[kCells - 1] + 2.0;  // the tail beyond x has the mean x + 1
  return knots;
}

const QuantileTable& QuantileTable::standard_exponential() {
  static const QuantileTable table(exponential_knots());
  return table;
}

QuantileTable QuantileTable::decayed_exponential(double rate) {
  std::array<double, kCells + 1> knots = exponential_knots();
  for (double& knot : knots) knot = exact_exp(-rate * knot);
  return QuantileTable(knots);
}

}  // namespace stack::market
