#include "realism/day_profile.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <numeric>

#include "market/dataset.hpp"

namespace stack::realism {
namespace {

std::vector<DayProfile> profiles_of(const std::string& rows, std::size_t sessions) {
  auto dataset = market::Dataset::parse("test.csv", "Symbol,Date,Open,High,Low,Close,Volume\n" + rows);
  EXPECT_TRUE(dataset.has_value());
  const auto plan = market::FeedPlan::make(*dataset, {});
  EXPECT_TRUE(plan.has_value());
  return day_profiles(**plan, sessions);
}

std::string rows_of(const std::string& symbol, int sessions, int volume) {
  std::string rows;
  for (int i = 0; i < sessions; ++i)
    rows += fmt::format("{},2020-{:02}-{:02},100,104,97,{},{}\n", symbol, i / 28 + 1, i % 28 + 1, 99 + i % 4, volume);
  return rows;
}

TEST(DayProfile, SharesAddUpToTheDay) {
  const auto profiles = profiles_of(rows_of("ABC", 60, 100'000) + rows_of("HSI", 60, 100'000), 40);
  ASSERT_EQ(profiles.size(), 2U);
  for (const auto& profile : profiles) {
    EXPECT_EQ(profile.sessions, 40U);
    EXPECT_EQ(profile.open_minute, 570);
    EXPECT_EQ(profile.ticks.size(), 26U);  // 6.5 hours
    EXPECT_NEAR(std::accumulate(profile.volume.begin(), profile.volume.end(), 0.0), 1.0, 1e-9);
    EXPECT_NEAR(std::accumulate(profile.ticks.begin(), profile.ticks.end(), 0.0), 1.0, 1e-9);
  }
  const auto& with_lunch = profiles[1];  // 12:00 to 13:00 in Hong Kong
  for (std::size_t part = 10; part < 14; ++part) EXPECT_EQ(with_lunch.ticks[part], 0.0);
  EXPECT_GT(with_lunch.ticks[9], 0.0);
  EXPECT_GT(with_lunch.ticks[14], 0.0);
}

TEST(DayProfile, WithoutVolumeThereIsVolatilityAlone) {
  const auto profiles = profiles_of(rows_of("ABC", 30, 0), 100);
  EXPECT_EQ(profiles.front().sessions, 30U);
  for (const double share : profiles.front().volume) EXPECT_EQ(share, 0.0);
  for (const double v : profiles.front().volatility) EXPECT_GT(v, 0.0);
}

TEST(DayProfile, PassesOverBarsOfOneTick) {
  const auto profiles = profiles_of("ABC,2020-01-02,5,5,5,5,0\nABC,2020-01-03,5,5,5,5,0\n", 100);
  EXPECT_EQ(profiles.front().sessions, 0U);
}

}  // namespace
}  // namespace stack::realism
