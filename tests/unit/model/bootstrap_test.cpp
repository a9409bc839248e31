#include "model/bootstrap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "histories.hpp"
#include "market/exact_math.hpp"
#include "model/volume_facts.hpp"

namespace stack::model {
namespace {

constexpr std::size_t kLong = 20'000;

ModelOptions bootstrap(std::optional<double> block = std::nullopt) {
  ModelOptions options;
  options.mode = market::Mode::bootstrap;
  options.block = block;
  return options;
}

std::vector<DayMoves> moves_of(const BarModel& model, std::size_t sessions, std::uint64_t seed = 1) {
  std::vector<DayMoves> moves;
  model.start(seed)->next(sessions, moves);
  return moves;
}

// The date of PANEL that each session of MOVES is, by the first symbol's bar.
std::vector<std::size_t> dates_of(const Panel& panel, const DayMoves& moves) {
  const auto& series = panel.series[0];
  std::map<std::pair<double, double>, std::size_t> by_bar;
  for (std::size_t t = 0; t < panel.size(); ++t)
    if (!std::isnan(series.gap[t])) by_bar[{series.gap[t], series.up[t]}] = t;
  std::vector<std::size_t> dates;
  dates.reserve(moves.gap.size());
  for (std::size_t i = 0; i < moves.gap.size(); ++i) dates.push_back(by_bar.at({moves.gap[i], moves.up[i]}));
  return dates;
}

TEST(Bootstrap, DrawsWholeCrossSections) {
  const auto panel = test::panel_of(test::made_up_history());
  const auto moves = moves_of(*test::fitted(panel, bootstrap()), 5000);
  const auto dates = dates_of(panel, moves[0]);
  for (std::size_t i = 0; i < dates.size(); ++i) {
    for (std::size_t s = 0; s < panel.series.size(); ++s) {
      const auto& series = panel.series[s];
      ASSERT_EQ(moves[s].gap[i], series.gap[dates[i]]);
      ASSERT_NEAR(moves[s].gap[i] + moves[s].move[i], series.ret[dates[i]], 1e-12);
      ASSERT_EQ(moves[s].up[i], series.up[dates[i]]);
      ASSERT_EQ(moves[s].down[i], series.down[dates[i]]);
    }
  }
}

TEST(Bootstrap, BlocksAreGeometricAndWrapRound) {
  const auto panel = test::panel_of(test::made_up_history());
  for (const double block : {1.0, 5.0, 20.0}) {
    const auto dates = dates_of(panel, moves_of(*test::fitted(panel, bootstrap(block)), kLong)[0]);
    std::size_t goes_on = 0;
    std::size_t wraps = 0;
    for (std::size_t i = 1; i < dates.size(); ++i) {
      goes_on += dates[i] == dates[i - 1] + 1 ? 1U : 0U;
      wraps += dates[i] == 1 && dates[i - 1] == panel.size() - 1 ? 1U : 0U;  // the first date has no return
    }
    const double expected = 1.0 - 1.0 / block;
    EXPECT_NEAR(static_cast<double>(goes_on) / kLong, expected, 0.012) << block;
    EXPECT_EQ(wraps > 0U, block > 1.0) << block;
  }
}

TEST(Bootstrap, GivesTheSamePathWhateverTheChunks) {
  const auto panel = test::panel_of(test::made_up_history({.younger = 100, .holidays = 0.05}));
  const auto model = test::fitted(panel, bootstrap());
  const auto whole = moves_of(*model, 1000, 7);
  const auto simulation = model->start(7);
  std::vector<double> gaps;
  for (const std::size_t count : {1U, 2U, 500U, 497U}) {
    std::vector<DayMoves> part;
    simulation->next(count, part);
    gaps.insert(gaps.end(), part[2].gap.begin(), part[2].gap.end());
  }
  EXPECT_EQ(gaps, whole[2].gap);
  EXPECT_NE(moves_of(*model, 1000, 8)[2].gap, whole[2].gap);
}

TEST(Bootstrap, CutsNoSymbolToTheYoungest) {
  const auto panel = test::panel_of(
      test::made_up_history({.symbols = 4, .sessions = 2000, .correlation = 0.8, .younger = 500, .holidays = 0.03}));
  const auto moves = moves_of(*test::fitted(panel, bootstrap()), kLong);
  const auto returns = [&](std::size_t s) {
    std::vector<double> ret;
    ret.reserve(kLong);
    for (std::size_t i = 0; i < kLong; ++i) ret.push_back(moves[s].gap[i] + moves[s].move[i]);
    return ret;
  };
  std::map<double, int> old;
  for (std::size_t t = 0; t < 1500; ++t)
    if (!std::isnan(panel.series[0].gap[t])) old[panel.series[0].gap[t]] = 1;
  std::size_t from_before = 0;
  for (const double gap : moves[0].gap) from_before += old.contains(gap) ? 1U : 0U;
  EXPECT_NEAR(static_cast<double>(from_before) / kLong, 0.75, 0.05);  // dates before the youngest are drawn as others
  for (std::size_t s = 0; s < 4; ++s)
    for (std::size_t o = 0; o < s; ++o)
      EXPECT_NEAR(test::correlation_on_common_dates(returns(s), returns(o)),
                  test::correlation_on_common_dates(panel.series[s].ret, panel.series[o].ret), 0.05);
}

TEST(Bootstrap, TakesAMissingBarFromTheNearestDate) {
  const auto panel = test::panel_of(test::made_up_history({.symbols = 2, .younger = 200}));
  const auto sources = bar_sources(panel);
  for (std::size_t t = 1; t <= 200; ++t) {
    const auto distance = [&](std::size_t date) {
      return std::abs(panel.series[0].ret[date] - panel.series[0].ret[t]);
    };
    double least = 1e9;
    for (std::size_t date = 201; date < panel.size(); ++date) least = std::min(least, distance(date));
    EXPECT_NEAR(distance(sources[1][t]), least, 1e-7);
  }
  for (std::size_t t = 201; t < panel.size(); ++t) EXPECT_EQ(sources[1][t], t);
}

TEST(Bootstrap, KeepsVolumeAtTheLevelOfTheEnd) {
  auto history = test::made_up_history({.symbols = 1, .sessions = 2000});
  auto series = *history.slices[0].series;
  for (std::size_t i = 0; i < series.bars.size(); ++i)  // a hundredfold over the years
    series.bars[i].volume = static_cast<std::int64_t>(static_cast<double>(series.bars[i].volume) *
                                                      std::exp(4.6 * static_cast<double>(i) / 2000.0));
  const auto panel = test::panel_of({series});
  const auto moves = moves_of(*test::fitted(panel, bootstrap()), kLong);
  double mean = 0.0;
  for (const double v : moves[0].log_volume) mean += v / kLong;
  EXPECT_NEAR(mean, volume_facts(panel.series[0]).level, 0.1);
}

TEST(Bootstrap, GivesNoVolumeToASymbolWithoutAny) {
  const auto panel = test::panel_of(test::made_up_history({.symbols = 1, .volume = false}));
  const auto moves = moves_of(*test::fitted(panel, bootstrap()), 100);
  for (const double v : moves[0].log_volume) EXPECT_TRUE(std::isnan(v));
}

TEST(Bootstrap, RefusesBlocksBelowOneSession) {
  const auto panel = test::panel_of(test::made_up_history());
  const auto model = fit_model(panel, bootstrap(0.5));
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().kind, ErrorKind::usage);
  EXPECT_THAT(model.error().message, testing::HasSubstr("--block"));
}

}  // namespace
}  // namespace stack::model
