#include "core/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace stack {
namespace {

using std::chrono::days;
using std::chrono::microseconds;

TEST(ParseDate, TakesWhatExistsAndNothingElse) {
  EXPECT_EQ(parse_date("1970-01-01"), Date{days{0}});
  EXPECT_EQ(parse_date("2020-02-29"), Date{days{18321}});
  EXPECT_EQ(parse_date("1965-01-05"), Date{days{-1822}});
  for (const auto* wrong : {"2021-02-29", "2021-13-01", "2021-00-10", "2021-1-01", "2021-01-01 ", "0000-01-01", "",
                            "2021/01/01", "+021-01-01"})
    EXPECT_FALSE(parse_date(wrong)) << wrong;
}

TEST(ParseMicros, TakesTheFormsItDocuments) {
  const auto expected = Micros{microseconds{1622165400004512}};
  EXPECT_EQ(parse_micros("2021-05-28 01:30:00.004512"), expected);
  EXPECT_EQ(parse_micros("2021-05-28T01:30:00.004512Z"), expected);
  EXPECT_EQ(parse_micros("2021-05-28 01:30:00.004512999"), expected);
  EXPECT_EQ(parse_micros("2021-05-28 01:30:00"), Micros{microseconds{1622165400000000}});
  EXPECT_EQ(parse_micros("2021-05-28 01:30:00.5"), Micros{microseconds{1622165400500000}});
  for (const auto* wrong : {"2021-05-28", "2021-05-28 24:00:00", "2021-05-28 01:30", "2021-05-28 01:30:00.",
                            "2021-05-28 01:30:00.1234567890", "2021-05-28 01:30:60"})
    EXPECT_FALSE(parse_micros(wrong)) << wrong;
}

RC_GTEST_PROP(FormatMicros, ComesBackFromParsing, ()) {
  const auto instant =
      Micros{microseconds{*rc::gen::inRange<std::int64_t>(-60'000'000'000'000'000, 250'000'000'000'000'000)}};
  RC_ASSERT(parse_micros(format_micros(instant)) == instant);
}

TEST(ManualClock, JumpsItsWallWithoutItsSteadyTime) {
  ManualClock clock{Micros{microseconds{100}}};
  clock.jump_wall(microseconds{-50});
  EXPECT_EQ(clock.now(), Micros{microseconds{50}});
  EXPECT_EQ(clock.steady().time_since_epoch().count(), 0);
}

}  // namespace
}  // namespace stack
