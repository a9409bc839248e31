#include "app/pace.hpp"

#include <gtest/gtest.h>

#include "market/dataset.hpp"
#include "scenario/scenario.hpp"

namespace stack::app {
namespace {

// Two sessions of Tokyo (09:00–11:30 and 12:30–15:00 local, nine hours ahead of UTC).
std::shared_ptr<const market::FeedPlan> two_sessions(const market::FeedOptions& options = {}) {
  auto dataset = market::Dataset::parse("two.csv",
                                        "Index,Date,Open,High,Low,Close,Volume\n"
                                        "N225,2021-03-01,100.0,110.0,90.0,105.0,1000\n"
                                        "N225,2021-03-02,105.0,112.0,95.0,100.0,1000\n");
  EXPECT_TRUE(dataset) << dataset.error().message;
  auto plan = market::FeedPlan::make(*dataset, options);
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

std::int64_t micros(const char* text) { return parse_micros(text)->time_since_epoch().count(); }

TEST(OpenHours, LeavesOutNightsAndLunch) {
  const auto hours = OpenHours::of(*two_sessions());
  ASSERT_TRUE(hours);
  constexpr std::int64_t kHour = 3'600'000'000;
  EXPECT_EQ(hours->before(micros("2021-03-01 00:00:00")), 0);
  EXPECT_EQ(hours->before(micros("2021-03-01 01:00:00")), kHour);
  EXPECT_EQ(hours->before(micros("2021-03-01 03:00:00")), kHour * 5 / 2);  // at lunch
  EXPECT_EQ(hours->before(micros("2021-03-01 12:00:00")), 5 * kHour);      // at night
  EXPECT_EQ(hours->before(micros("2021-03-02 01:00:00")), 6 * kHour);
  EXPECT_EQ(hours->total(), 10 * kHour);
}

TEST(Pacer, SendsAtTheRateAskedForAndDoesNotMakeUpForAPause) {
  const auto plan = two_sessions();
  market::FeedReader reader{plan, {.threads = 1}};
  const auto batch = reader.next();
  ManualClock clock{Micros{}};
  auto pacer = Pacer::make({.tempo = {.rate = 10.0, .speed = {}}}, *plan, clock);
  ASSERT_TRUE(pacer);
  EXPECT_EQ(pacer->due(*batch, 0), 1U);
  clock.advance(std::chrono::milliseconds{500});
  EXPECT_EQ(pacer->due(*batch, 1), 5U);
  clock.advance(std::chrono::hours{1});
  EXPECT_EQ(pacer->due(*batch, 6), 1U);
}

TEST(Pacer, PlaysMarketTimeAtTheFactorAskedFor) {
  const auto plan = two_sessions();
  market::FeedReader reader{plan, {.threads = 1}};
  const auto batch = reader.next();
  ManualClock clock{Micros{}};
  const auto no_nap = [](std::chrono::duration<double>) {};
  auto pacer = Pacer::make({.tempo = {.rate = {}, .speed = 60.0}}, *plan, clock, no_nap);
  ASSERT_TRUE(pacer);
  std::size_t sent = pacer->due(*batch, 0);
  std::size_t steps = 0;
  while (sent < batch->size() && steps < 10'000) {
    clock.advance(std::chrono::milliseconds{500});
    sent += pacer->due(*batch, sent);
    ++steps;
  }
  // Ten open hours at 60x are ten minutes: 1,200 steps of half a second, less what lies before the first tick and
  // behind the last.
  EXPECT_NEAR(static_cast<double>(steps), 1200.0, 15.0);
}

TEST(Pacer, PlaysLateEventsWhenTheyArePublished) {
  market::FeedOptions options;
  auto scenario =
      scenario::Scenario::parse("[[shock]]\nkind = \"out-of-order\"\nshare = 0.3\ndelay = \"30m\"\n", "s.toml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  options.shaper = *scenario;
  const auto plan = two_sessions(options);
  market::FeedReader reader{plan, {.threads = 1}};
  ManualClock clock{Micros{}};
  auto pacer = Pacer::make({.tempo = {.rate = {}, .speed = 60.0}}, *plan, clock, [](std::chrono::duration<double>) {});
  ASSERT_TRUE(pacer);
  std::size_t steps = 0;
  while (const auto batch = reader.next()) {
    for (std::size_t sent = pacer->due(*batch, 0); sent < batch->size() && steps < 10'000; ++steps) {
      clock.advance(std::chrono::milliseconds{500});
      sent += pacer->due(*batch, sent);
    }
  }
  // As long as without: an event that is half an hour late makes nobody wait for half an hour more.
  EXPECT_NEAR(static_cast<double>(steps), 1200.0, 15.0);
}

TEST(ParsePace, LooksAtSpeedWhateverTheRate) {
  auto wrong = Settings::load({{"rate", "5"}, {"speed", "fast"}}, {}, "/nonexistent");
  ASSERT_TRUE(wrong);
  EXPECT_FALSE(parse_pace(*wrong));
  for (const auto* rate : {"0", "-1", "nan", "inf", "", "1/s"}) {
    const auto settings = Settings::load({{"rate", rate}}, {}, "/nonexistent");
    EXPECT_FALSE(parse_pace(*settings)) << rate;
  }
  const auto slow = Settings::load({{"rate", "1e-3"}, {"speed", "60x"}}, {}, "/nonexistent");
  ASSERT_TRUE(parse_pace(*slow));
  EXPECT_EQ(parse_pace(*slow)->rate, 0.001);
  EXPECT_FALSE(parse_pace(*slow)->speed);
}

TEST(Pacer, UnlimitedHasNoWaiting) {
  const auto plan = two_sessions();
  market::FeedReader reader{plan, {.threads = 1}};
  const auto batch = reader.next();
  ManualClock clock{Micros{}};
  auto pacer = Pacer::make({}, *plan, clock);
  EXPECT_EQ(pacer->due(*batch, 3), batch->size() - 3);
}

}  // namespace
}  // namespace stack::app
