#include "realism/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "realism/ranking.hpp"

namespace stack::realism {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kLeverageLags = 5;

bool is_share(double q) { return q >= 0.0 && q <= 1.0; }

std::vector<double> present(Values x) {
  std::vector<double> values;
  values.reserve(x.size());
  std::ranges::copy_if(x, std::back_inserter(values), [](double v) { return !std::isnan(v); });
  return values;
}

// In several sums side by side, since one would wait for itself.
double dot(const double* x, const double* y, std::size_t n) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  std::size_t t = 0;
  for (; t + kLanes <= n; t += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += x[t + lane] * y[t + lane];
  for (; t < n; ++t) sums[0] += x[t] * y[t];
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace

Moments moments(Values x) {
  double sum = 0.0;
  std::size_t n = 0;
  for (const double v : x) {
    if (std::isnan(v)) continue;
    sum += v;
    ++n;
  }
  if (n == 0) return {0, kNaN, kNaN, kNaN, kNaN};
  const double inverse = 1.0 / static_cast<double>(n);
  const double m1 = sum * inverse;
  double m2 = 0.0;
  double m3 = 0.0;
  double m4 = 0.0;
  for (const double v : x) {
    if (std::isnan(v)) continue;
    const double d = v - m1;
    const double d2 = d * d;
    m2 += d2;
    m3 += d2 * d;
    m4 += d2 * d2;
  }
  m2 *= inverse;
  if (m2 <= 0.0) return {n, m1, m2, kNaN, kNaN};
  return {n, m1, m2, m3 * inverse / (m2 * std::sqrt(m2)), m4 * inverse / (m2 * m2) - 3.0};
}

std::size_t count(Values x) {
  return static_cast<std::size_t>(std::ranges::count_if(x, [](double v) { return !std::isnan(v); }));
}

double mean(Values x) { return moments(x).mean; }
double variance(Values x) { return moments(x).variance; }
double stddev(Values x) { return std::sqrt(moments(x).variance); }
double skewness(Values x) { return moments(x).skewness; }
double excess_kurtosis(Values x) { return moments(x).excess_kurtosis; }

double quantile(Values x, double q) {
  std::vector<double> values = present(x);
  if (values.empty() || !is_share(q)) return kNaN;
  const double position = q * static_cast<double>(values.size() - 1);
  const double below = std::floor(position);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::ranges::nth_element(values, at);
  const double fraction = position - below;
  if (fraction <= 0.0 || at + 1 == values.end()) return *at;
  return *at + fraction * (*std::min_element(at + 1, values.end()) - *at);
}

double hill(Values x, double share) {
  std::vector<double> values = present(x);
  const auto k = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  if (k == 0 || k >= values.size()) return kNaN;
  for (double& v : values) v = std::fabs(v);
  const auto threshold = values.begin() + static_cast<std::ptrdiff_t>(k);
  std::ranges::nth_element(values, threshold, std::greater<>{});
  if (!(*threshold > 0.0)) return kNaN;
  double sum = 0.0;
  for (auto v = values.begin(); v != threshold; ++v) sum += std::log(*v / *threshold);
  return sum > 0.0 ? static_cast<double>(k) / sum : kNaN;
}

void Autocorrelations::assign(Values x) {
  double sum = 0.0;
  count_ = 0;
  for (const double v : x) {
    if (std::isnan(v)) continue;
    sum += v;
    ++count_;
  }
  const double centre = count_ == 0 ? 0.0 : sum / static_cast<double>(count_);
  centred_.resize(x.size());
  for (std::size_t t = 0; t < x.size(); ++t) centred_[t] = std::isnan(x[t]) ? 0.0 : x[t] - centre;
  squares_ = dot(centred_.data(), centred_.data(), centred_.size());
}

double Autocorrelations::at(std::size_t lag) const {
  if (count_ <= lag || !(squares_ > 0.0)) return kNaN;
  return dot(centred_.data(), centred_.data() + lag, centred_.size() - lag) / squares_;
}

double autocorrelation(Values x, std::size_t lag) {
  Autocorrelations all;
  all.assign(x);
  return all.at(lag);
}

double correlation(Values x, Values y) {
  const std::size_t length = std::min(x.size(), y.size());
  double sum_x = 0.0;
  double sum_y = 0.0;
  std::size_t n = 0;
  for (std::size_t t = 0; t < length; ++t) {
    if (std::isnan(x[t]) || std::isnan(y[t])) continue;
    sum_x += x[t];
    sum_y += y[t];
    ++n;
  }
  if (n < 2) return kNaN;
  const double mean_x = sum_x / static_cast<double>(n);
  const double mean_y = sum_y / static_cast<double>(n);
  double xx = 0.0;
  double yy = 0.0;
  double xy = 0.0;
  for (std::size_t t = 0; t < length; ++t) {
    if (std::isnan(x[t]) || std::isnan(y[t])) continue;
    const double dx = x[t] - mean_x;
    const double dy = y[t] - mean_y;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  if (xx <= 0.0 || yy <= 0.0) return kNaN;
  return xy / (std::sqrt(xx) * std::sqrt(yy));
}

double cross_correlation(Values x, Values y, std::size_t lag) {
  if (y.size() <= lag) return kNaN;
  return correlation(x, y.subspan(lag));
}

double spearman(Values x, Values y) {
  const std::size_t length = std::min(x.size(), y.size());
  RankScratch scratch;
  return rank_correlation(rank_values(x.first(length)), rank_values(y.first(length)), scratch);
}

double leverage(Values x) {
  std::vector<double> magnitude(x.begin(), x.end());
  for (double& v : magnitude) v = std::fabs(v);
  double sum = 0.0;
  for (std::size_t lag = 1; lag <= kLeverageLags; ++lag) sum += cross_correlation(x, magnitude, lag);
  return sum / static_cast<double>(kLeverageLags);
}

double variance_ratio(Values x, std::size_t q) {
  const auto all = moments(x);
  if (q == 0 || x.size() < q || !(all.variance > 0.0)) return kNaN;
  const double centre = all.mean * static_cast<double>(q);
  double squares = 0.0;
  std::size_t n = 0;
  for (std::size_t t = 0; t + q <= x.size(); ++t) {
    double sum = 0.0;
    for (std::size_t i = 0; i < q; ++i) sum += x[t + i];
    if (std::isnan(sum)) continue;
    squares += (sum - centre) * (sum - centre);
    ++n;
  }
  return n == 0 ? kNaN : squares / (static_cast<double>(n) * static_cast<double>(q) * all.variance);
}

double kurtosis_of_sums(Values x, std::size_t q) {
  if (q == 0) return kNaN;
  std::vector<double> sums(x.size() / q);
  for (std::size_t i = 0; i < sums.size(); ++i)
    for (std::size_t j = 0; j < q; ++j) sums[i] += x[i * q + j];
  return excess_kurtosis(sums);
}

}  // namespace stack::realism
