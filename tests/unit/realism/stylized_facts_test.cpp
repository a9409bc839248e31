#include "realism/stylized_facts.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <set>

#include "made_series.hpp"

namespace stack::realism {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

FactValues facts_of(const DailySeries& series) {
  FactCalculator calculator;
  return calculator(RankedSeries{series});
}

TEST(StylizedFacts, EachIsDescribedOnce) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kFactCount; ++i) {
    const auto& spec = fact_specs()[i];
    EXPECT_EQ(static_cast<std::size_t>(spec.fact), i);
    EXPECT_FALSE(spec.meaning.empty());
    EXPECT_FALSE(spec.source.empty());
    names.insert(spec.name);
  }
  EXPECT_EQ(names.size(), kFactCount);
  EXPECT_GE(kFactCount, 18U);
}

TEST(StylizedFacts, AreTheStatisticsOfTheColumns) {
  const auto series = test::series_of("A", test::autoregression(2000, 0.2, 3));
  const auto facts = facts_of(series);
  auto magnitude = series.r;
  for (double& v : magnitude) v = std::fabs(v);
  const double sigma = stddev(series.r);
  EXPECT_DOUBLE_EQ(at(facts, Fact::volatility), sigma);
  EXPECT_DOUBLE_EQ(at(facts, Fact::skewness), skewness(series.r));
  EXPECT_DOUBLE_EQ(at(facts, Fact::excess_kurtosis), excess_kurtosis(series.r));
  EXPECT_NEAR(at(facts, Fact::hill), hill(series.r), 1e-9);
  EXPECT_DOUBLE_EQ(at(facts, Fact::quantile_01), quantile(series.r, 0.01) / sigma);
  EXPECT_DOUBLE_EQ(at(facts, Fact::quantile_99), quantile(series.r, 0.99) / sigma);
  EXPECT_DOUBLE_EQ(at(facts, Fact::acf_return_1), autocorrelation(series.r, 1));
  EXPECT_DOUBLE_EQ(at(facts, Fact::acf_abs_20), autocorrelation(magnitude, 20));
  EXPECT_DOUBLE_EQ(at(facts, Fact::leverage), leverage(series.r));
  EXPECT_DOUBLE_EQ(at(facts, Fact::variance_ratio_5), variance_ratio(series.r, 5));
  EXPECT_DOUBLE_EQ(at(facts, Fact::kurtosis_5), kurtosis_of_sums(series.r, 5));
  EXPECT_DOUBLE_EQ(at(facts, Fact::overnight_share), variance(series.gap) / variance(series.r));
  EXPECT_DOUBLE_EQ(at(facts, Fact::gap_day_correlation), correlation(series.gap, series.intraday));
  EXPECT_DOUBLE_EQ(at(facts, Fact::range_abs_return), spearman(series.range, magnitude));
  EXPECT_DOUBLE_EQ(at(facts, Fact::volume_abs_return), spearman(series.log_volume, magnitude));
  EXPECT_DOUBLE_EQ(at(facts, Fact::acf_range_5), autocorrelation(series.range, 5));
  EXPECT_DOUBLE_EQ(at(facts, Fact::acf_volume_20), autocorrelation(series.log_volume, 20));
  double squares = 0.0;
  for (const double v : series.range) squares += v * v;
  EXPECT_NEAR(at(facts, Fact::parkinson_ratio),
              std::sqrt(squares / static_cast<double>(series.size()) / (4.0 * std::numbers::ln2)) / sigma, 1e-12);
}

TEST(StylizedFacts, TooFewValuesGiveNone) {
  auto series = test::series_of("A", test::normal_values(kLeastValues + 1, 4));  // one return fewer than sessions
  EXPECT_FALSE(std::isnan(at(facts_of(series), Fact::volatility)));
  for (const double value : facts_of(test::without_every(series, 100))) EXPECT_TRUE(std::isnan(value));

  series.log_volume.assign(series.size(), kNaN);
  const auto facts = facts_of(series);
  EXPECT_TRUE(std::isnan(at(facts, Fact::volume_abs_return)));
  EXPECT_TRUE(std::isnan(at(facts, Fact::acf_volume_1)));
  EXPECT_FALSE(std::isnan(at(facts, Fact::acf_range_1)));
}

TEST(StylizedFacts, OfAConstantPriceAreNone) {
  auto series = test::series_of("A", std::vector<double>(400, 0.0));
  EXPECT_TRUE(std::isnan(at(facts_of(series), Fact::volatility)));
  EXPECT_TRUE(std::isnan(at(facts_of(series), Fact::acf_abs_1)));
}

TEST(SessionSample, IsTheSessionsThatWereAppended) {
  const RankedSeries source{test::series_of("A", test::normal_values(1000, 5))};
  SessionSample sample;
  FactCalculator calculator;
  sample.start(source);
  sample.append(500, 1000);
  sample.append(1, 500);
  EXPECT_EQ(sample.size(), 999U);
  const auto facts = calculator(sample);
  EXPECT_NEAR(at(facts, Fact::volatility), stddev(source.daily.r), 1e-15);  // the same values in another order
  EXPECT_DOUBLE_EQ(at(facts, Fact::quantile_01), quantile(source.daily.r, 0.01) / at(facts, Fact::volatility));
  sample.start(source);
  EXPECT_EQ(sample.size(), 0U);
}

}  // namespace
}  // namespace stack::realism
