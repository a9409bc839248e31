#include "market/session_clock.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>

#include "session_ticks.hpp"

namespace stack::market {
namespace {

using test::all_ticks;
using test::any_bar;
using test::any_spec;
using test::kMinute;
using test::Ticks;

constexpr SessionWindow kDay{0, 390 * kMinute, 390 * kMinute, 390 * kMinute};

// Ticks of DAYS plain sessions of six and a half hours from 0 on.
std::vector<Ticks> sessions(Arrivals arrivals, std::uint32_t ticks, int days) {
  std::vector<Ticks> made;
  for (int day = 0; day < days; ++day) {
    const Bar bar = test::plain_bar(day);
    const PriceGrid grid = *PriceGrid::infer({"A", "", {bar}}, Decimal{1, 2});
    SessionSpec spec{&bar, &grid, kDay, session_key(3, 4, day), ticks};
    spec.arrivals = arrivals;
    made.push_back(all_ticks(spec));
  }
  return made;
}

double share_of_day(std::int64_t time) { return static_cast<double>(time) / static_cast<double>(kDay.close); }

std::vector<double> gaps_of(const Ticks& ticks, const std::function<double(double)>& clock) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < ticks.time.size(); ++i)
    gaps.push_back(clock(share_of_day(ticks.time[i])) - clock(share_of_day(ticks.time[i - 1])));
  return gaps;
}

struct Clustering {
  double variation = 0.0;    // of the gaps: deviation by mean
  double correlation = 0.0;  // of one gap with the next
  double fano = 0.0;         // of counts in 390 equal parts: variance by mean
};

// By CLOCK, averaged over the sessions: the day's own time, or business time, in which the U shape is gone.
Clustering clustering(const std::vector<Ticks>& days, const std::function<double(double)>& clock) {
  Clustering sum;
  for (const Ticks& ticks : days) {
    const std::vector<double> gaps = gaps_of(ticks, clock);
    const auto n = static_cast<double>(gaps.size());
    const double mean = std::accumulate(gaps.begin(), gaps.end(), 0.0) / n;
    double square = 0.0;
    double product = 0.0;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      square += (gaps[i] - mean) * (gaps[i] - mean);
      if (i > 0) product += (gaps[i] - mean) * (gaps[i - 1] - mean);
    }
    std::array<double, 390> counts{};
    for (const std::int64_t time : ticks.time) ++counts.at(static_cast<std::size_t>(clock(share_of_day(time)) * 390.0));
    const double per_part = static_cast<double>(ticks.time.size()) / 390.0;
    double spread = 0.0;
    for (const double count : counts) spread += (count - per_part) * (count - per_part) / 390.0;
    const auto by = 1.0 / static_cast<double>(days.size());
    sum.variation += by * std::sqrt(square / n) / mean;
    sum.correlation += square > 0.0 ? by * product / square : 0.0;
    sum.fano += by * spread / per_part;
  }
  return sum;
}

double own_time(double share) { return share; }

// Kolmogorov's distance of SAMPLE from the uniform distribution, times the root of its size.
double kolmogorov(std::vector<double> sample) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < sample.size(); ++i)
    distance = std::max({distance, std::abs(sample[i] - static_cast<double>(i) / n),
                         std::abs(static_cast<double>(i + 1) / n - sample[i])});
  return distance * std::sqrt(n);
}

TEST(Arrivals, OfAPoissonProcessFollowTheUShape) {
  // Given their number, a Poisson process's times are independent draws from its intensity.
  std::vector<double> times;
  std::vector<double> gaps;
  const auto days = sessions(Arrivals::poisson, 390, 100);
  for (const Ticks& ticks : days) {
    for (const std::int64_t time : ticks.time) times.push_back(business_time(share_of_day(time)));
    // The gaps between n draws are beta distributed: P(gap > x) = (1 - x)^n.
    for (const double gap : gaps_of(ticks, business_time)) gaps.push_back(1.0 - std::pow(1.0 - gap, 390.0));
  }
  EXPECT_LT(kolmogorov(times), 1.63);  // 1 % of samples lie beyond
  EXPECT_LT(kolmogorov(gaps), 1.63);
  const Clustering in_business_time = clustering(days, business_time);
  EXPECT_NEAR(in_business_time.variation, 1.0, 0.02);
  EXPECT_NEAR(in_business_time.correlation, 0.0, 0.02);
  EXPECT_NEAR(in_business_time.fano, 1.0, 0.02);
}

