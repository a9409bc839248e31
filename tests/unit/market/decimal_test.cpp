#include "market/decimal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace stack::market {
namespace {

TEST(Decimal, ParsesWhatCsvFilesHold) {
  EXPECT_EQ(parse_decimal("29113.199219"), (Decimal{29113199219, 6}));
  EXPECT_EQ(parse_decimal("0.0"), (Decimal{0, 0}));
  EXPECT_EQ(parse_decimal("94403740000.0"), (Decimal{94403740000, 0}));
  EXPECT_EQ(parse_decimal("9.4e10"), (Decimal{94000000000, 0}));
  EXPECT_EQ(parse_decimal("1.5E-3"), (Decimal{15, 4}));
  EXPECT_EQ(parse_decimal("+12.50"), (Decimal{125, 1}));
  EXPECT_EQ(parse_decimal("-7"), (Decimal{-7, 0}));
  EXPECT_EQ(parse_decimal(".5"), (Decimal{5, 1}));
  EXPECT_EQ(parse_decimal("333.87900637000000000000"), (Decimal{33387900637, 8}));
  EXPECT_EQ(parse_decimal("0.30000000000000004"), (Decimal{30000000000000004, 17}));
}

TEST(Decimal, RefusesTheRest) {
  for (const char* text : {"", ".", "-", "nan", "inf", "null", "1,5", "1.2.3", "1e", "1e+", "0x10", "1 2", "--1",
                           "1234567890123456789", "1e99", "1e-99", "1e999999999999"})
    EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
}

TEST(Decimal, IsPrintedInItsShortestFormWithAPoint) {
  EXPECT_EQ(format_decimal({29113, 0}), "29113.0");
  EXPECT_EQ(format_decimal({25, 2}), "0.25");
  EXPECT_EQ(format_decimal({-35, 1}), "-3.5");
  EXPECT_EQ(format_decimal({5, 6}), "0.000005");
  EXPECT_EQ(format_decimal({0, 0}), "0.0");
}

RC_GTEST_PROP(Decimal, SurvivesPrintingAndParsing, ()) {
  const auto mantissa = *rc::gen::inRange<std::int64_t>(-999'999'999'999'999'999, 999'999'999'999'999'999);
  const auto scale = *rc::gen::inRange(0, 19);
  const Decimal value{mantissa, static_cast<std::int8_t>(scale)};
  const auto again = parse_decimal(format_decimal(value));
  RC_ASSERT(again.has_value());
  RC_ASSERT(format_decimal(*again) == format_decimal(value));
  RC_ASSERT(again->mantissa % 10 != 0 || again->scale == 0);
}

}  // namespace
}  // namespace stack::market
