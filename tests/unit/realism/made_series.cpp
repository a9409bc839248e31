#include "made_series.hpp"

#include <cmath>
#include <limits>

namespace stack::realism::test {

std::vector<double> normal_values(std::size_t n, unsigned seed) {
  std::mt19937_64 engine{seed};
  std::normal_distribution<double> normal;
  std::vector<double> x(n);
  for (double& v : x) v = normal(engine);
  return x;
}

std::vector<double> autoregression(std::size_t n, double phi, unsigned seed) {
  auto x = normal_values(n, seed);
  for (std::size_t t = 1; t < n; ++t) x[t] += phi * x[t - 1];
  return x;
}

DailySeries series_of(std::string symbol, const std::vector<double>& r, std::int32_t first_day, unsigned seed) {
  DailySeries series;
  series.symbol = std::move(symbol);
  const auto gap = normal_values(r.size(), seed + 1000);
  const auto range = normal_values(r.size(), seed + 2000);
  series.log_volume = autoregression(r.size(), 0.5, seed + 3000);
  for (std::size_t t = 0; t < r.size(); ++t) {
    series.day.push_back(first_day + static_cast<std::int32_t>(t));
    series.r.push_back(r[t] / 100.0);
    series.gap.push_back(gap[t] / 200.0);
    series.intraday.push_back(series.r[t] - series.gap[t]);
    series.range.push_back(std::fabs(series.r[t]) + std::fabs(range[t]) / 100.0);
  }
  series.r[0] = series.gap[0] = series.intraday[0] = std::numeric_limits<double>::quiet_NaN();
  return series;
}

DailySeries without_every(const DailySeries& series, std::size_t every) {
  DailySeries kept;
  kept.symbol = series.symbol;
  for (std::size_t t = 0; t < series.size(); ++t) {
    if (t % every == 0) continue;
    kept.day.push_back(series.day[t]);
    kept.r.push_back(series.r[t]);
    kept.gap.push_back(series.gap[t]);
    kept.intraday.push_back(series.intraday[t]);
    kept.range.push_back(series.range[t]);
    kept.log_volume.push_back(series.log_volume[t]);
  }
  return kept;
}

}  // namespace stack::realism::test
