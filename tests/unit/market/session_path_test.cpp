#include "market/session_path.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "market/extremes.hpp"

namespace stack::market {
namespace {

constexpr std::int64_t kMinute = 60'000'000;

struct Ticks {
  std::vector<std::int64_t> time, price, size;
  int scale = 0;
};

Ticks all_ticks(const SessionSpec& spec) {
  const auto motion = std::make_unique<BlockMotion>();
  SessionPath path;
  path.prepare(spec, *motion);
  TickColumns columns;
  columns.reserve(spec.ticks + kBlockTicks);
  std::size_t count = 0;
  for (std::uint32_t b = 0; b < path.block_count(); ++b) count += path.make_block(b, *motion, columns, count);
  const auto cut = [&](std::vector<std::int64_t>& column) {
    column.resize(count);
    return column;
  };
  return {cut(columns.time), cut(columns.price), cut(columns.size), path.price_scale()};
}

PriceGrid grid_of(const Bar& bar) { return *PriceGrid::infer({"A", "", {bar}}, {}); }

rc::Gen<Bar> any_bar() {
  return rc::gen::exec([] {
    Bar bar;
    bar.scale = static_cast<std::int8_t>(*rc::gen::element(0, 1, 2, 6));
    const auto width = *rc::gen::element<std::int64_t>(0, 1, 2, 10, 1000, 1'000'000);
    bar.low = *rc::gen::inRange<std::int64_t>(1, 2'000'000'000);
    bar.high = bar.low + *rc::gen::inRange<std::int64_t>(0, width + 1);
    const auto inside = [&] {
      return *rc::gen::oneOf(rc::gen::just(bar.low), rc::gen::just(bar.high),
                             rc::gen::inRange<std::int64_t>(bar.low, bar.high + 1));
    };
    bar.open = inside();
    bar.close = inside();
    bar.volume = *rc::gen::oneOf(rc::gen::just<std::int64_t>(0), rc::gen::inRange<std::int64_t>(0, 5000),
                                 rc::gen::inRange<std::int64_t>(0, INT64_MAX));
    bar.day = *rc::gen::inRange(-2000, 20000);
    return bar;
  });
}

SessionSpec any_spec(const Bar& bar, const PriceGrid& grid) {
  SessionSpec spec;
  spec.bar = &bar;
  spec.grid = &grid;
  const std::int64_t open = (std::int64_t{bar.day} * 1440 + *rc::gen::inRange(0, 600)) * kMinute;
  const bool lunch = *rc::gen::arbitrary<bool>();
  spec.window = lunch ? SessionWindow{open, open + 330 * kMinute, open + 120 * kMinute, open + 210 * kMinute}
                      : SessionWindow{open, open + 390 * kMinute, open + 390 * kMinute, open + 390 * kMinute};
  spec.key = session_key(*rc::gen::arbitrary<std::uint64_t>(), symbol_hash("A"), bar.day);
  spec.ticks = *rc::gen::oneOf(rc::gen::inRange(4U, 12U), rc::gen::just(390U), rc::gen::inRange(1000U, 5000U));
  return spec;
}

RC_GTEST_PROP(SessionPath, IsFaithfulToItsBar, ()) {
  const Bar bar = *any_bar();
  const PriceGrid grid = grid_of(bar);
  const SessionSpec spec = any_spec(bar, grid);
  const Ticks ticks = all_ticks(spec);
  const std::int64_t unit = pow10_int(ticks.scale - bar.scale);
  RC_ASSERT(ticks.price.size() == spec.ticks);
  RC_ASSERT(ticks.price.front() == bar.open * unit);
  RC_ASSERT(ticks.price.back() == bar.close * unit);
  RC_ASSERT(std::ranges::max(ticks.price) == bar.high * unit);
  RC_ASSERT(std::ranges::min(ticks.price) == bar.low * unit);
  RC_ASSERT(std::ranges::min(ticks.size) >= 0);
  RC_ASSERT(std::accumulate(ticks.size.begin(), ticks.size.end(), std::int64_t{0}) == bar.volume);
  for (std::size_t i = 0; i < ticks.time.size(); ++i) {
    if (i > 0) RC_ASSERT(ticks.time[i] > ticks.time[i - 1]);
    const bool at_lunch = ticks.time[i] >= spec.window.break_begin && ticks.time[i] < spec.window.break_end;
    RC_ASSERT(!at_lunch);
  }
  RC_ASSERT(ticks.time.front() >= spec.window.open);
  RC_ASSERT(ticks.time.back() < spec.window.close);
}

RC_GTEST_PROP(SessionPath, LiesOnTheGridBetweenTheFourPrices, ()) {
  const Bar bar = *any_bar();
  const PriceGrid grid = *PriceGrid::infer({"A", "", {bar}}, Decimal{*rc::gen::element<std::int64_t>(1, 5, 25), 1});
  const SessionSpec spec = any_spec(bar, grid);
  const Ticks ticks = all_ticks(spec);
  const std::int64_t unit = pow10_int(ticks.scale - bar.scale);
  const std::int64_t step = grid.printed(1) * pow10_int(ticks.scale - grid.scale());
  for (const std::int64_t price : ticks.price)
    RC_ASSERT(price % step == 0 || price == bar.open * unit || price == bar.high * unit || price == bar.low * unit ||
              price == bar.close * unit);
}

RC_GTEST_PROP(SessionPath, IsCountedWithoutBeingMade, ()) {
  const Bar bar = *any_bar();
  const PriceGrid grid = grid_of(bar);
  const SessionSpec spec = any_spec(bar, grid);
  const Ticks ticks = all_ticks(spec);
  const auto motion = std::make_unique<BlockMotion>();
  const auto time = spec.window.open + *rc::gen::inRange<std::int64_t>(-kMinute, 391 * kMinute);
  const auto before = std::ranges::lower_bound(ticks.time, time) - ticks.time.begin();
  RC_ASSERT(SessionPath::ticks_before(spec, time, *motion) == static_cast<std::uint32_t>(before));
  const auto tick = *rc::gen::inRange<std::size_t>(0, ticks.time.size());
  RC_ASSERT(SessionPath::ticks_before(spec, ticks.time[tick], *motion) == tick);
}

TEST(SessionPath, HidesItsExtremesInItsTimesAndSizes) {
  // Neither the times nor the sizes know the prices: the same session with other prices has the same ones.
  Bar calm;
  calm.open = calm.high = calm.low = calm.close = 100;
  calm.volume = 1'000'000;
  Bar wild = calm;
  wild.open = 110, wild.high = 200, wild.low = 50, wild.close = 120;
  const PriceGrid calm_grid = grid_of(calm);
  const PriceGrid wild_grid = grid_of(wild);
  SessionSpec spec{&calm, &calm_grid, {0, 390 * kMinute, 390 * kMinute, 390 * kMinute}, 77, 390};
  const Ticks a = all_ticks(spec);
  spec.bar = &wild;
  spec.grid = &wild_grid;
  const Ticks b = all_ticks(spec);
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.size, b.size);
  EXPECT_NE(a.price, b.price);
}

TEST(Extremes, LieInOrderWithinTheSession) {
  for (std::uint32_t i = 0; i < 20000; ++i) {
    const Words4 words = philox(5, Stream::extremes, i);
    const auto level = [](std::uint32_t word) {
      return word % 5 == 0 ? 0.0 : word % 5 == 1 ? 1.0 : unit_interval(word);
    };
    NormalisedDay day{level(words[3]), level(philox(6, Stream::extremes, i)[0]), 0.0};
    day.variance = garman_klass_of_range(day.open, day.close);
    const Extremes extremes = draw_extremes(day, words);
    ASSERT_GE(extremes.first, 0.0);
    ASSERT_LT(extremes.first, extremes.second);
    ASSERT_LE(extremes.second, 1.0);
    ASSERT_TRUE(day.open != 0.0 || extremes.low_first);
    ASSERT_TRUE(day.open != 1.0 || !extremes.low_first);
  }
}

}  // namespace
}  // namespace stack::market
