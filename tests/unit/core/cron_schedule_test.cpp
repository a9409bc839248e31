#include "core/cron_schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace stack {
namespace {

std::string next(std::string_view expression, std::string_view now) {
  const auto schedule = CronSchedule::parse(expression);
  if (!schedule) return schedule.error().message;
  const auto time = schedule->next_after(*parse_micros(now));
  return time ? format_micros(*time).substr(0, 16) : "never";
}

TEST(CronSchedule, SaysTheFirstTimeAfterNow) {
  EXPECT_EQ(next("cron(15 12 * * ? *)", "2026-11-30 12:14:59.5"), "2026-11-30 12:15");
  EXPECT_EQ(next("cron(15 12 * * ? *)", "2026-11-30 12:15:00"), "2026-12-01 12:15");
  EXPECT_EQ(next("cron(0/20 * * * ? *)", "2026-11-30 23:45:10"), "2026-12-01 00:00");
  EXPECT_EQ(next("cron(0 8-18/5 ? * MON-FRI *)", "2026-11-27 18:30:00"), "2026-11-30 08:00");  // over a week-end
  EXPECT_EQ(next("cron(0 0 ? * 1 *)", "2026-11-30 00:00:00"), "2026-12-06 00:00");             // 1 is a Sunday
  EXPECT_EQ(next("cron(30 6 29 FEB ? *)", "2026-11-30 00:00:00"), "2028-02-29 06:30");
  EXPECT_EQ(next("cron(0 0 1,15 * ? 2027)", "2026-11-30 00:00:00"), "2027-01-01 00:00");
  EXPECT_EQ(next("cron(0 0 31 * ? 2026)", "2026-12-31 00:00:00"), "never");
}

TEST(CronSchedule, RefusesWhatIsNone) {
  for (const char* text : {"", "15 12 * * ? *", "cron(15 12 * * *)", "cron(15 12 * * * *)", "cron(15 12 ? * ? *)"})
    EXPECT_THAT(next(text, "2026-11-30 00:00:00"), testing::HasSubstr("six fields")) << text;
  EXPECT_THAT(next("cron(60 12 * * ? *)", "2026-11-30 00:00:00"), testing::HasSubstr("minutes"));
  EXPECT_THAT(next("cron(0 24 * * ? *)", "2026-11-30 00:00:00"), testing::HasSubstr("hours"));
  EXPECT_THAT(next("cron(0 0 L * ? *)", "2026-11-30 00:00:00"), testing::HasSubstr("days of the month"));
  EXPECT_THAT(next("cron(0 0 5-1 * ? *)", "2026-11-30 00:00:00"), testing::HasSubstr("'5-1'"));
  EXPECT_THAT(next("cron(0 0 ? * MOO *)", "2026-11-30 00:00:00"), testing::HasSubstr("days of the week"));
  EXPECT_THAT(next("cron(0/0 0 1 * ? *)", "2026-11-30 00:00:00"), testing::HasSubstr("minutes"));
}

}  // namespace
}  // namespace stack
