#include "realism/memorising.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "made_series.hpp"
#include "realism/statistics.hpp"

namespace stack::realism {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The definition, window by window.
ClosestWindow by_definition(std::span<const double> history, std::span<const double> simulation) {
  ClosestWindow best{.correlation = kNaN};
  const auto whole = [](std::span<const double> window) { return count(window) == kWindow; };
  for (std::size_t i = 0; i + kWindow <= simulation.size(); ++i) {
    for (std::size_t j = 0; j + kWindow <= history.size(); ++j) {
      const auto a = simulation.subspan(i, kWindow);
      const auto b = history.subspan(j, kWindow);
      if (!whole(a) || !whole(b)) continue;
      const double value = correlation(a, b);
      if (!std::isnan(value) && !(value <= best.correlation)) best = {value, j, i};
    }
  }
  return best;
}

RC_GTEST_PROP(ClosestWindowProperty, IsTheBestOfAllPairs, (unsigned seed)) {
  auto history = test::normal_values(static_cast<std::size_t>(*rc::gen::inRange(15, 120)), seed);
  auto simulation = test::normal_values(static_cast<std::size_t>(*rc::gen::inRange(15, 120)), seed + 1);
  for (auto* x : {&history, &simulation}) {
    if (*rc::gen::inRange(0, 2) == 0) (*x)[x->size() / 2] = kNaN;
    if (x->size() > 60) std::fill_n(x->begin() + 30, 22, 0.25);  // a window without variation
  }
  const auto expected = by_definition(history, simulation);
  const auto found = closest_window(history, simulation);
  if (std::isnan(expected.correlation)) {
    RC_ASSERT(std::isnan(found.correlation));
  } else {
    RC_ASSERT(std::fabs(found.correlation - expected.correlation) < 1e-10);
    // Where it says; of several equal ones any.
    const auto there = correlation(std::span{simulation}.subspan(found.simulation_session, kWindow),
                                   std::span{history}.subspan(found.history_session, kWindow));
    RC_ASSERT(std::fabs(there - expected.correlation) < 1e-10);
  }
}

TEST(ClosestWindow, FindsACopyWhateverItsVolatility) {
  const auto past = test::series_of("A", test::normal_values(3000, 1));
  auto made = test::series_of("A", test::normal_values(3000, 2));
  for (std::size_t t = 0; t < 40 + kWindow; ++t) made.r[1000 + t] = 3.0 * past.r[2000 + t];
  const auto found = closest_windows(std::vector{past}, std::vector{made}).front();
  EXPECT_GT(found.correlation, 0.99);
  EXPECT_NEAR(static_cast<double>(found.simulation_session) - static_cast<double>(found.history_session), -1000.0, 0.1);
}

TEST(ClosestWindow, OfIndependentSeriesIsNotNearOne) {
  const auto past = test::series_of("A", test::normal_values(4000, 3));
  const auto made = test::series_of("A", test::normal_values(4000, 4));
  const auto found = closest_windows(std::vector{past}, std::vector{made}, 1).front();
  EXPECT_LT(found.correlation, 0.95);
  EXPECT_GT(found.correlation, 0.7);  // the best of 16 million
}

TEST(ClosestWindow, OfASeriesWithItselfDoesNotOverlap) {
  auto x = test::normal_values(400, 7);
  const auto alone = closest_own_window(x);
  EXPECT_LT(alone.correlation, 0.95);
  EXPECT_GE(alone.simulation_session, alone.history_session + kWindow);
  EXPECT_NEAR(alone.correlation,
              correlation(std::span{x}.subspan(alone.simulation_session, kWindow),
                          std::span{x}.subspan(alone.history_session, kWindow)),
              1e-10);
  std::copy_n(x.begin() + 50, kWindow, x.begin() + 300);
  const auto repeated = closest_own_window(x);
  EXPECT_NEAR(repeated.correlation, 1.0, 1e-10);
  EXPECT_EQ(repeated.history_session, 50U);
  EXPECT_EQ(repeated.simulation_session, 300U);
}

TEST(ClosestWindow, NeedsAWindow) {
  const auto past = test::series_of("A", test::normal_values(30, 5));
  EXPECT_TRUE(std::isnan(closest_windows(std::vector{past}, std::vector{past}, 1).front().correlation));
}

TEST(StandardisedReturns, KnowOnlyThePast) {
  auto r = test::normal_values(200, 6);
  r[0] = kNaN;
  const auto z = standardised_returns(r);
  for (std::size_t t = 0; t <= 20; ++t) EXPECT_TRUE(std::isnan(z[t]));
  double variance = 0.0;
  for (std::size_t t = 1; t <= 20; ++t) variance += r[t] * r[t] / 20.0;
  EXPECT_DOUBLE_EQ(z[21], r[21] / std::sqrt(variance));
  r[100] *= 10.0;
  const auto shocked = standardised_returns(r);
  for (std::size_t t = 21; t < 100; ++t) EXPECT_EQ(z[t], shocked[t]);
  EXPECT_DOUBLE_EQ(shocked[100], 10.0 * z[100]);
  EXPECT_LT(std::fabs(shocked[101]), std::fabs(z[101]));
  for (const double v : standardised_returns(std::vector<double>(50, 0.0))) EXPECT_TRUE(std::isnan(v));
}

}  // namespace
}  // namespace stack::realism
