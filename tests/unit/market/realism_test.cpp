// What replayed paths must look like, measured on bars that were taken from Brownian motion and so have a known law.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "market/exact_math.hpp"
#include "market/philox.hpp"
#include "market/session_path.hpp"

namespace stack::market {
namespace {

constexpr std::int64_t kMinute = 60'000'000;
constexpr int kDays = 3000;
constexpr std::uint32_t kTicks = 390;

// A day of Brownian motion: 23,400 steps, one a second; prices are multiples of UNIT hundredths around 10,000.
Bar brownian_bar(int day, std::int64_t unit) {
  const QuantileTable& normal = QuantileTable::standard_normal();
  Bar bar;
  bar.scale = 2;
  bar.day = day;
  double log_price = 0.0;
  double high = 0.0;
  double low = 0.0;
  for (std::uint32_t i = 0; i < 23400; ++i) {
    log_price += normal(philox(0xB0, Stream::sample, std::uint64_t{static_cast<std::uint32_t>(day)} * 23400 + i)[0]) *
                 0.012 / 153.0;
    high = std::max(high, log_price);
    low = std::min(low, log_price);
  }
  const auto price = [unit](double x) {
    return unit * std::llround(1'000'000 * std::exp(x) / static_cast<double>(unit));
  };
  bar.open = price(0.0);
  bar.high = price(high);
  bar.low = price(low);
  bar.close = price(log_price);
  return bar;
}

struct Statistics {
  double realised = 0, garman_klass = 0, correlation = 0;
  int ups = 0, up_low_first = 0, downs = 0, down_high_first = 0, early_or_late = 0;

  void add(const Bar& bar, const TickColumns& ticks) {
    std::vector<double> logs;
    for (std::uint32_t i = 0; i < kTicks; ++i) logs.push_back(std::log(static_cast<double>(ticks.price[i])));
    for (std::uint32_t i = 1; i < kTicks; ++i) realised += (logs[i] - logs[i - 1]) * (logs[i] - logs[i - 1]);
    const double range = std::log(static_cast<double>(bar.high) / static_cast<double>(bar.low));
    const double move = std::log(static_cast<double>(bar.close) / static_cast<double>(bar.open));
    garman_klass += 0.5 * range * range - (2 * std::log(2.0) - 1) * move * move;
    const auto* end = ticks.price.data() + kTicks;
    const auto low =
        std::find(ticks.price.data(), end, *std::min_element(ticks.price.data(), end)) - ticks.price.data();
    const auto high =
        std::find(ticks.price.data(), end, *std::max_element(ticks.price.data(), end)) - ticks.price.data();
    (bar.close > bar.open ? ups : downs) += 1;
    if (bar.close > bar.open && low < high) ++up_low_first;
    if (bar.close < bar.open && high < low) ++down_high_first;
    if (high < kTicks / 10 || high >= kTicks - kTicks / 10) ++early_or_late;
    correlation += autocorrelation(ticks, logs);
  }

  // Of previous-tick one-minute returns, at lag 1.
  static double autocorrelation(const TickColumns& ticks, const std::vector<double>& logs) {
    std::vector<double> returns;
    std::uint32_t tick = 0;
    double before = logs[0];
    for (int minute = 1; minute <= 390; ++minute) {
      while (tick + 1 < kTicks && ticks.time[tick + 1] < minute * kMinute) ++tick;
      returns.push_back(logs[tick] - before);
      before = logs[tick];
    }
    double mean = 0;
    for (const double r : returns) mean += r / static_cast<double>(returns.size());
    double product = 0;
    double square = 0;
    for (std::size_t i = 0; i < returns.size(); ++i) {
      square += (returns[i] - mean) * (returns[i] - mean);
      if (i > 0) product += (returns[i] - mean) * (returns[i - 1] - mean);
    }
    return product / square;
  }
};

class Realism : public testing::TestWithParam<std::int64_t> {};

TEST_P(Realism, OfPathsReplayedFromBrownianBars) {
  Statistics statistics;
  SessionPath path;
  const auto motion = std::make_unique<BlockMotion>();
  TickColumns ticks;
  ticks.reserve(kTicks);
  for (int day = 0; day < kDays; ++day) {
    const Bar bar = brownian_bar(day, GetParam());
    if (bar.is_flat()) continue;
    const PriceGrid grid = *PriceGrid::infer({"A", "", {bar}}, Decimal{GetParam(), 2});
    path.prepare({&bar, &grid, {0, 390 * kMinute, 390 * kMinute, 390 * kMinute}, session_key(1, 2, day), kTicks},
                 *motion);
    path.make_block(0, *motion, ticks, 0);
    statistics.add(bar, ticks);
  }
  const double ratio = statistics.realised / statistics.garman_klass;
  const double low_first = static_cast<double>(statistics.up_low_first) / statistics.ups;
  const double high_first = static_cast<double>(statistics.down_high_first) / statistics.downs;
  const double early_or_late = static_cast<double>(statistics.early_or_late) / kDays;
  RecordProperty("variance_ratio", std::to_string(ratio));
  RecordProperty("low_first", std::to_string(low_first));
  RecordProperty("high_first", std::to_string(high_first));
  RecordProperty("early_or_late", std::to_string(early_or_late));
  RecordProperty("autocorrelation", std::to_string(statistics.correlation / kDays));
  EXPECT_GT(ratio, 0.9);
  EXPECT_LT(ratio, 1.1);
  EXPECT_NEAR(low_first, 0.89, 0.04);
  EXPECT_NEAR(high_first, 0.89, 0.04);
  EXPECT_NEAR(early_or_late, 0.41, 0.06);
  EXPECT_NEAR(statistics.correlation / kDays, 0.0, 0.05);
}

// A hundredth and, so that a day's range is about twenty steps, ten.
INSTANTIATE_TEST_SUITE_P(Steps, Realism, testing::Values(1, 1000));

}  // namespace
}  // namespace stack::market
