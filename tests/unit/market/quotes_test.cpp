#include "market/quotes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "bars.hpp"
#include "session_ticks.hpp"

namespace stack::market {
namespace {

using test::all_ticks;
using test::any_bar;
using test::any_spec;
using test::kMinute;
using test::plain_bar;
using test::Ticks;

constexpr SessionWindow kDay{0, 390 * kMinute, 390 * kMinute, 390 * kMinute};

// Of a float32 source with steps of a hundredth, plain decimals as the bar has them, or a grid that is none of the
// bar's.
PriceGrid any_grid(const Bar& bar) {
  switch (*rc::gen::inRange(0, 3)) {
    case 0: {
      std::string csv = test::kHeader;
      for (int i = 0; i < 200; ++i) {
        const double price = 29113.2 + i * 0.37;
        csv +=
            fmt::format("A,{},{:.6f},{:.6f},{:.6f},{:.6f},1\n", format_date(Date{std::chrono::days{i}}),
                        static_cast<double>(static_cast<float>(price)), static_cast<double>(static_cast<float>(price)),
                        static_cast<double>(static_cast<float>(price)), static_cast<double>(static_cast<float>(price)));
      }
      return *PriceGrid::infer(test::dataset_of(csv)->series().front(), {});
    }
    case 1:
      return *PriceGrid::infer({"A", "", {bar}}, {});
    default:
      return *PriceGrid::infer({"A", "", {bar}}, Decimal{*rc::gen::element<std::int64_t>(1, 5, 25), 1});
  }
}

RC_GTEST_PROP(Quotes, LieAroundATradeAtOneOfThem, ()) {
  const Bar bar = *any_bar();
  const PriceGrid grid = any_grid(bar);
  std::vector<Pause> pauses;
  SessionSpec spec = any_spec(bar, grid, pauses);
  spec.quotes = true;
  if (bar.is_flat() && *rc::gen::arbitrary<bool>()) spec.ticks = 1;
  const Ticks ticks = all_ticks(spec);
  const std::int64_t unit = pow10_int(ticks.scale - bar.scale);
  RC_ASSERT(ticks.price.front() == bar.open * unit);
  RC_ASSERT(ticks.price.back() == (spec.ticks == 1 ? bar.open : bar.close) * unit);
  RC_ASSERT(std::ranges::max(ticks.price) == bar.high * unit);
  RC_ASSERT(std::ranges::min(ticks.price) == bar.low * unit);
  const std::int64_t factor = pow10_int(ticks.scale - grid.scale());
  const auto on_grid = [&](std::int64_t price) {
    const double steps = grid.steps(static_cast<double>(price) / static_cast<double>(pow10_int(ticks.scale)));
    const auto nearest = std::llround(steps);
    for (std::int64_t k = std::max<std::int64_t>(nearest - 1, 1); k <= nearest + 1; ++k)
      if (grid.printed(k) * factor == price) return true;
    return false;
  };
  for (std::size_t i = 0; i < ticks.price.size(); ++i) {
    RC_ASSERT(ticks.bid[i] > 0);
    RC_ASSERT(ticks.bid[i] < ticks.ask[i]);
    RC_ASSERT(ticks.price[i] == ticks.bid[i] || ticks.price[i] == ticks.ask[i]);
    RC_ASSERT(on_grid(ticks.price[i] == ticks.bid[i] ? ticks.ask[i] : ticks.bid[i]));
  }
}

RC_GTEST_PROP(Quotes, ChangeNeitherTimesNorSizes, ()) {
  const Bar bar = *any_bar();
  const PriceGrid grid = *PriceGrid::infer({"A", "", {bar}}, {});
  std::vector<Pause> pauses;
  SessionSpec spec = any_spec(bar, grid, pauses);
  const Ticks without = all_ticks(spec);
  spec.quotes = true;
  const Ticks with = all_ticks(spec);
  RC_ASSERT(with.time == without.time);
  RC_ASSERT(with.size == without.size);
}

struct Bounce {
  double correlation = 0.0;  // of a tick's price change with the next one's
  double roll = 0.0;         // the spread by Roll's estimate, 2 sqrt(-covariance), by the mean spread quoted
};

Bounce bounce(std::uint32_t ticks, bool quotes) {
  double square = 0.0;
  double product = 0.0;
  double spread = 0.0;
  double count = 0.0;
  for (int day = 0; day < 200; ++day) {
    const Bar bar = plain_bar(day);
    const PriceGrid grid = *PriceGrid::infer({"A", "", {bar}}, Decimal{1, 2});
    SessionSpec spec{&bar, &grid, kDay, session_key(9, 4, day), ticks};
    spec.quotes = quotes;
    const Ticks made = all_ticks(spec);
    double before = 0.0;
    for (std::size_t i = 1; i < made.price.size(); ++i) {
      const auto change = static_cast<double>(made.price[i] - made.price[i - 1]);
      square += change * change;
      product += change * before;
      before = change;
      spread += static_cast<double>(made.ask[i] - made.bid[i]);
      ++count;
    }
  }
  return {product / square, product < 0.0 ? 2.0 * std::sqrt(-product / count) / (spread / count) : 0.0};
}

TEST(Quotes, MakeTradesBounce) {
  EXPECT_LT(bounce(390, true).correlation, bounce(390, false).correlation - 0.02);
  EXPECT_LT(bounce(5000, true).correlation, bounce(5000, false).correlation - 0.15);
}

TEST(Quotes, AreFoundFromTradesByRollsEstimate) { EXPECT_NEAR(bounce(5000, true).roll, 1.0, 0.1); }

TEST(Quotes, AreNarrowAndWiderAtOpenAndClose) {
  // A day of one per cent: two basis points on average.
  const Bar bar = plain_bar(0);
  const PriceGrid grid = *PriceGrid::infer({"A", "", {bar}}, Decimal{1, 2});
  const QuoteMaker quotes(grid, 2, 1, 0.01 * 1'000'000);
  double mean = 0.0;
  for (int i = 0; i < 100; ++i) mean += static_cast<double>(quotes.spread((i + 0.5) / 100)) / 100;
  EXPECT_NEAR(mean / 1'000'000, 0.0002, 0.00001);
  EXPECT_GT(quotes.spread(0.01), 2 * quotes.spread(0.5));
  EXPECT_GT(quotes.spread(0.99), 2 * quotes.spread(0.5));
  EXPECT_EQ(QuoteMaker(grid, 2, 1, 0.0).spread(0.5), 1);
}

}  // namespace
}  // namespace stack::market
