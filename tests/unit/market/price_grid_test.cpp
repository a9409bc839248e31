#include "market/price_grid.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "bars.hpp"

namespace stack::market {
namespace {

using test::dataset_of;
using test::kHeader;

// A file of one symbol whose prices are the given texts, four a bar with the high and low the others allow.
std::string flat_bars(const std::vector<std::string>& prices) {
  std::string csv = kHeader;
  Date date = *parse_date("2000-01-03");
  for (const std::string& price : prices) {
    csv += fmt::format("A,{0},{1},{1},{1},{1},1\n", format_date(date), price);
    date += std::chrono::days{1};
  }
  return csv;
}

PriceGrid grid_of(const std::vector<std::string>& prices, std::optional<Decimal> tick_size = {}) {
  const auto dataset = dataset_of(flat_bars(prices));
  const auto grid = PriceGrid::infer(dataset->series()[0], tick_size);
  if (!grid) throw std::runtime_error(grid.error().message);
  return *grid;
}

// How sources print a float32: six decimals with ties up, the same and then at most ten digits, or as printf does.
enum class Form { half_up, ten_digits, printf };
constexpr std::array kForms{Form::half_up, Form::ten_digits, Form::printf};

std::string float32_text(double value, Form form) {
  const auto exact = static_cast<double>(static_cast<float>(value));
  auto micros = static_cast<std::int64_t>(exact * 1e6 + 0.5);
  if (form == Form::ten_digits && micros >= 10'000'000'000) micros = (micros + 5) / 10 * 10;
  std::string text = form == Form::printf ? fmt::format("{:.6f}", exact) : format_decimal({micros, 6});
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::vector<std::string> float32_prices(double first, double step, Form form) {
  std::vector<std::string> prices;
  for (int i = 0; i < 500; ++i) prices.push_back(float32_text(first + i * 37 * step, form));
  return prices;
}

TEST(PriceGrid, OfPlainDecimalsIsTheirStep) {
  EXPECT_EQ(format_decimal(grid_of({"213.43", "214.5", "212", "214.01"}).tick_size()), "0.01");
  EXPECT_EQ(format_decimal(grid_of({"1.2345", "1.2401", "1.25", "1.2377"}).tick_size()), "0.0001");
  EXPECT_EQ(format_decimal(grid_of({"100", "101", "102"}).tick_size()), "1.0");
  EXPECT_FALSE(grid_of({"213.43", "214.5", "212", "214.01"}).is_float32());
}

TEST(PriceGrid, OfFloat32PricesIsTheStepUnderThem) {
  for (const Form form : kForms) {
    for (const double first : {30.5, 1234.5, 28912.5}) {
      const PriceGrid grid = grid_of(float32_prices(first, 0.01, form));
      EXPECT_TRUE(grid.is_float32());
      EXPECT_EQ(format_decimal(grid.tick_size()), "0.01");
      const PriceGrid tenths = grid_of(float32_prices(first, 0.1, form));
      EXPECT_EQ(format_decimal(tenths.tick_size()), "0.1");
    }
  }
}

TEST(PriceGrid, WritesGridPointsAsTheDataDo) {
  for (const Form form : kForms) {
    const PriceGrid grid = grid_of(float32_prices(28912.5, 0.01, form));
    for (std::int64_t k = 2'890'000; k < 2'891'000; ++k) {
      const auto printed = parse_decimal(float32_text(static_cast<double>(k) / 100.0, form));
      ASSERT_EQ(grid.printed(k), printed->mantissa * pow10_int(grid.scale() - printed->scale)) << k;
    }
  }
}

TEST(PriceGrid, IsWhatTheOptionSays) {
  const PriceGrid grid = grid_of({"100.01", "100.02"}, Decimal{25, 2});
  EXPECT_EQ(grid.printed(401), 10025);
  EXPECT_EQ(format_decimal(grid.tick_size()), "0.25");
  const PriceGrid floats = grid_of(float32_prices(1234.25, 0.01, Form::ten_digits), Decimal{5, 1});
  EXPECT_TRUE(floats.is_float32());
  EXPECT_EQ(floats.printed(2469), 1234500000);
  const auto dataset = dataset_of(flat_bars({"50000"}));
  const auto too_fine = PriceGrid::infer(dataset->series()[0], Decimal{1, 18});
  ASSERT_FALSE(too_fine.has_value());
  EXPECT_EQ(too_fine.error().kind, ErrorKind::usage);
}

RC_GTEST_PROP(PriceGrid, FindsAllPointsWithinABarAndNoOther, ()) {
  static const std::array grids{grid_of({"213.43", "214.5", "212", "214.01"}),
                                grid_of(float32_prices(28912.5, 0.01, Form::ten_digits)),
                                grid_of({"100.01", "100.02"}, Decimal{25, 2})};
  const PriceGrid& grid = grids[*rc::gen::inRange<std::size_t>(0, grids.size())];
  const int extra = *rc::gen::inRange(0, 3);
  const std::int64_t unit = pow10_int(extra);
  const auto low = *rc::gen::inRange<std::int64_t>(1, 40000) * pow10_int(grid.scale()) * unit / 7;
  const auto high = low + *rc::gen::inRange<std::int64_t>(0, 100) * pow10_int(grid.scale()) * unit / 333;
  const PriceGrid::Range range = grid.within(low, high, extra);
  for (std::int64_t k = range.first; k <= range.last; ++k) {
    RC_ASSERT(grid.printed(k) * unit >= low);
    RC_ASSERT(grid.printed(k) * unit <= high);
  }
  if (range.first <= range.last) {
    RC_ASSERT(grid.printed(range.last + 1) * unit > high);
    RC_ASSERT(range.first == 1 || grid.printed(range.first - 1) * unit < low);
  }
}

}  // namespace
}  // namespace stack::market
