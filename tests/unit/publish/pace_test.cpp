#include "publish/pace.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "market/dataset.hpp"
#include "publish/commit_rhythm.hpp"
#include "scenario/scenario.hpp"

namespace stack::publish {
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
  constexpr std::int64_t kHour = 3'600'000'000;
  EXPECT_EQ(hours.before(micros("2021-03-01 00:00:00")), 0);
  EXPECT_EQ(hours.before(micros("2021-03-01 01:00:00")), kHour);
  EXPECT_EQ(hours.before(micros("2021-03-01 03:00:00")), kHour * 5 / 2);  // at lunch
  EXPECT_EQ(hours.before(micros("2021-03-01 12:00:00")), 5 * kHour);      // at night
  EXPECT_EQ(hours.before(micros("2021-03-02 01:00:00")), 6 * kHour);
  EXPECT_EQ(hours.total(), 10 * kHour);
}

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// A pacer over the first batch of a feed, with a clock that moves only by its naps and by the test's hand.
class Playing {
 public:
  explicit Playing(const Pace& pace, const std::shared_ptr<const market::FeedPlan>& plan = two_sessions(),
                   const PaceControl* control = nullptr)
      : reader_(plan, {.threads = 1}),
        batch_(reader_.next()),
        pacer_(*Pacer::make(pace, *plan, clock_, control, [this](nanoseconds nap) { advance(nap); })) {}

  void advance(nanoseconds time) { clock_.advance(std::chrono::ceil<std::chrono::microseconds>(time)); }
  std::size_t send_due() {
    const auto due = pacer_.due(*batch_, sent_);
    for (std::size_t i = sent_; i < sent_ + due && !pacer_.unlimited(); ++i)
      EXPECT_LE(pacer_.due_at(*batch_, i), clock_.steady() + nanoseconds{1}) << "early";
    sent_ += due;
    return due;
  }
  // As a sender plays: sends what is due, naps, until TIME has gone by.
  std::size_t play(nanoseconds time) {
    const auto end = clock_.steady() + time;
    const auto before = sent_;
    while (clock_.steady() < end && sent_ < batch_->size()) {
      send_due();
      if (sent_ < batch_->size()) pacer_.wait(*batch_, sent_);
    }
    return sent_ - before;
  }

  ManualClock clock_{Micros{}};
  market::FeedReader reader_;
  std::shared_ptr<const market::FeedBatch> batch_;
  Pacer pacer_;
  std::size_t sent_ = 0;
};

Pace at_rate(double rate, milliseconds catch_up = milliseconds{1000}) {
  return {.tempo = {.rate = rate, .speed = {}}, .catch_up = catch_up};
}
Pace at_speed(double speed) { return {.tempo = {.rate = {}, .speed = speed}}; }