TEST(Arrivals, ThatAreUniformHaveEqualGaps) {
  for (const std::uint32_t ticks : {4U, 390U, 5000U}) {
    const Clustering even = clustering(sessions(Arrivals::uniform, ticks, 3), own_time);
    EXPECT_LT(even.variation, 1e-4) << ticks;
  }
}

TEST(Arrivals, ThatExciteThemselvesCluster) {
  for (const std::uint32_t ticks : {390U, 5000U}) {
    const auto days = sessions(Arrivals::hawkes, ticks, ticks == 390 ? 100 : 20);
    for (const auto& clock : {std::function<double(double)>(own_time), std::function<double(double)>(business_time)}) {
      const Clustering bursts = clustering(days, clock);
      EXPECT_GT(bursts.variation, 1.7) << ticks;
      EXPECT_LT(bursts.variation, 2.4) << ticks;
      EXPECT_GT(bursts.correlation, 0.08) << ticks;
      EXPECT_GT(bursts.fano, 2.5) << ticks;
    }
  }
}

TEST(Arrivals, ThatExciteThemselvesHaveTheTheorysVariance) {
  // Var N(t) / E N(t) = h^2 + (1 - h^2) (1 - e^-kt) / (kt), h = 1 / (1 - branching), k = decay (1 - branching), for a
  // process over many mean gaps (Hawkes 1971); here in windows of 12.8 gaps.
  const Clustering bursts = clustering(sessions(Arrivals::hawkes, 5000, 40), business_time);
  const double h = 1.0 / SelfExcitement::kBaseline;
  const double kt = SelfExcitement::kDecay * SelfExcitement::kBaseline * 5000 / 390;
  EXPECT_NEAR(bursts.fano / (h * h + (1 - h * h) * (1 - std::exp(-kt)) / kt), 1.0, 0.06);
}

TEST(Arrivals, BringVolumeAndVarianceOfOneU) {
  for (const Arrivals arrivals : {Arrivals::uniform, Arrivals::poisson, Arrivals::hawkes}) {
    std::array<double, 13> volume{};
    std::array<double, 13> variance{};
    for (const Ticks& ticks : sessions(arrivals, 2000, 400)) {
      for (std::size_t i = 0; i < ticks.time.size(); ++i) {
        const auto part = static_cast<std::size_t>(share_of_day(ticks.time[i]) * 13.0);
        volume.at(part) += static_cast<double>(ticks.size[i]);
        const double move = i == 0 ? 0.0 : static_cast<double>(ticks.price[i] - ticks.price[i - 1]);
        variance.at(part) += move * move;
      }
    }
    const auto share = [](const std::array<double, 13>& of, std::size_t i) {
      return of.at(i) / std::accumulate(of.begin(), of.end(), 0.0);
    };
    for (std::size_t i = 0; i < 13; ++i) {
      const double u = business_time(static_cast<double>(i + 1) / 13) - business_time(static_cast<double>(i) / 13);
      EXPECT_NEAR(share(volume, i) / u, 1.0, 0.05) << arrivals_name(arrivals) << " " << i;
      if (arrivals != Arrivals::uniform) {
        EXPECT_NEAR(share(variance, i) / u, 1.0, 0.12) << arrivals_name(arrivals) << " " << i;
      }
    }
  }
}

TEST(Arrivals, ComeByName) {
  for (const Arrivals arrivals : {Arrivals::uniform, Arrivals::poisson, Arrivals::hawkes})
    EXPECT_EQ(parse_arrivals(arrivals_name(arrivals)), arrivals);
  const auto wrong = parse_arrivals("Poisson");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::usage);
}

