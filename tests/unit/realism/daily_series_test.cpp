#include "realism/daily_series.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "market/dataset.hpp"

namespace stack::realism {
namespace {

std::shared_ptr<const market::Dataset> dataset_of(const std::string& rows) {
  auto dataset = market::Dataset::parse("test.csv", "Symbol,Date,Open,High,Low,Close,Volume\n" + rows);
  EXPECT_TRUE(dataset.has_value());
  return *dataset;
}

TEST(DailySeries, IsWhatTheBarsSay) {
  const auto dataset = dataset_of(
      "A,2020-01-02,10,12,8,11,100\n"
      "A,2020-01-03,12.5,13.25,12.125,13,0\n"
      "A,2020-01-06,13,13,13,13,7\n");
  const auto series = daily_series("A", dataset->series()[0].bars);
  ASSERT_EQ(series.size(), 3U);
  EXPECT_EQ(series.day[1] - series.day[0], 1);
  EXPECT_EQ(series.day[2] - series.day[1], 3);
  EXPECT_TRUE(std::isnan(series.r[0]));
  EXPECT_TRUE(std::isnan(series.gap[0]));
  EXPECT_DOUBLE_EQ(series.intraday[0], std::log(1.1));
  EXPECT_DOUBLE_EQ(series.range[0], std::log(1.5));
  EXPECT_DOUBLE_EQ(series.log_volume[0], std::log(100.0));
  EXPECT_DOUBLE_EQ(series.r[1], std::log(13.0 / 11.0));
  EXPECT_DOUBLE_EQ(series.gap[1], std::log(12.5 / 11.0));
  EXPECT_NEAR(series.gap[1] + series.intraday[1], series.r[1], 1e-15);
  EXPECT_TRUE(std::isnan(series.log_volume[1]));
  EXPECT_EQ(series.r[2], 0.0);
  EXPECT_TRUE(std::isnan(series.range[2]));
}

TEST(DailySeries, AdjustmentCountsBetweenSessionsOnly) {
  const auto dataset = dataset_of(
      "A,2020-01-02,100,110,90,100,1\n"
      "A,2020-01-03,50,55,45,51,1\n");  // a split of two for one before the open
  const std::vector<double> factors{0.5, 1.0};
  const auto series = daily_series("A", dataset->series()[0].bars, factors);
  EXPECT_DOUBLE_EQ(series.r[1], std::log(51.0 / 50.0));
  EXPECT_DOUBLE_EQ(series.gap[1], 0.0);
  EXPECT_DOUBLE_EQ(series.range[1], std::log(55.0 / 45.0));
}

}  // namespace
}  // namespace stack::realism
