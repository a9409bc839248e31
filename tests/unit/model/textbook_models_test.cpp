// gbm, heston and jump: they give back what they are given, between symbols and along time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "histories.hpp"
#include "market/exact_math.hpp"
#include "model/correlation.hpp"
#include "model/gbm.hpp"
#include "model/heston_fit.hpp"
#include "model/jump_fit.hpp"
#include "model/simulated_bars.hpp"

namespace stack::model {
namespace {

using market::Mode;

ModelOptions options_of(Mode mode, std::size_t sessions, std::vector<ModelParameter> parameters = {}) {
  ModelOptions options;
  options.mode = mode;
  options.sessions = sessions;
  options.parameters = std::move(parameters);
  return options;
}

const std::vector<ModelParameter> kHeston = {{"", "kappa", 6.0}, {"", "theta", 0.04}, {"", "xi", 0.6},
                                             {"", "rho", -0.6},  {"", "v0", 0.04},    {"", "drift", 0.03}};
const std::vector<ModelParameter> kJump = {{"", "intensity", 12.0},
                                           {"", "jump_mean", -0.01},
                                           {"", "jump_deviation", 0.03},
                                           {"", "volatility", 0.15},
                                           {"", "drift", 0.02}};

std::vector<ModelParameter> known_parameters(Mode mode) {
  if (mode == Mode::heston) return kHeston;
  if (mode == Mode::jump) return kJump;
  return {{"", "drift", 0.05}, {"", "volatility", 0.2}};
}

class TextbookModel : public testing::TestWithParam<Mode> {};

TEST_P(TextbookModel, GivesCorrelationsBack) {
  const auto panel = test::panel_of(
      test::made_up_history({.symbols = 4, .sessions = 1500, .correlation = 0.6, .younger = 200, .holidays = 0.02}));
  const auto simulated =
      test::panel_of(test::path_of(panel, options_of(GetParam(), 60'000, known_parameters(GetParam()))));
  const auto expected = pairwise_correlation(panel);
  const auto found = pairwise_correlation(simulated);
  EXPECT_LT((expected - found).cwiseAbs().maxCoeff(), 0.03) << expected << "\n\n" << found;
}

TEST_P(TextbookModel, GivesTheSamePathWhateverTheChunks) {
  const auto panel = test::panel_of(test::made_up_history({.younger = 100}));
  const auto model = test::fitted(panel, options_of(GetParam(), 1, known_parameters(GetParam())));
  std::vector<DayMoves> whole;
  model->start(7)->next(3000, whole);
  const auto simulation = model->start(7);
  std::vector<DayMoves> joined(whole.size());
  for (const std::size_t count : {1U, 2U, 1997U, 1000U}) {
    std::vector<DayMoves> part;
    simulation->next(count, part);
    for (std::size_t s = 0; s < part.size(); ++s) {
      joined[s].gap.insert(joined[s].gap.end(), part[s].gap.begin(), part[s].gap.end());
      joined[s].move.insert(joined[s].move.end(), part[s].move.begin(), part[s].move.end());
      joined[s].up.insert(joined[s].up.end(), part[s].up.begin(), part[s].up.end());
      joined[s].down.insert(joined[s].down.end(), part[s].down.begin(), part[s].down.end());
      joined[s].log_volume.insert(joined[s].log_volume.end(), part[s].log_volume.begin(), part[s].log_volume.end());
    }
  }
  for (std::size_t s = 0; s < whole.size(); ++s) {
    EXPECT_EQ(joined[s].gap, whole[s].gap);
    EXPECT_EQ(joined[s].move, whole[s].move);
    EXPECT_EQ(joined[s].up, whole[s].up);
    EXPECT_EQ(joined[s].down, whole[s].down);
    EXPECT_EQ(joined[s].log_volume, whole[s].log_volume);
  }
  std::vector<DayMoves> other;
  model->start(8)->next(3000, other);
  EXPECT_NE(other[0].move, whole[0].move);
}

void expect_sound(const std::vector<market::Series>& path, const Panel& panel) {
  for (std::size_t s = 0; s < path.size(); ++s) {
    const auto& grid = panel.series[s].grid;
    for (const auto& bar : path[s].bars) {
      ASSERT_GT(bar.low, 0);
      ASSERT_LE(bar.low, std::min(bar.open, bar.close));
      ASSERT_GE(bar.high, std::max(bar.open, bar.close));
      ASSERT_EQ(bar.scale, grid.scale());
      for (const std::int64_t price : {bar.open, bar.high, bar.low, bar.close}) {
        const auto on = grid.within(price, price, 0);
        ASSERT_LE(on.first, on.last) << price;
      }
      const double close = static_cast<double>(bar.close) / static_cast<double>(market::pow10_int(bar.scale));
      ASSERT_LT(close, panel.series[s].last_close * 1e5);
      ASSERT_GT(bar.volume, 0);
      ASSERT_LT((bar.day + 3) % 7, 5);
    }
  }
}

TEST_P(TextbookModel, MakesSoundBarsForAnyNumberOfYears) {
  const auto panel = test::panel_of(test::made_up_history({.younger = 100, .holidays = 0.02}));
  auto parameters = known_parameters(GetParam());
  expect_sound(test::path_of(panel, options_of(GetParam(), 100'000, parameters)), panel);
  for (const double drift : {5.0, -5.0}) {  // far from history's
    for (auto& parameter : parameters)
      if (parameter.name == "drift") parameter.value = drift;
    expect_sound(test::path_of(panel, options_of(GetParam(), 100'000, parameters)), panel);
  }
}

TEST_P(TextbookModel, MakesSoundBarsOfTheMostExtremeParameters) {
  const auto panel = test::panel_of(test::made_up_history());
  const std::vector<std::pair<std::string, double>> extremes = {{"drift", 10.0},
                                                                {"drift", -10.0},
                                                                {"volatility", 5.0},
                                                                {"kappa", 1e-6},
                                                                {"kappa", 252.0},
                                                                {"theta", 25.0},
                                                                {"theta", 1e-9},
                                                                {"xi", 100.0},
                                                                {"rho", -1.0},
                                                                {"rho", 1.0},
                                                                {"v0", 0.0},
                                                                {"v0", 25.0},
                                                                {"intensity", 0},
                                                                {"intensity", 252},
                                                                {"jump_mean", 1.0},
                                                                {"jump_mean", -1.0},
                                                                {"jump_deviation", 1.0},
                                                                {"jump_deviation", 1e-9},
                                                                {"volatility", 1e-9}};
  for (const auto& [name, value] : extremes) {
    auto parameters = known_parameters(GetParam());
    bool had = false;
    for (auto& parameter : parameters) {
      if (parameter.name != name) continue;
      parameter.value = value;
      had = true;
    }
    if (!had) continue;
    for (const auto& series : test::path_of(panel, options_of(GetParam(), 20'000, parameters))) {
      for (const auto& bar : series.bars) {
        ASSERT_GT(bar.low, 0) << name << value;
        ASSERT_LE(bar.low, std::min(bar.open, bar.close)) << name << value;
        ASSERT_GE(bar.high, std::max(bar.open, bar.close)) << name << value;
        ASSERT_LT(bar.high, std::int64_t{1} << 60) << name << value;
      }
    }
  }
}

TEST_P(TextbookModel, TellsItsParametersASymbol) {
  const auto panel = test::panel_of(test::made_up_history());
  const auto lines = test::fitted(panel, options_of(GetParam(), 1, known_parameters(GetParam())))->summary();
  ASSERT_EQ(lines.size(), panel.series.size());
  EXPECT_THAT(lines[2], testing::StartsWith("S2: "));
}

INSTANTIATE_TEST_SUITE_P(Modes, TextbookModel, testing::Values(Mode::gbm, Mode::heston, Mode::jump),
                         [](const auto& tested) { return std::string(market::mode_name(tested.param)); });

// What MODE makes of the parameters that known_parameters gives, as a panel of one symbol.
PanelSeries simulated_series(Mode mode, std::size_t sessions) {
  const auto panel = test::panel_of(test::made_up_history({.symbols = 1}));
  return test::panel_of(test::path_of(panel, options_of(mode, sessions, known_parameters(mode)))).series[0];
}

TEST(Gbm, FindsItsParametersAgain) {
  const auto found = fit_gbm(simulated_series(Mode::gbm, 25'200));
  EXPECT_NEAR(found.volatility, 0.2, 0.003);
  EXPECT_NEAR(found.drift, 0.05, 3.0 * 0.2 / 10.0);  // a hundred years tell the mean to 0.02
}

TEST(Heston, FindsItsParametersAgain) {
  const auto found = fit_heston(simulated_series(Mode::heston, 50'000)).value();
  EXPECT_NEAR(found.kappa, 6.0, 1.5);
  EXPECT_NEAR(found.theta, 0.04, 0.003);
  EXPECT_NEAR(found.xi, 0.6, 0.08);
  EXPECT_NEAR(found.rho, -0.6, 0.1);
}

TEST(Heston, NamesTheSymbolThatHasNoClusters) {
  auto history = test::made_up_history({.symbols = 1});
  auto series = *history.slices[0].series;
  std::int64_t close = 100'000;
  for (std::size_t i = 0; i < series.bars.size(); ++i) {  // large and small moves in turn
    const std::int64_t step = i % 2 == 0 ? 2000 : 100;
    const std::int64_t next = i % 4 < 2 ? close + step : close - step;
    series.bars[i].open = close;
    series.bars[i].close = next;
    series.bars[i].high = std::max(close, next);
    series.bars[i].low = std::min(close, next);
    close = next;
  }
  const auto panel = test::panel_of({series});
  const auto fit = fit_heston(panel.series[0]);
  ASSERT_FALSE(fit) << fit->kappa;
  EXPECT_EQ(fit.error().kind, ErrorKind::data);
  EXPECT_THAT(fit.error().message, testing::HasSubstr("S0"));
  EXPECT_TRUE(fit_model(panel, options_of(Mode::heston, 1, kHeston)));  // given, it need not be fitted
}

TEST(Jump, FindsItsParametersAgain) {
  const auto found = fit_jump(simulated_series(Mode::jump, 50'000)).value();
  EXPECT_NEAR(found.intensity, 12.0, 2.5);
  EXPECT_NEAR(found.jump_mean, -0.01, 0.003);
  EXPECT_NEAR(found.jump_deviation, 0.03, 0.004);
  EXPECT_NEAR(found.volatility, 0.15, 0.003);
  EXPECT_NEAR(found.drift, 0.02, 3.0 * 0.19 / 14.0);
}

TEST(Jump, FitsReturnsThatHaveNone) {
  const auto series = simulated_series(Mode::gbm, 10'000);
  const auto found = fit_jump(series);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_LE(found->volatility, 0.205);
}

TEST(Jump, HasTheMixturesMoments) {
  const auto series = simulated_series(Mode::jump, 200'000);
  const double lambda = 12.0 / 252.0;
  const double diffusion = 0.15 * 0.15 / 252.0;
  const double second = 0.03 * 0.03 + 0.01 * 0.01;
  const double variance = diffusion + lambda * second;
  const double third = -lambda * (std::pow(0.01, 3) + 3.0 * 0.01 * 0.03 * 0.03);
  const double fourth = lambda * (std::pow(0.01, 4) + 6.0 * 0.01 * 0.01 * 0.03 * 0.03 + 3.0 * std::pow(0.03, 4));
  double skewness = 0.0;
  double kurtosis = 0.0;
  double n = 0.0;
  for (const double r : series.ret) {
    if (std::isnan(r)) continue;
    const double z = (r - series.mean) / series.deviation;
    skewness += z * z * z;
    kurtosis += z * z * z * z;
    ++n;
  }
  EXPECT_NEAR(series.deviation * series.deviation / variance, 1.0, 0.02);
  EXPECT_NEAR(skewness / n, third / std::pow(variance, 1.5), 0.15);
  EXPECT_NEAR(kurtosis / n - 3.0, fourth / (variance * variance), 0.8);
}

}  // namespace
}  // namespace stack::model
