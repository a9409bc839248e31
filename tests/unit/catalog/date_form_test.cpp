#include "catalog/date_form.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "core/time.hpp"

namespace stack::catalog {
namespace {

TEST(DateForm, EveryDayOfAYearAndNoOther) {
  for (const int year : {0, 1, 1900, 2000, 2023, 2024, 9999}) {
    for (int month = 0; month < 100; ++month) {
      for (int day = 0; day < 100; ++day) {
        const std::string text = fmt::format("{:04}-{:02}-{:02}", year, month, day);
        ASSERT_EQ(is_date(text), parse_date(text).has_value()) << text;
      }
    }
  }
}

TEST(DateForm, EveryTimeOfADayAndNoOther) {
  for (int first = 0; first < 100; ++first) {
    for (int second = 0; second < 100; ++second) {
      ASSERT_EQ(is_timestamp(fmt::format("2021-05-28 {:02}:{:02}:00", first, second)), first < 24 && second < 60);
      ASSERT_EQ(is_timestamp(fmt::format("2021-05-28 23:{:02}:{:02}.5", first, second)), first < 60 && second < 60);
    }
  }
}

TEST(DateForm, FractionsHaveOneToNineDigits) {
  for (std::size_t digits = 0; digits < 12; ++digits)
    EXPECT_EQ(is_timestamp("2021-05-28 01:30:00." + std::string(digits, '7')), digits >= 1 && digits <= 9) << digits;
  EXPECT_FALSE(is_timestamp("2021-05-28 01:30:00.12a"));
  EXPECT_FALSE(is_timestamp("2021-05-28 01:30:00,123"));
}

// One byte, any, in place of one.
RC_GTEST_PROP(DateFormProperty, NoOtherTextPasses, ()) {
  std::string date = "2024-02-29";
  date[*rc::gen::inRange<std::size_t>(0, date.size())] = *rc::gen::arbitrary<char>();
  RC_ASSERT(is_date(date) == parse_date(date).has_value());
  std::string stamp = "2024-02-19 01:30:00.004512";
  const auto place = *rc::gen::inRange<std::size_t>(0, stamp.size());
  stamp[place] = *rc::gen::arbitrary<char>();
  // parse_micros() takes a T as well, and a Z behind.
  const bool ours = stamp[10] == ' ' && stamp.back() != 'Z';
  RC_ASSERT(is_timestamp(stamp) == (ours && parse_micros(stamp).has_value()));
}

}  // namespace
}  // namespace stack::catalog
