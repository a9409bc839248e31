// Shocks within a session, seen on the feed.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "market/replay_plan.hpp"
#include "market/session_shape.hpp"
#include "scenario_feed.hpp"

namespace stack::scenario {
namespace {

using market::FeedOptions;
using test::lines_of;
using test::plan_of;
using test::three_symbols;
using test::Tick;
using test::ticks_of;
using test::utc;

std::vector<Tick> feed(const std::string& toml, std::uint32_t events = 390) {
  FeedOptions options;
  options.events_per_session = events;
  return ticks_of(lines_of(plan_of(three_symbols(10), toml, options)));
}

TEST(LevelOfDip, FallsSmoothlyAndComesBackByItsShare) {
  const market::PriceDip dip{100, 200, 400, -0.2, 0.5};
  EXPECT_EQ(level_of(dip, 99), 1.0);
  EXPECT_EQ(level_of(dip, 100), 1.0);
  EXPECT_DOUBLE_EQ(level_of(dip, 150), 0.9);
  EXPECT_DOUBLE_EQ(level_of(dip, 200), 0.8);
  EXPECT_DOUBLE_EQ(level_of(dip, 300), 0.85);
  EXPECT_DOUBLE_EQ(level_of(dip, 400), 0.9);
  EXPECT_DOUBLE_EQ(level_of(dip, 4000), 0.9);
}

// 14:32 in New York is 19:32 UTC in January.
constexpr const char* kFlashCrash = R"(
[[shock]]
kind = "flash-crash"
symbols = ["A"]
session = 4
time = "14:32"
duration = "36m"
fall = "15m"
size = -0.09
)";

TEST(FlashCrash, ChangesTheTicksOfItsWindowToTheNumberAndNoOthers) {
  const market::PriceDip dip{utc("2021-01-07 19:32:00"), utc("2021-01-07 19:47:00"), utc("2021-01-07 20:08:00"), -0.09,
                             1.0};
  for (const std::uint32_t events : {390U, 3000U}) {
    const auto was = feed("", events);
    const auto now = feed(kFlashCrash, events);
    ASSERT_EQ(was.size(), now.size());
    std::size_t changed = 0;
    double lowest = 1.0;
    for (std::size_t i = 0; i < was.size(); ++i) {
      const bool inside = was[i].symbol == "A" && was[i].time > dip.begin && was[i].time < dip.end;
      if (!inside) {
        ASSERT_EQ(was[i].line, now[i].line);
        continue;
      }
      ASSERT_EQ(now[i].time, was[i].time);
      ASSERT_EQ(now[i].size, was[i].size);
      ASSERT_NEAR(now[i].price, was[i].price * level_of(dip, was[i].time), 0.00501);
      lowest = std::min(lowest, now[i].price / was[i].price);
      ++changed;
    }
    EXPECT_GT(changed, events / 20);
    EXPECT_NEAR(lowest, 0.91, 0.002);
  }
}

TEST(FlashCrash, TakesTheQuotesAlong) {
  FeedOptions options;
  options.quotes = true;
  const auto was = lines_of(plan_of(three_symbols(10), "", options));
  const auto now = lines_of(plan_of(three_symbols(10), kFlashCrash, options));
  const auto number = [](const std::string& line, const std::string& name) {
    return std::stod(line.substr(line.find(name) + name.size()));
  };
  std::size_t changed = 0;
  for (std::size_t i = 0; i < was.size(); ++i) {
    if (was[i] == now[i]) continue;
    ++changed;
    const double price = number(now[i], "\"price\":");
    const double bid = number(now[i], "\"bid\":");
    const double ask = number(now[i], "\"ask\":");
    ASSERT_LT(bid, ask);
    ASSERT_EQ(price == bid, number(was[i], "\"price\":") == number(was[i], "\"bid\":"));
    ASSERT_TRUE(price == bid || price == ask);
    ASSERT_NEAR(ask - bid, number(was[i], "\"ask\":") - number(was[i], "\"bid\":"), 1e-9);
  }
  EXPECT_GT(changed, 20U);
}

TEST(DroppedOutage, KeepsTheQuotesOfWhatIsMade) {
  FeedOptions options;
  options.quotes = true;
  const auto without_seq = [](const std::string& line) {
    const auto at = line.find("\"seq\":");
    return line.substr(0, at) + line.substr(line.find(',', at));
  };
  std::set<std::string> was;
  for (const auto& line : lines_of(plan_of(three_symbols(5), "", options))) was.insert(without_seq(line));
  const auto now = lines_of(plan_of(
      three_symbols(5),
      "[[shock]]\nkind = \"outage\"\nmode = \"drop\"\nsession = 2\ntime = \"10:00\"\nduration = \"90m\"\n", options));
  EXPECT_LT(now.size(), was.size());
  for (const auto& line : now) ASSERT_TRUE(was.contains(without_seq(line))) << line;
}

struct Day {
  double open = 0.0, high = 0.0, low = 1e9, close = 0.0;
};

std::map<std::string, Day> days_of(const std::vector<Tick>& ticks, const std::string& symbol) {
  std::map<std::string, Day> days;
  for (const Tick& tick : ticks) {
    if (tick.symbol != symbol) continue;
    Day& day = days[tick.session_date];
    if (day.open == 0.0) day.open = tick.price;
    day.high = std::max(day.high, tick.price);
    day.low = std::min(day.low, tick.price);
    day.close = tick.price;
  }
  return days;
}

TEST(FlashCrash, LeavesLaterSessionsWhereItEnds) {
  const auto was = feed("");
  const auto now = feed(std::string(kFlashCrash) + "rebound = 0.5\n");
  for (std::size_t i = 0; i < was.size(); ++i) {
    if (was[i].symbol != "A" || was[i].session_date < "2021-01-07") {
      ASSERT_EQ(was[i].line, now[i].line);
    }
  }
  const auto days = days_of(now, "A");
  for (const auto& [date, day] : days_of(was, "A")) {
    if (date == "2021-01-07") {
      EXPECT_NEAR(days.at(date).close, day.close * 0.955, 0.00501);
    }
    if (date <= "2021-01-07") continue;
    EXPECT_NEAR(days.at(date).open, day.open * 0.955, 0.00501);
    EXPECT_NEAR(days.at(date).high, day.high * 0.955, 0.00501);
    EXPECT_NEAR(days.at(date).low, day.low * 0.955, 0.00501);
    EXPECT_NEAR(days.at(date).close, day.close * 0.955, 0.00501);
  }
}

std::vector<Tick> by_symbol(std::vector<Tick> ticks) {
  std::ranges::stable_sort(ticks, {}, &Tick::symbol);
  return ticks;
}

TEST(Halt, HasNoTickAndThenAnAuction) {
  const std::string halt =
      "[[shock]]\nkind = \"halt\"\nsymbols = [\"B\"]\nsession = 2\ntime = \"10:42\"\nduration = \"15m\"\nauction = ";
  for (const std::uint32_t events : {390U, 3000U}) {
    const auto was = by_symbol(feed("", events));
    const auto plain = by_symbol(feed(halt + "1\n", events));
    const auto now = by_symbol(feed(halt + "20\n", events));
    ASSERT_EQ(was.size(), now.size());
    const auto begin = utc("2021-01-05 15:42:00");
    const auto end = utc("2021-01-05 15:57:00");
    std::int64_t before = 0;
    std::size_t auctions = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (now[i].symbol != "B" || now[i].session_date != "2021-01-05") {
        ASSERT_EQ(was[i].line, now[i].line);
        continue;
      }
      ASSERT_TRUE(now[i].time < begin || now[i].time >= end);
      const bool first_behind = now[i].time >= end && before < begin;
      EXPECT_EQ(now[i].size, plain[i].size * (first_behind ? 20 : 1));
      auctions += first_behind ? 1 : 0;
      before = now[i].time;
    }
    EXPECT_EQ(auctions, 1U);
  }
}

