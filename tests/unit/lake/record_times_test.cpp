#include "lake/record_times.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace stack::lake {
namespace {

std::uint64_t records_in(const RecordTimes& times) {
  std::uint64_t records = 0;
  for (const auto& run : times.runs()) records += run.records;
  return records;
}

TEST(RecordTimes, TellRecordsOfAboutTheSameTimeTogether) {
  RecordTimes times;
  for (const std::int64_t time : {1000, 1000, 1007, 1008, 5000, 4999, -1}) times.add(time);
  ASSERT_EQ(times.runs().size(), 4U);
  EXPECT_EQ(times.runs()[0].oldest_ms, 1000);
  EXPECT_EQ(times.runs()[0].records, 3U);
  EXPECT_EQ(times.runs()[1].oldest_ms, 1008);
  EXPECT_EQ(times.runs()[3].oldest_ms, 4999);
  EXPECT_EQ(records_in(times), 6U);
}

RC_GTEST_PROP(RecordTimes, LoseNoRecordAndStayBounded, ()) {
  const auto step = *rc::gen::inRange<std::int64_t>(0, 100'000'000);
  const auto count = *rc::gen::inRange<std::int64_t>(0, 20'000);
  RecordTimes times;
  for (std::int64_t i = 0; i < count; ++i) times.add(i * step);
  RC_ASSERT(records_in(times) == static_cast<std::uint64_t>(count));
  RC_ASSERT(times.runs().size() <= 2048U);
  if (count > 0) RC_ASSERT(times.runs().front().oldest_ms == 0);
}

}  // namespace
}  // namespace stack::lake
