#include "market/session_path.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "market/extremes.hpp"
#include "session_ticks.hpp"

namespace stack::market {
namespace {

using test::all_ticks;
using test::any_bar;
using test::any_spec;
using test::kMinute;
using test::Ticks;

PriceGrid grid_of(const Bar& bar) { return *PriceGrid::infer({"A", "", {bar}}, {}); }

RC_GTEST_PROP(SessionPath, IsFaithfulToItsBar, ()) {
  const Bar bar = *any_bar();
  const PriceGrid grid = grid_of(bar);
  std::vector<Pause> pauses;
  const SessionSpec spec = any_spec(bar, grid, pauses);
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
    if (SessionClock::leave_room(spec.window, pauses, spec.ticks))
      for (const Pause& pause : pauses) RC_ASSERT(ticks.time[i] < pause.begin || ticks.time[i] >= pause.end);
  }
  RC_ASSERT(ticks.time.front() >= spec.window.open);
  RC_ASSERT(ticks.time.back() < spec.window.close);
}

RC_GTEST_PROP(SessionPath, LiesOnTheGridBetweenTheFourPrices, ()) {
  const Bar bar = *any_bar();
  const PriceGrid grid = *PriceGrid::infer({"A", "", {bar}}, Decimal{*rc::gen::element<std::int64_t>(1, 5, 25), 1});
  std::vector<Pause> pauses;
  const SessionSpec spec = any_spec(bar, grid, pauses);
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
  std::vector<Pause> pauses;
  const SessionSpec spec = any_spec(bar, grid, pauses);
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
