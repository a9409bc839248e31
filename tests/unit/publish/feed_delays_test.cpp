#include "publish/feed_delays.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace stack::publish {
namespace {

std::shared_ptr<const market::FeedPlan> small_plan(market::Mode mode = market::Mode::replay) {
  auto dataset = market::Dataset::parse("one.csv",
                                        "Index,Date,Open,High,Low,Close,Volume\n"
                                        "N225,2021-03-01,100.0,110.0,90.0,105.0,1000\n");
  EXPECT_TRUE(dataset) << dataset.error().message;
  market::FeedOptions options;
  options.mode = mode;
  auto plan = market::FeedPlan::make(*dataset, options);
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

TEST(Delays, CountEachEventByItsOwnDueTime) {
  const auto plan = small_plan();
  market::FeedReader reader{plan, {.threads = 1}};
  const auto batch = reader.next();
  ManualClock clock{Micros{}};
  auto pacer = Pacer::make({.tempo = {.rate = 100.0, .speed = {}}}, *plan, clock);
  ASSERT_TRUE(pacer);
  ASSERT_EQ(pacer->due(*batch, 0), 1U);
  clock.advance(std::chrono::milliseconds{995});
  ASSERT_EQ(pacer->due(*batch, 1), 99U);
  LatencyHistogram delays;
  std::vector<kafka::Record> records(99);
  for (std::size_t i = 0; i < records.size(); ++i) records[i].position = i + 1;
  const auto due_at = [&](const kafka::Record& record) { return pacer->due_at(*batch, record.position); };
  record_delays(records, due_at, clock.steady(), delays);
  EXPECT_EQ(delays.count(), 99U);
  // From 985 ms of the first down to 5 ms of the last.
  EXPECT_NEAR(delays.sum_seconds(), 99 * 0.495, 99 * 0.00004);
  EXPECT_NEAR(static_cast<double>(delays.quantile(0.5).count()) / 1e3, 495.0, 65.0);
  EXPECT_LE(delays.quantile(0.001), std::chrono::microseconds{5'700});
}

}  // namespace
}  // namespace stack::publish
