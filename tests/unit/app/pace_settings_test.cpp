#include "app/pace_settings.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace stack::app {
namespace {

TEST(ParsePace, LooksAtSpeedWhateverTheRate) {
  const ManualClock clock{Micros{}};
  const auto pace_of = [&](const std::map<std::string, std::string>& flags) {
    const auto settings = Settings::load(flags, {}, "/nonexistent");
    EXPECT_TRUE(settings);
    return parse_pace(*settings, clock);
  };
  EXPECT_FALSE(pace_of({{"rate", "5"}, {"speed", "fast"}}));
  for (const auto* rate : {"0", "-1", "nan", "inf", "", "1/s"}) EXPECT_FALSE(pace_of({{"rate", rate}})) << rate;
  EXPECT_FALSE(pace_of({{"rate", "5"}, {"keep-gaps", "true"}}));
  EXPECT_FALSE(pace_of({{"catch-up", "soon"}}));
  EXPECT_FALSE(pace_of({{"start-at", "25:00"}}));
  const auto slow = pace_of({{"rate", "1e-3"}, {"speed", "60x"}, {"catch-up", "0"}, {"start-at", "00:00:30"}});
  ASSERT_TRUE(slow) << slow.error().message;
  EXPECT_EQ(slow->tempo.rate, 0.001);
  EXPECT_FALSE(slow->tempo.speed);
  EXPECT_EQ(slow->catch_up, std::chrono::milliseconds{0});
  EXPECT_EQ(slow->start_at, Micros{std::chrono::seconds{30}});
  EXPECT_EQ(pace_of({})->catch_up, std::chrono::milliseconds{1000});
  EXPECT_TRUE(pace_of({{"speed", "max"}})->tempo.unlimited());
}

TEST(NextInstant, IsTodaysOrTomorrowsTimeOfDay) {
  const auto now = *parse_micros("2026-11-25 14:30:00");
  EXPECT_EQ(next_instant("14:31", now), parse_micros("2026-11-25 14:31:00"));
  EXPECT_EQ(next_instant("14:30", now), parse_micros("2026-11-26 14:30:00"));
  EXPECT_EQ(next_instant("14:29:59", now), parse_micros("2026-11-26 14:29:59"));
  EXPECT_EQ(next_instant("2026-11-25T14:30:00Z", now), now);
  EXPECT_EQ(next_instant("2020-01-01 00:00:00.5", now), parse_micros("2020-01-01 00:00:00.500000"));
  for (const auto* wrong :
       {"", "14", "24:00", "14:60", "1430", "14:30:", "14:30:61", "tomorrow", "2026-02-30 00:00:00"})
    EXPECT_FALSE(next_instant(wrong, now)) << wrong;
}

}  // namespace
}  // namespace stack::app
