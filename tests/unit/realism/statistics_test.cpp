// Statistics: known values, invariances, missing values, and the two ways to the same order statistic.
#include "realism/statistics.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "made_series.hpp"
#include "realism/ranking.hpp"

namespace stack::realism {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using test::autoregression;
using test::normal_values;

TEST(Statistics, MomentsOfKnownValues) {
  const std::vector<double> x{2, 4, 4, 4, 5, 5, 7, 9};
  const auto m = moments(x);
  EXPECT_EQ(m.count, 8U);
  EXPECT_DOUBLE_EQ(m.mean, 5.0);
  EXPECT_DOUBLE_EQ(m.variance, 4.0);
  EXPECT_DOUBLE_EQ(m.skewness, 5.25 / 8.0);
  EXPECT_DOUBLE_EQ(m.excess_kurtosis, 44.5 / 16.0 - 3.0);
}

TEST(Statistics, QuantilesLieBetweenOrderStatistics) {
  const std::vector<double> x{30, 10, 20, 40};
  EXPECT_DOUBLE_EQ(quantile(x, 0.0), 10.0);
  EXPECT_DOUBLE_EQ(quantile(x, 0.5), 25.0);
  EXPECT_DOUBLE_EQ(quantile(x, 0.9), 37.0);
  EXPECT_DOUBLE_EQ(quantile(x, 1.0), 40.0);
  EXPECT_TRUE(std::isnan(quantile(x, 1.5)));
}

TEST(Statistics, HillFindsThePowerOfAPareto) {
  std::vector<double> x;
  x.reserve(200'000);
  for (int i = 0; i < 200'000; ++i) x.push_back(std::pow((i + 0.5) / 200'000.0, -1.0 / 3.0) * (i % 2 == 0 ? 1 : -1));
  EXPECT_NEAR(hill(x), 3.0, 0.01);
}

TEST(Statistics, AutocorrelationOfAnAutoregression) {
  const auto x = autoregression(200'000, 0.6, 1);
  for (const std::size_t lag : {1U, 2U, 5U}) EXPECT_NEAR(autocorrelation(x, lag), std::pow(0.6, lag), 0.01);
  EXPECT_DOUBLE_EQ(autocorrelation(x, 0), 1.0);
  EXPECT_NEAR(variance_ratio(normal_values(200'000, 2), 5), 1.0, 0.02);
  EXPECT_NEAR(variance_ratio(x, 2), 1.6, 0.01);  // 1 + phi
}

TEST(Statistics, CrossCorrelationTellsWhoLeads) {
  const auto x = normal_values(50'000, 3);
  std::vector<double> follower(x.size());
  for (std::size_t t = 1; t < x.size(); ++t) follower[t] = x[t - 1];
  EXPECT_NEAR(cross_correlation(x, follower, 1), 1.0, 1e-4);
  EXPECT_NEAR(cross_correlation(follower, x, 1), 0.0, 0.02);
  EXPECT_TRUE(std::isnan(cross_correlation(x, follower, x.size())));
}

TEST(Statistics, LeverageIsNegativeWhereFallsAreFollowedByLargeMoves) {
  auto x = normal_values(50'000, 4);
  for (std::size_t t = 1; t < x.size(); ++t)
    if (x[t - 1] < 0.0) x[t] *= 2.0;
  EXPECT_LT(leverage(x), -0.05);
  EXPECT_NEAR(leverage(normal_values(50'000, 5)), 0.0, 0.01);
}

TEST(Statistics, SumsOfManyValuesAreMoreGaussian) {
  auto x = normal_values(100'000, 6);
  for (double& v : x) v = v * v * v;
  EXPECT_NEAR(kurtosis_of_sums(x, 5), excess_kurtosis(x) / 5.0, 0.25 * excess_kurtosis(x) / 5.0);
}

TEST(Statistics, MissingValuesAreAsIfTheyWereNotThere) {
  const auto x = normal_values(500, 7);
  auto with_gaps = x;
  for (std::size_t i = 0; i < with_gaps.size(); i += 3)
    with_gaps.insert(with_gaps.begin() + static_cast<long>(i), kNaN);
  EXPECT_DOUBLE_EQ(mean(with_gaps), mean(x));
  EXPECT_DOUBLE_EQ(stddev(with_gaps), stddev(x));
  EXPECT_DOUBLE_EQ(skewness(with_gaps), skewness(x));
  EXPECT_DOUBLE_EQ(quantile(with_gaps, 0.01), quantile(x, 0.01));
  EXPECT_DOUBLE_EQ(hill(with_gaps), hill(x));
  const std::vector<double> y{1, kNaN, 3, 4, 7};
  const std::vector<double> z{2, 5, kNaN, 1, 0};
  EXPECT_DOUBLE_EQ(correlation(y, z), correlation(std::vector<double>{1, 4, 7}, std::vector<double>{2, 1, 0}));
  EXPECT_DOUBLE_EQ(spearman(y, z), -1.0);
}

TEST(Statistics, WhatCannotBeComputedIsNaN) {
  const std::vector<double> none;
  const std::vector<double> constant(100, 3.0);
  const std::vector<double> missing(100, kNaN);
  for (const auto& x : {none, constant, missing}) {
    EXPECT_TRUE(std::isnan(skewness(x)));
    EXPECT_TRUE(std::isnan(autocorrelation(x, 1)));
    EXPECT_TRUE(std::isnan(correlation(x, x)));
    EXPECT_TRUE(std::isnan(spearman(x, x)));
    EXPECT_TRUE(std::isnan(leverage(x)));
    EXPECT_TRUE(std::isnan(variance_ratio(x, 5)));
    EXPECT_TRUE(std::isnan(hill(x)));
  }
}

RC_GTEST_PROP(StatisticsProperty, ShapeDoesNotChangeWithUnit, (unsigned seed)) {
  const auto x = autoregression(400, 0.3, seed);
  const double scale = *rc::gen::inRange(1, 1000) / 7.0;
  auto y = x;
  for (double& v : y) v = 5.0 + scale * v;
  const auto near = [](double a, double b) { RC_ASSERT(std::fabs(a - b) < 1e-8 * (1.0 + std::fabs(a))); };
  near(skewness(x), skewness(y));
  near(excess_kurtosis(x), excess_kurtosis(y));
  near(autocorrelation(x, 3), autocorrelation(y, 3));
  near(variance_ratio(x, 5), variance_ratio(y, 5));
  near(5.0 + scale * quantile(x, 0.01), quantile(y, 0.01));
  near(correlation(x, y), 1.0);
  near(stddev(y), scale * stddev(x));
}

RC_GTEST_PROP(StatisticsProperty, CorrelationsLieBetweenMinusOneAndOne, (unsigned seed)) {
  const auto x = normal_values(50, seed);
  const auto y = autoregression(50, 0.9, seed + 1);
  for (const double value : {correlation(x, y), spearman(x, y), cross_correlation(x, y, 3), autocorrelation(y, 2)})
    RC_ASSERT(std::fabs(value) <= 1.0);
  auto cubed = x;
  for (double& v : cubed) v = v * v * v;
  RC_ASSERT(std::fabs(spearman(x, y) - spearman(cubed, y)) < 1e-12);  // ranks know no unit
}

// Few distinct values, so that there are ties; some are missing.
std::vector<double> values_with_ties(std::size_t n) {
  std::vector<double> x(n);
  for (double& v : x) {
    const int drawn = *rc::gen::inRange(0, 40);
    v = drawn == 0 ? kNaN : drawn / 4.0;
  }
  return x;
}

RC_GTEST_PROP(RankingProperty, CountingAgreesWithSorting, ()) {
  const auto n = static_cast<std::size_t>(*rc::gen::inRange(30, 300));
  const auto x = values_with_ties(n);
  const auto ranked = rank_values(x);
  CountedSample sample;
  sample.count(ranked.rank, ranked.distinct);
  RC_ASSERT(sample.size() == count(x));
  for (const double q : {0.0, 0.01, 0.37, 0.5, 0.99, 1.0}) {
    const double expected = quantile(x, q);
    RC_ASSERT(sample.quantile(q) == expected || (std::isnan(expected) && std::isnan(sample.quantile(q))));
  }
  const double expected = hill(x, 0.2);
  RC_ASSERT(std::fabs(sample.hill(0.2) - expected) < 1e-9 * expected ||
            (std::isnan(expected) && std::isnan(sample.hill(0.2))));
}

RC_GTEST_PROP(RankingProperty, RankCorrelationIsCorrelationOfMeanRanks, ()) {
  const auto n = static_cast<std::size_t>(*rc::gen::inRange(5, 100));
  const auto x = values_with_ties(n);
  const auto y = values_with_ties(n);
  std::vector<double> a;
  std::vector<double> b;
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) continue;
    a.push_back(x[i]);
    b.push_back(y[i]);
  }
  const auto mean_ranks = [](const std::vector<double>& values) {
    std::vector<double> ranks;
    for (const double v : values) {
      const auto below = std::ranges::count_if(values, [v](double w) { return w < v; });
      const auto same = std::ranges::count(values, v);
      ranks.push_back(static_cast<double>(below) + static_cast<double>(same + 1) / 2.0);
    }
    return ranks;
  };
  const double expected = correlation(mean_ranks(a), mean_ranks(b));
  const double got = spearman(x, y);
  RC_ASSERT(std::fabs(got - expected) < 1e-12 || (std::isnan(expected) && std::isnan(got)));
}

}  // namespace
}  // namespace stack::realism