RC_GTEST_PROP(Pacer, SendsTheFloorOfRateTimesTimeAndOneAtOnce, ()) {
  const double rate = *rc::gen::elementOf(std::vector<double>{0.001, 0.5, 1, 3, 7.25, 10, 60, 333.3, 999, 5000});
  Playing feed{at_rate(rate, milliseconds{100'000'000})};
  RC_ASSERT(feed.send_due() == 1U);
  double seconds = 0;
  for (int step = 0; step < 20 && feed.sent_ < 700; ++step) {
    const auto pause = milliseconds{*rc::gen::inRange(0, 20'000)};
    feed.advance(pause);
    seconds += std::chrono::duration<double>(pause).count();
    feed.send_due();
    const auto law = std::floor(seconds * rate + 1e-9) + 1;
    RC_ASSERT(static_cast<double>(feed.sent_) == std::min(law, static_cast<double>(feed.batch_->size())));
  }
}

RC_GTEST_PROP(Pacer, PlayedWithNapsIsNeverEarlyAndLateByLessThanANap, ()) {
  const double rate = *rc::gen::elementOf(std::vector<double>{0.5, 2, 50, 400, 2'000, 20'000});
  Playing feed{at_rate(rate)};
  while (feed.sent_ < 100) {
    const auto from = feed.sent_;
    feed.send_due();
    for (auto i = from; i < feed.sent_; ++i) {
      const auto late = feed.clock_.steady() - feed.pacer_.due_at(*feed.batch_, i);
      RC_ASSERT(late >= nanoseconds{-1});
      RC_ASSERT(late <= std::chrono::microseconds{501});
    }
    feed.pacer_.wait(*feed.batch_, feed.sent_);
  }
  RC_ASSERT(feed.pacer_.times_behind() == 0U);
}

RC_GTEST_PROP(Pacer, MakesUpForNoMoreThanTheBound, ()) {
  const auto bound = milliseconds{*rc::gen::elementOf(std::vector<int>{0, 50, 250, 1000})};
  const auto stall = milliseconds{*rc::gen::inRange(0, 100'000)};
  Playing feed{at_rate(100, bound)};
  feed.play(milliseconds{200});
  feed.advance(stall);
  const auto burst = feed.send_due();
  // What fell due in the time that may be made up for, and the 5 ms in which nobody is late; else a new beginning.
  RC_ASSERT(static_cast<double>(burst) <= 100 * std::chrono::duration<double>(bound + milliseconds{5}).count() + 1);
  if (stall > bound + milliseconds{20}) {
    RC_ASSERT(burst == 1U);
    RC_ASSERT(feed.pacer_.times_behind() == 1U);
    RC_ASSERT(feed.pacer_.time_lost() <= stall + milliseconds{1});
    RC_ASSERT(feed.pacer_.time_lost() >= stall - milliseconds{20});
  }
  // And then on as before.
  const auto after = feed.play(milliseconds{1000});
  RC_ASSERT(after >= 99U);
  RC_ASSERT(after <= 101U);
}

TEST(Pacer, SendsAtTheRateAskedForAndDoesNotMakeUpForASuspend) {
  Playing feed{at_rate(10)};
  EXPECT_EQ(feed.send_due(), 1U);
  feed.advance(milliseconds{500});
  EXPECT_EQ(feed.send_due(), 5U);
  feed.advance(std::chrono::hours{1});
  EXPECT_EQ(feed.send_due(), 1U);
}

// Ten open hours at 60x are ten minutes, less what lies before the first tick and behind the last.
TEST(Pacer, PlaysMarketTimeAtTheFactorAskedFor) {
  Playing feed{at_speed(60)};
  feed.play(std::chrono::hours{1});
  EXPECT_EQ(feed.sent_, feed.batch_->size());
  EXPECT_NEAR(std::chrono::duration<double>(feed.clock_.steady().time_since_epoch()).count(), 600.0, 8.0);
}

TEST(Pacer, KeepsGapsWhenAsked) {
  auto pace = at_speed(60);
  pace.keep_gaps = true;
  Playing feed{pace};
  feed.play(std::chrono::hours{2});
  EXPECT_EQ(feed.sent_, feed.batch_->size());
  // From the first opening to the second day's closing are thirty hours.
  EXPECT_NEAR(std::chrono::duration<double>(feed.clock_.steady().time_since_epoch()).count(), 1800.0, 8.0);
}

// A loop's market time falls back where a pass begins; the next pass begins when the last session has closed.
TEST(Pacer, GoesOnWhereALoopBeginsAnew) {
  for (const bool keep_gaps : {false, true}) {
    auto pace = at_speed(60);
    pace.keep_gaps = keep_gaps;
    Playing feed{pace};
    const auto size = feed.batch_->size();
    feed.play(std::chrono::hours{2});
    EXPECT_EQ(feed.sent_, size);
    auto again = std::make_shared<market::FeedBatch>();
    again->first_position = size;
    again->pass = 1;
    again->symbol = feed.batch_->symbol;
    again->event_time_us = feed.batch_->event_time_us;
    feed.batch_ = again;
    feed.sent_ = 0;
    feed.play(std::chrono::hours{2});
    EXPECT_EQ(feed.sent_, size);
    EXPECT_NEAR(std::chrono::duration<double>(feed.clock_.steady().time_since_epoch()).count(),
                keep_gaps ? 3600.0 : 1200.0, 8.0);
    EXPECT_EQ(feed.pacer_.times_behind(), 0U);
  }
}

TEST(Pacer, HoldsWhilePausedAndGoesOnWithoutABurst) {
  PaceControl control;
  Playing feed{at_rate(10), two_sessions(), &control};
  feed.play(milliseconds{1050});
  const auto sent = feed.sent_;
  control.pause();
  EXPECT_EQ(feed.play(std::chrono::seconds{30}), 0U);
  EXPECT_TRUE(feed.pacer_.held());
  EXPECT_EQ(feed.pacer_.until_due(*feed.batch_, feed.sent_), nanoseconds::max());
  control.toggle_pause();
  EXPECT_EQ(feed.play(milliseconds{30}), 0U);  // half of a tenth of a second was left
  EXPECT_NEAR(static_cast<double>(feed.play(milliseconds{1000})), 10.0, 1.0);
  EXPECT_EQ(feed.pacer_.times_behind(), 0U);
  EXPECT_GT(feed.sent_, sent);
}

TEST(Pacer, PausesAlsoWhenUnlimited) {
  PaceControl control;
  Playing feed{{}, two_sessions(), &control};
  control.pause();
  EXPECT_EQ(feed.play(milliseconds{500}), 0U);
  control.resume();
  EXPECT_EQ(feed.send_due(), feed.batch_->size());
}

TEST(Pacer, ChangesItsPaceFromWhereItIs) {
  PaceControl control;
  Playing feed{at_rate(0.001), two_sessions(), &control};
  EXPECT_EQ(feed.play(std::chrono::seconds{500}), 1U);
  control.change({.rate = 10.0, .speed = {}});
  EXPECT_EQ(feed.play(milliseconds{1000}), 10U);  // half an event was over, half a tenth of a second is left
  control.change({.rate = {}, .speed = 1e9});
  EXPECT_LE(feed.send_due(), 1U);  // no burst where the kind of pace changes
  feed.play(std::chrono::minutes{1});
  EXPECT_EQ(feed.sent_, feed.batch_->size());
}

TEST(Pacer, ChangesWhilePausedCountFromTheResumption) {
  PaceControl control;
  Playing feed{at_rate(10), two_sessions(), &control};
  feed.play(milliseconds{500});
  control.pause();
  feed.play(std::chrono::seconds{5});
  control.change({.rate = 100.0, .speed = {}});
  EXPECT_EQ(feed.play(std::chrono::seconds{5}), 0U);
  control.resume();
  EXPECT_NEAR(static_cast<double>(feed.play(std::chrono::seconds{1})), 100.0, 2.0);
}

TEST(Pacer, StartsWhenTheWallClockSaysSo) {
  auto pace = at_rate(10);
  pace.start_at = Micros{std::chrono::seconds{10}};
  Playing feed{pace};
  EXPECT_EQ(feed.play(std::chrono::seconds{5}), 0U);
  EXPECT_TRUE(feed.pacer_.starting());
  feed.clock_.jump_wall(std::chrono::seconds{-20});  // set back: the moment is further away
  EXPECT_EQ(feed.play(std::chrono::seconds{20}), 0U);
  feed.clock_.jump_wall(std::chrono::hours{5});  // and past
  EXPECT_EQ(feed.play(milliseconds{1010}), 11U);
  EXPECT_FALSE(feed.pacer_.starting());
  feed.clock_.jump_wall(std::chrono::hours{-5});  // a feed that has begun goes by the clock that does not jump
  EXPECT_EQ(feed.play(milliseconds{1000}), 10U);
}

TEST(Pacer, BeginsAtOnceWhenTheStartIsPast) {
  auto pace = Pace{};
  pace.start_at = Micros{std::chrono::seconds{-10}};
  Playing feed{pace};
  EXPECT_EQ(feed.send_due(), feed.batch_->size());
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
  auto pacer = Pacer::make({.tempo = {.rate = {}, .speed = 60.0}}, *plan, clock, nullptr, [](nanoseconds) {});
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

TEST(CommitRhythm, WaitsForAPauseThatIsLongEnoughElseLeavesNearlyAllTimeToSending) {
  CommitRhythm rhythm{milliseconds{1000}};
  for (int i = 0; i < 100; ++i) rhythm.took(milliseconds{4});
  EXPECT_FALSE(rhythm.due(milliseconds{99}, milliseconds{500}));
  EXPECT_TRUE(rhythm.due(milliseconds{100}, milliseconds{9}));
  EXPECT_FALSE(rhythm.due(milliseconds{100}, milliseconds{7}));
  EXPECT_FALSE(rhythm.due(milliseconds{380}, nanoseconds{0}));
  EXPECT_TRUE(rhythm.due(milliseconds{401}, nanoseconds{0}));
  EXPECT_TRUE(rhythm.due(nanoseconds{0}, nanoseconds::max()));  // held: what was sent is shown
  for (int i = 0; i < 100; ++i) rhythm.took(std::chrono::seconds{5});
  EXPECT_EQ(rhythm.longest(), milliseconds{1000});
  EXPECT_EQ(CommitRhythm{milliseconds{0}}.longest(), milliseconds{100});
}

TEST(Pacer, UnlimitedHasNoWaiting) {
  Playing feed{{}};
  EXPECT_EQ(feed.pacer_.due(*feed.batch_, 3), feed.batch_->size() - 3);
  feed.pacer_.wait(*feed.batch_, 3);
  EXPECT_EQ(feed.clock_.steady().time_since_epoch(), nanoseconds{0});
}

}  // namespace
}  // namespace stack::publish
