#include "model/brownian_day.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "histories.hpp"
#include "model/normal_distribution.hpp"
#include "model/simulated_bars.hpp"

namespace stack::model {
namespace {

TEST(NormalDistribution, IsThatOfTheErrorFunction) {
  for (int i = 0; i < 1000; ++i) {
    const double x = -30.0 + 0.038 * i;
    const double expected = 0.5 * std::erfc(-x / std::sqrt(2.0));
    EXPECT_NEAR(normal_cdf(x) / expected, 1.0, 1e-9) << x;
  }
  EXPECT_EQ(normal_cdf(0.0), 0.5);
}

TEST(OvernightShare, IsThatOfTheGaps) {
  const auto panel = test::panel_of(test::made_up_history({.symbols = 1, .sessions = 4000}));
  // gap 0.4 %, move of a close that knows nothing of it: 1 % and 0.4 %
  EXPECT_NEAR(overnight_share(panel.series[0]), 0.16 / (0.16 + 1.16), 0.02);
}

DayMoves days_of(const PanelSeries& series, std::size_t sessions, double deviation) {
  BrownianDay day(series, 5);
  DayMoves moves;
  moves.resize(sessions);
  for (std::size_t i = 0; i < sessions; ++i) day.put(i, {0.0, deviation * deviation, deviation, {}}, moves, i);
  return moves;
}

// Given r = 0, the move is normal with the variance w (1 - w) s^2, and of a bridge from 0 to d with variance v the
// maximum exceeds h with the probability exp(-2 h (h - d) / v).
TEST(BrownianDay, HasTheBridgesExtremes) {
  const auto panel = test::panel_of(test::made_up_history({.symbols = 1}));
  const double w = overnight_share(panel.series[0]);
  constexpr std::size_t kSessions = 100'000;
  const auto moves = days_of(panel.series[0], kSessions, 0.01);
  double squares = 0.0;
  double higher = 0.0;
  double expected = 0.0;
  double lower = 0.0;
  for (std::size_t i = 0; i < kSessions; ++i) {
    const double d = moves.move[i];
    squares += d * d;
    constexpr double kHigh = 0.006;
    const double variance = (1.0 - w) * 1e-4;
    expected += d >= kHigh ? 1.0 : std::exp(-2.0 * kHigh * (kHigh - d) / variance);
    higher += std::max(d, 0.0) + moves.up[i] > kHigh ? 1.0 : 0.0;
    lower += std::min(d, 0.0) - moves.down[i] < -kHigh ? 1.0 : 0.0;
    ASSERT_GE(moves.up[i], 0.0);
    ASSERT_GE(moves.down[i], 0.0);
    ASSERT_NEAR(moves.gap[i] + d, 0.0, 1e-15);
  }
  EXPECT_NEAR(squares / kSessions / (w * (1.0 - w) * 1e-4), 1.0, 0.02);
  EXPECT_NEAR(higher / expected, 1.0, 0.02);
  EXPECT_NEAR(lower / expected, 1.0, 0.02);
}

// A history whose volume clusters and follows |r|, simulated and simulated again.
TEST(BrownianDay, KeepsTheFactsOfVolume) {
  auto history = test::made_up_history({.symbols = 1, .sessions = 6000});
  auto series = *history.slices[0].series;
  double volume = 0.0;
  for (std::size_t i = 1; i < series.bars.size(); ++i) {
    const double r =
        std::log(static_cast<double>(series.bars[i].close) / static_cast<double>(series.bars[i - 1].close));
    volume = 0.6 * volume + 0.2 * (std::abs(r) / 0.01 - 0.8) + 0.1 * std::sin(static_cast<double>(i * i));
    series.bars[i].volume = std::llround(1e6 * std::exp(volume));
  }
  const auto panel = test::panel_of({series});
  ModelOptions options;
  options.mode = market::Mode::gbm;
  options.sessions = 30'000;
  const auto before = volume_facts(panel.series[0]);
  const auto after = volume_facts(test::panel_of(test::path_of(panel, options)).series[0]);
  EXPECT_NEAR(after.persistence, before.persistence, 0.03);
  EXPECT_NEAR(after.with_moves, before.with_moves, 0.04);
  EXPECT_NEAR(after.deviation, before.deviation, 0.02);
  EXPECT_NEAR(after.level, before.level, 0.2);
}

}  // namespace
}  // namespace stack::model
