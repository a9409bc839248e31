// A model that is fitted once and played often, and what becomes of a symbol whose fit goes wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "histories.hpp"
#include "model/bar_path.hpp"
#include "model/simulated_bars.hpp"

namespace stack::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string csv_of(const market::SimulatedBars& bars) {
  std::string text;
  for (const auto& series : bars.dataset->series())
    for (const auto& bar : series.bars) append_csv(series.symbol, bar, text);
  return text;
}

ModelOptions options_of(market::Mode mode, std::size_t sessions, bool ewma_fallback = false) {
  ModelOptions options;
  options.mode = mode;
  options.sessions = sessions;
  options.ewma_fallback = ewma_fallback;
  return options;
}

class FittedHistoryOf : public testing::TestWithParam<market::Mode> {};

// Whatever was played before, in whatever length, a seed's path is the one of a model fitted for it alone.
TEST_P(FittedHistoryOf, PlaysEachSeedAsAFitOfItsOwnDoes) {
  const auto history = test::made_up_history({.symbols = 2, .sessions = 400, .younger = 30, .holidays = 0.02});
  auto options = options_of(GetParam(), 300);
  // Returns that are independent have no Heston of their own.
  if (GetParam() == market::Mode::heston) options.parameters = {{"", "kappa", 6.0}, {"", "xi", 0.2}, {"", "rho", -0.6}};
  const auto fitted = FittedHistory::fit(history, {}, {}, options);
  ASSERT_TRUE(fitted) << fitted.error().message;
  ModelOptions another = options;
  another.seed = 1;
  another.sessions = 5000;
  ASSERT_TRUE(fitted->play(another));
  for (options.seed = 7; options.seed < 10; ++options.seed) {
    const auto alone = simulate_bars(history, {}, {}, options);
    ASSERT_TRUE(alone) << alone.error().message;
    EXPECT_EQ(csv_of(*fitted->play(options)), csv_of(alone->bars)) << "seed " << options.seed;
    EXPECT_EQ(fitted->summary(), alone->summary);
    EXPECT_EQ(fitted->warnings(), alone->warnings);
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, FittedHistoryOf,
                         testing::Values(market::Mode::fhs, market::Mode::bootstrap, market::Mode::gbm,
                                         market::Mode::heston, market::Mode::jump),
                         [](const auto& each) { return std::string{market::mode_name(each.param)}; });

// Moves of one of two sizes, one in a hundred or ten: the search for the likelihood's maximum of such a series goes on
// and on.
market::Selection history_without_fit() {
  auto all = std::vector{*test::made_up_history({.symbols = 1, .sessions = 400}).slices[0].series};
  auto& odd = all.emplace_back();
  odd.symbol = "ODD";
  std::uint32_t state = 14;
  double price = 100.0;
  for (const auto day : weekdays_from(10'000, 271)) {
    market::Bar bar{.day = day, .scale = 4};
    bar.open = bar.high = bar.low = bar.close = std::llround(price * 1e4);
    odd.bars.push_back(bar);
    state = state * 1'664'525U + 1'013'904'223U;
    const double size = (state >> 8U) % 100 < 16 ? 0.1 : 0.01;
    price *= std::exp(state < 0x8000'0000U ? size : -size);
  }
  return market::select(market::Dataset::of_bars("odd", std::move(all)), {}).value();
}

TEST(BadFit, IsAnErrorThatNamesTheSymbolAndWhatToDo) {
  const auto fitted = FittedHistory::fit(history_without_fit(), {}, {}, options_of(market::Mode::fhs, 100));
  ASSERT_FALSE(fitted);
  EXPECT_EQ(fitted.error().kind, ErrorKind::data);
  EXPECT_THAT(fitted.error().message, testing::StartsWith("ODD: "));
  EXPECT_THAT(fitted.error().message, HasSubstr("--on-bad-fit ewma"));
  EXPECT_THAT(fitted.error().message, HasSubstr("--symbols"));
}

TEST(BadFit, IsReplacedAndToldWhereThatIsAsked) {
  const auto options = options_of(market::Mode::fhs, 2000, true);
  const auto history = history_without_fit();
  const auto fitted = FittedHistory::fit(history, {}, {}, options);
  ASSERT_TRUE(fitted) << fitted.error().message;
  EXPECT_THAT(fitted->warnings(), ElementsAre(testing::StartsWith("ODD: ")));
  ASSERT_THAT(fitted->summary(), SizeIs(2));
  EXPECT_THAT(fitted->summary()[0], HasSubstr("fhs ODD"));
  EXPECT_THAT(fitted->summary()[0], HasSubstr("RiskMetrics"));
  EXPECT_THAT(fitted->summary()[1], HasSubstr("GJR-GARCH"));  // the other symbol's fit is its own
  const auto bars = fitted->play(options);
  ASSERT_TRUE(bars);
  const auto before = test::panel_of(history);
  const auto after = test::panel_of(market::select(bars->dataset, {}).value());
  EXPECT_GT(after.series[0].deviation, 0.5 * before.series[0].deviation);
  EXPECT_LT(after.series[0].deviation, 2.0 * before.series[0].deviation);
}

TEST(BadFit, LeavesGoodFitsAlone) {
  const auto history = test::made_up_history({.symbols = 2, .sessions = 400});
  const auto strict = simulate_bars(history, {}, {}, options_of(market::Mode::fhs, 100));
  const auto lenient = simulate_bars(history, {}, {}, options_of(market::Mode::fhs, 100, true));
  ASSERT_TRUE(strict);
  ASSERT_TRUE(lenient);
  EXPECT_EQ(csv_of(strict->bars), csv_of(lenient->bars));
  EXPECT_THAT(lenient->warnings, IsEmpty());
}

}  // namespace
}  // namespace stack::model
