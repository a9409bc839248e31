// Filtered historical simulation on histories that are short, stale, alike, apart or wild.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "clustered_history.hpp"
#include "fhs_checks.hpp"
#include "histories.hpp"

namespace stack::model {
namespace {

using Many = std::vector<market::Series>;

struct Spread {
  double least = 0.7;
  double most = 1.4;
};

// Fits, makes a path, and holds it to what every path has to be: bars, and history's spread within a factor.
Many path_of(const Many& history, Spread spread = {}) {
  const auto panel = test::panel_of(history);
  const auto path = test::bars_of(panel, *test::fitted_fhs(panel), 2000);
  test::expect_valid(path);
  for (std::size_t s = 0; s < path.size(); ++s) {
    const double ratio = test::deviation_of(test::returns_of(path[s])) / panel.series[s].deviation;
    EXPECT_GT(ratio, spread.least) << path[s].symbol;
    EXPECT_LT(ratio, spread.most) << path[s].symbol;
  }
  return path;
}

double correlation_of(const Many& path, std::size_t a, std::size_t b) {
  return test::correlation_on_common_dates(test::returns_of(path[a]), test::returns_of(path[b]));
}

TEST(FhsOddHistory, FewestBars) {
  const auto started = std::chrono::steady_clock::now();
  path_of(test::clustered_series({.symbols = 2, .sessions = kFewestBars}), {0.5, 2.0});
  path_of(test::clustered_series({.symbols = 1, .sessions = kFewestBars}), {0.5, 2.0});
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds{20});
}

TEST(FhsOddHistory, OneSymbol) { path_of(test::clustered_series({.symbols = 1})); }

TEST(FhsOddHistory, SymbolsThatAreOneOrOpposite) {
  auto history = test::clustered_series({.symbols = 1, .sessions = 800});
  history.push_back(history[0]);
  history.push_back(test::with_closes(history[0], [](std::size_t, double close) { return 1e6 / close; }));
  history[1].symbol = "B";
  history[2].symbol = "C";
  const auto path = path_of(history);
  EXPECT_GT(correlation_of(path, 0, 1), 0.995);
  EXPECT_LT(correlation_of(path, 0, 2), -0.98);
}

TEST(FhsOddHistory, StalePrices) {
  auto history = test::clustered_series({.symbols = 1});
  test::RandomStream random(2);
  double stale = 0.0;
  history[0] = test::with_closes(history[0], [&](std::size_t, double close) {
    if (stale == 0.0 || random.uniform() < 0.5) stale = close;
    return stale;
  });
  path_of(history);
}

TEST(FhsOddHistory, PricesThatStandStillForYears) {
  auto history = test::clustered_series({.symbols = 1});
  double stale = 0.0;
  history[0] = test::with_closes(history[0], [&](std::size_t place, double close) {
    if (place < 300 || place > 1200) stale = close;
    return stale;
  });
  path_of(history, {0.4, 2.5});
}

TEST(FhsOddHistory, BarsThatAreFlat) {
  auto history = test::clustered_series({.symbols = 1, .sessions = 800});
  for (auto& bar : history[0].bars) {
    bar.open = bar.high = bar.low = bar.close;
    bar.volume = 0;
  }
  path_of(history);
}

TEST(FhsOddHistory, NoCommonDates) {
  auto history = test::clustered_series({.symbols = 2, .sessions = 1000});
  history[0].bars.resize(500);
  history[1].bars.erase(history[1].bars.begin(), history[1].bars.begin() + 500);
  const auto path = path_of(history);
  EXPECT_NEAR(correlation_of(path, 0, 1), 0.0, 0.1);
}

TEST(FhsOddHistory, OneDayOfSixtyPercent) {
  auto history = test::clustered_series({.symbols = 1});
  history[0] =
      test::with_closes(history[0], [](std::size_t place, double close) { return place < 700 ? close : 0.4 * close; });
  const auto path = path_of(history, {0.4, 1.6});
  for (const double r : test::returns_of(path[0])) EXPECT_LE(std::abs(r), 1.5 * 0.93);
}

TEST(FhsOddHistory, VolumeOnlyLately) {
  auto history = test::clustered_series({.symbols = 2, .sessions = 800});
  for (std::size_t i = 0; i < 700; ++i) history[1].bars[i].volume = 0;  // a hundred tell too little
  for (std::size_t i = 0; i < 300; ++i) history[0].bars[i].volume = 0;
  const auto path = path_of(history);
  for (const auto& bar : path[1].bars) ASSERT_EQ(bar.volume, 0);
  for (const auto& bar : path[0].bars) ASSERT_GT(bar.volume, 0);
}

}  // namespace
}  // namespace stack::model
