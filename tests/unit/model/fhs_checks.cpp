#include "fhs_checks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "histories.hpp"
#include "model/simulated_bars.hpp"

namespace stack::model::test {

std::unique_ptr<BarModel> fitted_fhs(const Panel& panel, std::optional<double> block) {
  ModelOptions options;
  options.block = block;
  return fitted(panel, options);
}

std::vector<market::Series> bars_of(const Panel& panel, const BarModel& model, std::size_t sessions,
                                    std::uint64_t seed) {
  ModelOptions options;
  options.sessions = sessions;
  options.seed = seed;
  return simulate_series(panel, model, options).value();
}

std::vector<double> returns_of(const market::Series& series) {
  std::vector<double> returns;
  for (std::size_t i = 1; i < series.bars.size(); ++i)
    returns.push_back(
        std::log(static_cast<double>(series.bars[i].close) / static_cast<double>(series.bars[i - 1].close)));
  return returns;
}

double deviation_of(const std::vector<double>& values) {
  double n = 0;
  double sum = 0;
  double squares = 0;
  for (const double v : values)
    if (!std::isnan(v)) ++n, sum += v, squares += v * v;
  return std::sqrt(squares / n - sum * sum / n / n);
}

void expect_valid(const std::vector<market::Series>& series) {
  for (const auto& one : series) {
    ASSERT_FALSE(one.bars.empty()) << one.symbol;
    const std::int64_t first = one.bars.front().close;
    std::int32_t day = one.bars.front().day - 1;
    for (const auto& bar : one.bars) {
      ASSERT_GT(bar.low, 0) << one.symbol << ' ' << bar.day;
      ASSERT_LE(bar.low, std::min(bar.open, bar.close)) << one.symbol << ' ' << bar.day;
      ASSERT_GE(bar.high, std::max(bar.open, bar.close)) << one.symbol << ' ' << bar.day;
      ASSERT_LT(bar.high / 10'000, first) << one.symbol << ' ' << bar.day;
      ASSERT_GE(bar.volume, 0) << one.symbol << ' ' << bar.day;
      ASSERT_GT(bar.day, day) << one.symbol;
      day = bar.day;
    }
  }
}

}  // namespace stack::model::test
