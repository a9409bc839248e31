// The guard against copies of history: what it has to see, and what it must leave alone.
#include "model/copy_guard.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "clustered_history.hpp"
#include "realism/memorising.hpp"

namespace stack::model {
namespace {

constexpr std::size_t kDates = 600;

std::vector<double> normal_returns(std::size_t count, std::uint64_t seed) {
  test::RandomStream random(seed);
  std::vector<double> returns(count);
  for (double& r : returns) r = 0.01 * random.normal();
  return returns;
}

// A path of one symbol with the guard that watches it.
class Path {
 public:
  explicit Path(std::vector<CopyHistory> history) : history_(std::move(history)), guard_(history_) {}

  // What the guard says of the session, which is then taken.
  double take(double r, std::uint32_t date, bool continues) {
    const std::vector<double> returns(history_.size(), r);
    const double closest = guard_.closest(returns, date, continues);
    guard_.add(returns, date, continues);
    taken.push_back(r);
    return closest;
  }
  // COUNT sessions that have nothing to do with history, each of a block of its own; the highest that was said.
  double wander(std::size_t count, std::uint64_t seed) {
    double highest = 0.0;
    test::RandomStream random(seed);
    for (std::size_t t = 0; t < count; ++t) {
      const auto date = static_cast<std::uint32_t>(random.uniform() * kDates);
      highest = std::max(highest, take(0.01 * random.normal(), date, false));
    }
    return highest;
  }

  std::vector<double> taken;

 private:
  std::vector<CopyHistory> history_;
  CopyGuard guard_;
};

TEST(CopyGuard, SeesAMonthOfHistoryThroughNoise) {
  const auto history = normal_returns(kDates, 1);
  for (const std::uint32_t from : {40U, 300U, 580U}) {
    Path path({make_copy_history(history)});
    path.wander(400, 2);
    test::RandomStream random(3);
    double said = 0.0;
    for (std::uint32_t t = 0; t < 20; ++t)
      said = path.take(history[from + t] + 0.0005 * random.normal(), from + t, t > 0);
    EXPECT_GT(said, 0.95) << from;
    // The judge that looks at everything finds the same window and the same number.
    const auto judged =
        realism::closest_window(realism::standardised_returns(history), realism::standardised_returns(path.taken));
    EXPECT_EQ(judged.history_session, from);
    EXPECT_NEAR(said, judged.correlation, 1e-6) << from;
  }
}

TEST(CopyGuard, SeesACopyAtAnotherVolatility) {
  const auto history = normal_returns(kDates, 1);
  Path path({make_copy_history(history)});
  path.wander(100, 2);
  for (std::uint32_t t = 0; t < 60; ++t) path.take(0.1 * history[200 + t], 200 + t, t > 0);
  EXPECT_GT(path.take(0.1 * history[260], 260, true), 0.95);
}

TEST(CopyGuard, SeesTheRestOfACopyAfterItsBlock) {
  const auto history = normal_returns(kDates, 1);
  Path path({make_copy_history(history)});
  path.wander(200, 2);
  for (std::uint32_t t = 0; t < 16; ++t) path.take(history[100 + t], 100 + t, t > 0);
  double said = 0.0;
  for (std::uint32_t t = 16; t < 20; ++t) said = path.take(history[100 + t], 500 - 7 * t, false);  // by other dates
  EXPECT_GT(said, 0.95);
}

TEST(CopyGuard, SeesTheCopyOfOneSymbolAmongMany) {
  const auto history = normal_returns(kDates, 1);
  const std::vector<CopyHistory> both{make_copy_history(normal_returns(kDates, 8)), make_copy_history(history)};
  CopyGuard guard(both);
  test::RandomStream random(4);
  double said = 0.0;
  for (std::uint32_t t = 0; t < 25; ++t) {
    const double returns[] = {0.01 * random.normal(), history[50 + t]};
    said = guard.closest(returns, 50 + t, t > 0);
    guard.add(returns, 50 + t, t > 0);
  }
  EXPECT_GT(said, 0.95);
}

TEST(CopyGuard, CountsSessionsAndNotDates) {
  auto on_dates = normal_returns(kDates, 1);
  for (std::size_t t = 0; t < kDates; t += 5) on_dates[t] = std::nan("");
  std::vector<double> own;
  for (const double r : on_dates)
    if (!std::isnan(r)) own.push_back(r);
  const auto history = make_copy_history(on_dates);
  EXPECT_EQ(history.standardised.size(), own.size());
  EXPECT_EQ(history.session_of[0], -1);
  EXPECT_EQ(history.session_of[1], 0);
  EXPECT_EQ(history.session_of[6], 4);
  Path path({history});
  path.wander(200, 2);
  double said = 0.0;
  std::uint32_t date = 100;  // of no session
  for (std::size_t t = 0; t < 20; ++t) {
    while (history.session_of[++date] < 0) {
    }
    said = path.take(on_dates[date], date, t > 0);
  }
  EXPECT_GT(said, 0.95);
}

TEST(CopyGuard, LeavesNormalReturnsAlone) {
  const auto history = normal_returns(kDates, 1);
  Path path({make_copy_history(history)});
  test::RandomStream random(5);
  double highest = 0.0;
  std::uint32_t date = 0;
  for (std::size_t t = 0; t < 20'000; ++t) {
    const bool continues = t % 7 != 0 && date + 1 < kDates;  // blocks that are watched
    date = continues ? date + 1 : static_cast<std::uint32_t>(random.uniform() * kDates);
    highest = std::max(highest, path.take(0.01 * random.normal(), date, continues));
  }
  EXPECT_GT(highest, 0.3) << "it looked at nothing";
  EXPECT_LT(highest, 0.9);
}

TEST(CopyGuard, SeesALargeDayBesideAnother) {
  auto history = normal_returns(kDates, 1);
  history[333] = -0.6;
  const auto copy = make_copy_history(history);
  ASSERT_EQ(copy.large, std::vector<std::int32_t>{333});
  Path path({copy});
  EXPECT_LT(path.wander(100, 2), 0.9);
  EXPECT_GT(path.take(-0.6, 7, false), 0.95);
  const auto more = normal_returns(40, 6);
  for (std::size_t age = 1; age < 40; ++age) {
    const double said = path.take(0.1 * more[age], 11, false);
    if (age < kCopyWindow)
      EXPECT_GT(said, 0.9) << age;
    else
      EXPECT_LT(said, 0.9) << age;
  }
  Path other({copy});
  other.wander(100, 2);
  EXPECT_LT(other.take(0.6, 7, false), 0.9) << "a rise is no copy of a fall";
}

TEST(CopyGuard, SaysNothingBeforeAWindowIsFull) {
  const auto history = normal_returns(kDates, 1);
  Path path({make_copy_history(history)});
  for (std::uint32_t t = 0; t < 19; ++t) EXPECT_EQ(path.take(history[100 + t], 100 + t, t > 0), 0.0) << t;
  EXPECT_GT(path.take(history[119], 119, true), 0.9);
}

TEST(CopyGuard, SurvivesASymbolThatStoodStill) {
  auto history = normal_returns(kDates, 1);
  std::fill(history.begin() + 300, history.end(), 0.0);
  Path path({make_copy_history(history)});
  for (std::uint32_t t = 0; t < 200; ++t) {
    const double said = path.take(t % 50 < 30 ? 0.0 : history[t], t, t > 0);
    EXPECT_FALSE(std::isnan(said));
    EXPECT_LE(said, 1.0 + 1e-9);
  }
}

}  // namespace
}  // namespace stack::model