RC_GTEST_PROP(SessionClock, GoesThereAndBack, ()) {
  const Bar bar = *any_bar();
  const PriceGrid grid = *PriceGrid::infer({"A", "", {bar}}, {});
  std::vector<Pause> pauses;
  const SessionSpec spec = any_spec(bar, grid, pauses);
  const SessionClock clock = spec.clock();
  std::vector<std::int64_t> trading(50);
  for (std::int64_t& time : trading) time = *rc::gen::inRange<std::int64_t>(0, clock.trading_micros());
  std::sort(trading.begin(), trading.end());
  std::vector<std::int64_t> utc = trading;
  clock.to_utc(utc.data(), utc.size());
  for (std::size_t i = 0; i < utc.size(); ++i) {
    RC_ASSERT(clock.trading_before(utc[i]) == trading[i]);
    RC_ASSERT(clock.trading_before(utc[i] + 1) == trading[i] + 1);
    RC_ASSERT(utc[i] >= spec.window.open);
    RC_ASSERT(utc[i] < spec.window.close);
  }
  RC_ASSERT(clock.trading_before(spec.window.close) == clock.trading_micros());
}

RC_GTEST_PROP(SessionClock, NeverRunsBackwards, ()) {
  const auto ticks = *rc::gen::inRange<std::uint32_t>(4, 10'000'001);
  const auto arrivals = *rc::gen::element(Arrivals::uniform, Arrivals::poisson);
  const SessionClock clock(kDay, {}, arrivals, ticks);
  // Neighbours in position, at the closest that doubles allow, and at the ends of the table's cells.
  for (int i = 0; i < 200; ++i) {
    const auto tick = *rc::gen::inRange<std::uint32_t>(0, ticks - 1);
    const double cell = std::floor(static_cast<double>(tick) * 256.0 / ticks) * ticks / 256.0;
    for (const double at : {static_cast<double>(tick), cell}) {
      const double below = std::nextafter(at, 0.0);
      RC_ASSERT(clock.trading_time(tick, below) < clock.trading_time(tick + 1, at));
      RC_ASSERT(clock.trading_time(tick, at) < clock.trading_time(tick + 1, at));
    }
  }
  RC_ASSERT(clock.trading_time(0, 0.0) == 0);
  RC_ASSERT(clock.trading_time(ticks - 1, ticks) < clock.trading_micros());
}

TEST(SessionClock, SkipsPausesAndKeepsTheNumberOfTicks) {
  const Bar bar = test::plain_bar(1);
  const PriceGrid grid = *PriceGrid::infer({"A", "", {bar}}, Decimal{1, 2});
  SessionSpec spec{&bar, &grid, kDay, 77, 3000};
  const std::vector<Pause> halts{{200 * kMinute, 260 * kMinute}, {-kMinute, 10 * kMinute}};
  spec.pauses = halts;
  const Ticks ticks = all_ticks(spec);
  EXPECT_EQ(ticks.time.size(), 3000U);
  EXPECT_GE(ticks.time.front(), 10 * kMinute);
  const auto resumed = std::lower_bound(ticks.time.begin(), ticks.time.end(), 200 * kMinute);
  ASSERT_NE(resumed, ticks.time.end());
  EXPECT_GE(*resumed, 260 * kMinute);
  EXPECT_LT(*resumed, 262 * kMinute);
  const auto motion = std::make_unique<BlockMotion>();
  EXPECT_EQ(SessionPath::ticks_before(spec, 230 * kMinute, *motion), resumed - ticks.time.begin());
  EXPECT_EQ(SessionPath::ticks_before(spec, 260 * kMinute, *motion), resumed - ticks.time.begin());
  // Halts alter times alone.
  spec.pauses = {};
  const Ticks whole = all_ticks(spec);
  EXPECT_EQ(whole.price, ticks.price);
  EXPECT_EQ(whole.size, ticks.size);
}

TEST(SessionClock, TakesNoPausesThatLeaveNoTimeToTrade) {
  const std::vector<Pause> whole_day{{0, 390 * kMinute}};
  EXPECT_FALSE(SessionClock::leave_room(kDay, whole_day, 4));
  EXPECT_EQ(SessionClock(kDay, whole_day, Arrivals::poisson, 4).trading_micros(), 390 * kMinute);
  EXPECT_FALSE(SessionClock::leave_room(kDay, std::vector<Pause>(5, Pause{1, 2}), 4));
  EXPECT_TRUE(SessionClock::leave_room(kDay, std::vector<Pause>(4, Pause{1, 2}), 4));
}

}  // namespace
}  // namespace stack::market