TEST(Halt, WithoutRoomIsRefused) {
  FeedOptions options;
  options.events_per_session = 10'000'000;
  EXPECT_THAT(test::refusal_of(three_symbols(3),
                               "[[shock]]\nkind = \"halt\"\nsession = 2\nsymbols = [\"A\"]\n"
                               "time = \"09:30\"\nduration = \"23399.995s\"\n",
                               options),
              testing::AllOf(testing::HasSubstr("A on 2021-01-05"), testing::HasSubstr("no room")));
}

TEST(VolumeSurge, MultipliesSizesInItsWindow) {
  const auto was = feed("");
  const auto now = feed(
      "[[shock]]\nkind = \"volume\"\nsession = 3\nsymbols = [\"A\", \"C\"]\n"
      "time = \"10:00\"\nduration = \"1h\"\nfactor = 6\n");
  std::size_t changed = 0;
  for (std::size_t i = 0; i < was.size(); ++i) {
    const bool inside =
        was[i].symbol == "A" && was[i].time >= utc("2021-01-06 15:00:00") && was[i].time < utc("2021-01-06 16:00:00");
    if (!inside) {
      ASSERT_EQ(was[i].line, now[i].line);
    }
    ASSERT_EQ(now[i].price, was[i].price);
    ASSERT_EQ(now[i].size, was[i].size * (inside ? 6 : 1));
    changed += inside ? 1 : 0;
  }
  EXPECT_GT(changed, 30U);
}

