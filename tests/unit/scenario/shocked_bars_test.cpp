#include "scenario/shocked_bars.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>

#include "market/replay_plan.hpp"
#include "scenario_feed.hpp"

namespace stack::scenario {
namespace {

using market::Bar;
using test::plan_of;
using test::three_symbols;

// The bars that a feed of three_symbols(30) is made from, by symbol.
std::map<std::string, std::vector<Bar>> bars_under(const std::string& toml) {
  std::map<std::string, std::vector<Bar>> bars;
  static std::vector<std::shared_ptr<const market::FeedPlan>> alive;
  alive.push_back(plan_of(three_symbols(30), toml));
  for (const auto& symbol : alive.back()->replay()->symbols())
    bars[symbol.series->symbol].assign(symbol.bars.begin(), symbol.bars.end());
  return bars;
}

double value(const Bar& bar, std::int64_t mantissa) { return to_double(bar.price(mantissa)); }
double cents(double price) { return std::floor(price * 100.0 + 0.5) / 100.0; }

bool same(const Bar& a, const Bar& b) {
  return a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close && a.volume == b.volume &&
         a.scale == b.scale;
}

TEST(ShockedBars, CrashOverSessionsAndComeBack) {
  const auto was = bars_under("");
  const auto now = bars_under(R"(
[[shock]]
kind = "crash"
symbols = ["A"]
session = 10
size = -0.3
sessions = 3
rebound = 1
rebound_sessions = 2
)");
  const double level[] = {1.0, 0.9, 0.8, 0.7, 0.85, 1.0};  // at the closes from session 9 on
  for (std::size_t i = 0; i < 30; ++i) {
    ASSERT_TRUE(same(was.at("B")[i], now.at("B")[i])) << i;
    ASSERT_TRUE(same(was.at("C")[i], now.at("C")[i])) << i;
    const Bar& before = was.at("A")[i];
    const Bar& after = now.at("A")[i];
    if (i < 9 || i > 13) {
      ASSERT_TRUE(same(before, after)) << i;
      continue;
    }
    EXPECT_NEAR(value(after, after.open), cents(value(before, before.open) * level[i - 9]), 1e-9) << i;
    EXPECT_NEAR(value(after, after.close), cents(value(before, before.close) * level[i - 8]), 1e-9) << i;
    EXPECT_EQ(after.volume, before.volume);
  }
}

TEST(ShockedBars, CarryTheLevelOnThatAShockLeaves) {
  const auto was = bars_under("");
  const auto now = bars_under(R"(
[[shock]]
kind = "crash"
date = 2021-01-15
size = -0.2
rebound = 0.25

[[shock]]
kind = "gap"
symbols = ["B"]
session = 20
size = 0.1
)");
  for (std::size_t i = 0; i < 30; ++i) {
    const double crash = i < 9 ? 1.0 : i == 9 ? 0.8 : 0.85;  // 2021-01-15 is the tenth weekday
    EXPECT_NEAR(value(now.at("A")[i], now.at("A")[i].close), cents(value(was.at("A")[i], was.at("A")[i].close) * crash),
                1e-9);
    const double gap = i < 19 ? 1.0 : 1.1;
    EXPECT_NEAR(value(now.at("B")[i], now.at("B")[i].close),
                cents(value(was.at("B")[i], was.at("B")[i].close) * crash * gap), 1e-9);
    if (i == 19) {
      EXPECT_NEAR(value(now.at("B")[i], now.at("B")[i].open),
                  cents(value(was.at("B")[i], was.at("B")[i].open) * 0.85 * 1.1), 1e-9);
    }
  }
}

TEST(ShockedBars, ScaleTheLogarithmsOfMovesInARegime) {
  const auto was = bars_under("").at("B");
  const auto now = bars_under("[[shock]]\nkind = \"volatility\"\nsession = 5\nsessions = 10\nfactor = 2.5\n").at("B");
  const auto move = [](const std::vector<Bar>& bars, std::size_t i) {
    return std::log(value(bars[i], bars[i].close) / value(bars[i - 1], bars[i - 1].close));
  };
  const auto range = [](const Bar& bar) { return std::log(value(bar, bar.high) / value(bar, bar.low)); };
  for (std::size_t i = 1; i < 30; ++i) {
    const double factor = i >= 4 && i < 14 ? 2.5 : 1.0;
    EXPECT_NEAR(move(now, i), factor * move(was, i), 2e-4) << i;  // half a cent of 100 either way
    EXPECT_NEAR(range(now[i]), factor * range(was[i]), 2e-4) << i;
    EXPECT_EQ(now[i].volume, was[i].volume);
  }
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(same(was[i], now[i]));
}

TEST(ShockedBars, MultiplyVolumesAndNothingElse) {
  const auto was = bars_under("").at("A");
  const auto now = bars_under("[[shock]]\nkind = \"volume\"\nsession = 3\nsessions = 2\nfactor = 2.5\n").at("A");
  for (std::size_t i = 0; i < 30; ++i) {
    Bar expected = was[i];
    if (i == 2 || i == 3)
      expected.volume = static_cast<std::int64_t>(std::floor(2.5 * static_cast<double>(expected.volume) + 0.5));
    EXPECT_TRUE(same(now[i], expected)) << i;
  }
}

RC_GTEST_PROP(ShockedBars, StayBarsOnTheGrid, ()) {
  const auto dataset = *market::Dataset::parse("test.csv", three_symbols(30));
  const auto& series = dataset->series()[*rc::gen::inRange<std::size_t>(0, 3)];
  const auto grid = *market::PriceGrid::infer(series, std::nullopt);
  std::vector<Shock> shocks(*rc::gen::inRange<std::size_t>(1, 5));
  std::vector<BarShock> placed;
  for (Shock& shock : shocks) {
    shock.kind = *rc::gen::element(Kind::crash, Kind::gap, Kind::volatility, Kind::volume, Kind::flash_crash);
    shock.sessions = *rc::gen::inRange(1U, 12U);
    shock.rebound_sessions = *rc::gen::inRange(1U, 12U);
    shock.size = *rc::gen::inRange(-95, -1) / 100.0;
    shock.rebound = *rc::gen::inRange(0, 101) / 100.0;
    shock.factor = *rc::gen::inRange(1, 500) / 100.0;
    placed.push_back({&shock, *rc::gen::inRange<std::size_t>(0, 30)});
  }
  const auto result = shocked_bars(series.bars, grid, placed);
  RC_ASSERT(!result.out_of_range.has_value());
  RC_ASSERT(result.bars.size() == series.bars.size());
  for (const Bar& bar : result.bars) {
    RC_ASSERT(bar.low >= 1);
    RC_ASSERT(bar.low <= std::min(bar.open, bar.close));
    RC_ASSERT(bar.high >= std::max(bar.open, bar.close));
    RC_ASSERT(bar.volume >= 0);
    for (const std::int64_t price : {bar.open, bar.high, bar.low, bar.close})
      RC_ASSERT(grid.printed(price) == price);  // a grid of cents: a price is its own number of steps
  }
}

TEST(ShockedBars, SayWhenPricesCannotBePrinted) {
  std::string toml;
  for (int i = 0; i < 12; ++i) toml += "[[shock]]\nkind = \"gap\"\nsession = 2\nsize = 10\n";
  EXPECT_THAT(test::refusal_of(three_symbols(5), toml),
              testing::HasSubstr("s.toml:1: the shocks together take A out of all range on 2021-01-05"));
}

}  // namespace
}  // namespace stack::scenario
