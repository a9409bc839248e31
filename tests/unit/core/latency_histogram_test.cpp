#include "core/latency_histogram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace stack {
namespace {

using std::chrono::microseconds;

TEST(LatencyHistogram, IsEmptyAtFirst) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.quantile(0.99), microseconds{0});
}

TEST(LatencyHistogram, KeepsWhatIsOutOfRange) {
  LatencyHistogram histogram;
  histogram.record(microseconds{-5});
  histogram.record(std::chrono::hours{1'000'000});
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.quantile(0.5), microseconds{1});
  EXPECT_GT(histogram.quantile(1.0), std::chrono::minutes{30});
}

RC_GTEST_PROP(LatencyHistogram, QuantilesAreWithinAnEighthAbove, ()) {
  const auto times = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 1'000'000'000)));
  const double share = *rc::gen::inRange(1, 1001) / 1000.0;
  LatencyHistogram histogram;
  for (const auto each : times) histogram.record(microseconds{each});
  auto sorted = times;
  std::ranges::sort(sorted);
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  const auto exact = sorted[std::max<std::size_t>(rank, 1) - 1];
  const auto found = histogram.quantile(share).count();
  RC_ASSERT(found >= exact);
  RC_ASSERT(static_cast<double>(found) <= static_cast<double>(exact) * 1.125 + 1);
  RC_ASSERT(histogram.count_up_to(microseconds{found}) >= rank);
}

TEST(LatencyHistogram, SumsWhatItWasTold) {
  LatencyHistogram histogram;
  histogram.record(microseconds{1500}, 1000);
  EXPECT_EQ(histogram.count(), 1000U);
  EXPECT_DOUBLE_EQ(histogram.sum_seconds(), 1.5);
}

}  // namespace
}  // namespace stack
