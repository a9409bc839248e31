#include "realism/cross_section.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "made_series.hpp"
#include "realism/statistics.hpp"

namespace stack::realism {
namespace {

TEST(CrossSection, TakesTheDatesThatBothHave) {
  const auto x = test::normal_values(1000, 1);
  auto y = test::normal_values(1000, 2);
  for (std::size_t t = 0; t < y.size(); ++t) y[t] = 0.6 * x[t] + 0.8 * y[t];
  const auto a = test::series_of("A", x);
  const auto b = test::series_of("B", y);
  const std::vector<DailySeries> all{test::without_every(a, 3), test::without_every(b, 5)};
  std::vector<double> common_x;
  std::vector<double> common_y;
  for (std::size_t t = 1; t < x.size(); ++t) {
    if (t % 3 == 0 || t % 5 == 0) continue;
    common_x.push_back(a.r[t]);
    common_y.push_back(b.r[t]);
  }
  const auto same = same_date_correlation(all);
  EXPECT_NEAR(same(0, 1), correlation(common_x, common_y), 1e-12);
  EXPECT_EQ(same(0, 1), same(1, 0));
  EXPECT_NEAR(same(0, 0), 1.0, 1e-12);
  const auto next = next_date_correlation(all);
  EXPECT_NEAR(next(0, 1), cross_correlation(common_x, common_y, 1), 1e-12);
  EXPECT_NEAR(next(1, 0), cross_correlation(common_y, common_x, 1), 1e-12);
}

TEST(CrossSection, TellsTheLeaderFromTheFollower) {
  const auto x = test::normal_values(2000, 3);
  std::vector<double> y(x.size());
  for (std::size_t t = 1; t < y.size(); ++t) y[t] = x[t - 1];
  const std::vector<DailySeries> all{test::series_of("LEADER", x), test::series_of("FOLLOWER", y)};
  const auto next = next_date_correlation(all);
  EXPECT_GT(next(0, 1), 0.99);
  EXPECT_NEAR(next(1, 0), 0.0, 0.1);
  EXPECT_NEAR(same_date_correlation(all)(0, 1), 0.0, 0.1);
}

TEST(CrossSection, FewCommonDatesGiveNothing) {
  const auto x = test::normal_values(400, 4);
  const std::vector<DailySeries> all{test::series_of("A", x, 10'000), test::series_of("B", x, 10'000 + 200),
                                     test::series_of("C", x, 10'000 + 100)};
  const auto same = same_date_correlation(all);
  EXPECT_TRUE(std::isnan(same(0, 1)));   // 200 dates
  EXPECT_FALSE(std::isnan(same(0, 2)));  // 300
  EXPECT_EQ(mean_absolute_error(same, same), 0.0);
}

TEST(CrossSection, ErrorIsOffTheDiagonal) {
  Matrix a{2};
  Matrix b{2};
  a(0, 0) = 5.0;
  a(0, 1) = 0.5;
  b(1, 0) = -0.1;
  EXPECT_DOUBLE_EQ(mean_absolute_error(a, b), 0.3);
  EXPECT_TRUE(std::isnan(mean_absolute_error(Matrix{1}, Matrix{1})));
}

}  // namespace
}  // namespace stack::realism