TEST(DroppedOutage, NeverMakesItsEventsAndLeavesNoGap) {
  const std::string toml =
      "[[shock]]\nkind = \"outage\"\nmode = \"drop\"\nsession = 2\nsessions = 3\n"
      "time = \"10:00\"\nduration = \"90m\"\n";
  for (const std::uint32_t events : {390U, 3000U}) {
    FeedOptions options;
    options.events_per_session = events;
    const auto plan = plan_of(three_symbols(10), toml, options);
    const auto was = feed("", events);
    const auto now = ticks_of(lines_of(plan));
    std::map<std::string, std::uint64_t> next;
    std::size_t j = 0;
    std::size_t dropped = 0;
    for (const Tick& tick : was) {
      const bool affected = tick.session_date >= "2021-01-05" && tick.session_date <= "2021-01-07";
      const int hour = tick.symbol == "C" ? 1 : 15;  // UTC of 10:00
      const auto begin = utc(tick.session_date + (hour == 1 ? " 01:00:00" : " 15:00:00"));
      const bool inside = affected && tick.time >= begin && tick.time < begin + std::int64_t{5400} * 1'000'000;
      if (inside) {
        ++dropped;
        continue;
      }
      ASSERT_LT(j, now.size());
      ASSERT_EQ(now[j].time, tick.time);
      ASSERT_EQ(now[j].price, tick.price);
      ASSERT_EQ(now[j].size, tick.size);
      ASSERT_EQ(now[j].seq, next[tick.symbol]++);
      ++j;
    }
    EXPECT_EQ(j, now.size());
    EXPECT_EQ(plan->total_events(), now.size());
    EXPECT_EQ(market::injected_faults(plan, now.size()).dropped, dropped);
    for (const auto& facts : plan->facts()) EXPECT_EQ(facts.events, next[facts.symbol]);
  }
}

TEST(DroppedOutage, MayTakeAWholeSession) {
  const std::string all_day = "kind = \"outage\"\nmode = \"drop\"\nsession = 1\ntime = \"00:00\"\nduration = \"24h\"\n";
  const auto now = feed("[[shock]]\n" + all_day);
  for (const Tick& tick : now) ASSERT_NE(tick.session_date, "2021-01-04");
  EXPECT_EQ(now.size(), feed("").size() - 3 * 390);
  EXPECT_THAT(test::refusal_of(three_symbols(1), "[[shock]]\n" + all_day), testing::HasSubstr("leave no event"));
}

}  // namespace
}  // namespace stack::scenario
