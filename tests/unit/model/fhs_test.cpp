// Filtered historical simulation on a made-up market whose dependence is known: what it keeps of it and what not.
#include "model/fhs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "clustered_history.hpp"
#include "fhs_checks.hpp"
#include "histories.hpp"
#include "model/simulated_bars.hpp"
#include "realism/memorising.hpp"
#include "realism/statistics.hpp"

namespace stack::model {
namespace {

constexpr std::size_t kSeeds = 5;
constexpr std::size_t kSessions = 2500;

// A leads B, C is younger, D has no volume, and all miss days.
class Fhs : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    history_ = new std::vector(
        test::clustered_series({.lead = 0.35, .holidays = 0.03, .c_begins = 500, .d_has_volume = false}));
    panel_ = new Panel(test::panel_of(*history_));
    model_ = test::fitted_fhs(*panel_).release();
    paths_ = new std::vector<std::vector<market::Series>>;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
      paths_->push_back(test::bars_of(*panel_, *model_, kSessions, seed));
  }
  static void TearDownTestSuite() {
    delete history_;
    delete panel_;
    delete model_;
    delete paths_;
  }

  inline static std::vector<market::Series>* history_ = nullptr;
  inline static Panel* panel_ = nullptr;
  inline static BarModel* model_ = nullptr;
  inline static std::vector<std::vector<market::Series>>* paths_ = nullptr;
};

std::vector<DayMoves> moves_of(const BarModel& model, std::size_t sessions, std::uint64_t seed) {
  std::vector<DayMoves> moves;
  model.start(seed)->next(sessions, moves);
  return moves;
}

// Volume is NaN where there is none: compared as text of bits would be.
void expect_same(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_TRUE(a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) << i << ": " << a[i] << " and " << b[i];
}

void expect_same(const std::vector<DayMoves>& a, const std::vector<DayMoves>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t s = 0; s < a.size(); ++s) {
    expect_same(a[s].gap, b[s].gap);
    expect_same(a[s].move, b[s].move);
    expect_same(a[s].up, b[s].up);
    expect_same(a[s].down, b[s].down);
    expect_same(a[s].log_volume, b[s].log_volume);
  }
}

// The correlation of LATER with EARLIER the day before, on consecutive common dates.
double next_day(const std::vector<double>& later, const std::vector<double>& earlier) {
  std::vector<double> today;
  std::vector<double> yesterday;
  double before = std::nan("");
  for (std::size_t t = 0; t < later.size(); ++t) {
    if (std::isnan(later[t]) || std::isnan(earlier[t])) continue;
    today.push_back(later[t]);
    yesterday.push_back(before);
    before = earlier[t];
  }
  return test::correlation_on_common_dates(today, yesterday);
}

TEST_F(Fhs, GivesTheSamePathWhateverTheChunks) {
  const auto whole = moves_of(*model_, 3000, 7);
  const auto simulation = model_->start(7);
  std::vector<DayMoves> joined(whole.size());
  for (const std::size_t count : {1U, 2U, 1997U, 0U, 1000U}) {
    std::vector<DayMoves> part;
    simulation->next(count, part);
    ASSERT_EQ(part.size(), whole.size());
    for (std::size_t s = 0; s < part.size(); ++s) {
      joined[s].gap.insert(joined[s].gap.end(), part[s].gap.begin(), part[s].gap.end());
      joined[s].move.insert(joined[s].move.end(), part[s].move.begin(), part[s].move.end());
      joined[s].up.insert(joined[s].up.end(), part[s].up.begin(), part[s].up.end());
      joined[s].down.insert(joined[s].down.end(), part[s].down.begin(), part[s].down.end());
      joined[s].log_volume.insert(joined[s].log_volume.end(), part[s].log_volume.begin(), part[s].log_volume.end());
    }
  }
  expect_same(joined, whole);
  EXPECT_NE(moves_of(*model_, 3000, 8)[2].gap, whole[2].gap);
}

TEST_F(Fhs, IsTheSameFitEachTime) {
  const auto again = test::fitted_fhs(*panel_);
  EXPECT_EQ(again->summary(), model_->summary());
  expect_same(moves_of(*again, 2000, 3), moves_of(*model_, 2000, 3));
}

TEST_F(Fhs, TheScreenedPathIsTheSameWhateverTheChunks) {
  std::vector<DayMoves> whole;
  model_->start_screened(*panel_, 5, 2000)->next(2000, whole);
  const auto simulation = model_->start_screened(*panel_, 5, 2000);
  std::vector<double> gaps;
  for (const std::size_t count : {999U, 1U, 1000U}) {
    std::vector<DayMoves> part;
    simulation->next(count, part);
    gaps.insert(gaps.end(), part[0].gap.begin(), part[0].gap.end());
  }
  EXPECT_EQ(gaps, whole[0].gap);
}

TEST_F(Fhs, MakesBars) {
  for (const auto& path : *paths_) {
    test::expect_valid(path);
    for (const auto& series : path) {
      EXPECT_EQ(series.bars.size(), kSessions);
      for (const auto& bar : series.bars) {
        ASSERT_EQ(bar.volume > 0, series.symbol != "D") << series.symbol;
        ASSERT_EQ(bar.day, path[0].bars[static_cast<std::size_t>(&bar - series.bars.data())].day);
      }
    }
  }
  const auto moves = moves_of(*model_, 100, 1);
  for (const double v : moves[3].log_volume) EXPECT_TRUE(std::isnan(v));
}

TEST_F(Fhs, KeepsTheSpreadOfReturns) {
  for (std::size_t s = 0; s < 4; ++s) {
    double squares = 0.0;
    for (const auto& path : *paths_) squares += std::pow(test::deviation_of(test::returns_of(path[s])), 2) / kSeeds;
    EXPECT_NEAR(std::sqrt(squares) / panel_->series[s].deviation, 1.0, 0.15) << panel_->series[s].symbol;
  }
}

TEST_F(Fhs, KeepsCorrelationsOfTheSameDay) {
  for (std::size_t s = 0; s < 4; ++s)
    for (std::size_t o = 0; o < s; ++o) {
      double found = 0.0;
      for (const auto& path : *paths_)
        found += test::correlation_on_common_dates(test::returns_of(path[s]), test::returns_of(path[o])) / kSeeds;
      const double wanted = test::correlation_on_common_dates(panel_->series[s].ret, panel_->series[o].ret);
      EXPECT_NEAR(found, wanted, 0.08) << s << ' ' << o;
    }
}

TEST_F(Fhs, KeepsTheLeadOfOneSymbolOverAnother) {
  const double wanted = next_day(panel_->series[1].ret, panel_->series[0].ret);
  ASSERT_GT(wanted, 0.25);
  double found = 0.0;
  double backwards = 0.0;
  for (const auto& path : *paths_) {
    const auto a = test::returns_of(path[0]);
    const auto b = test::returns_of(path[1]);
    found += next_day(b, a) / kSeeds;
    backwards += next_day(a, b) / kSeeds;
  }
  EXPECT_NEAR(found, wanted, 0.12);
  EXPECT_NEAR(backwards, next_day(panel_->series[0].ret, panel_->series[1].ret), 0.12);
}

struct Memory {
  double size = 0.0;  // of |r|: the mean over ten sessions, as a single one tells little
  double range = 0.0;
  double volume = 0.0;
};

Memory memory_of(const market::Series& bars) {
  const auto series = realism::daily_series(bars.symbol, bars.bars);
  std::vector<double> size;
  for (std::size_t t = 1; t < series.size(); ++t) size.push_back(std::abs(series.r[t]));
  realism::Autocorrelations acf;
  Memory memory;
  acf.assign(size);
  for (std::size_t lag = 1; lag <= 10; ++lag) memory.size += acf.at(lag) / 10.0;
  acf.assign(series.range);
  memory.range = acf.at(1);
  acf.assign(series.log_volume);
  memory.volume = acf.at(1);
  return memory;
}

TEST_F(Fhs, VolatilityRangesAndVolumesRemember) {
  Memory found;
  for (const auto& path : *paths_) {
    const Memory one = memory_of(path[0]);
    found.size += one.size / kSeeds;
    found.range += one.range / kSeeds;
    found.volume += one.volume / kSeeds;
  }
  const Memory wanted = memory_of((*history_)[0]);
  EXPECT_GT(found.size, 0.03);
  EXPECT_NEAR(found.size, wanted.size, 0.08);
  EXPECT_GT(found.range, 0.1);
  EXPECT_NEAR(found.range, wanted.range, 0.12);
  EXPECT_GT(found.volume, 0.4);
  EXPECT_NEAR(found.volume, wanted.volume, 0.12);
}

// No 20 sessions of PATH look like 20 of HISTORY.
void expect_no_copy(const std::vector<market::Series>& history, const std::vector<market::Series>& path) {
  const auto columns = [](const std::vector<market::Series>& all) {
    std::vector<realism::DailySeries> each(all.size());
    for (std::size_t s = 0; s < all.size(); ++s) each[s] = realism::daily_series(all[s].symbol, all[s].bars);
    return each;
  };
  for (const auto& window : realism::closest_windows(columns(history), columns(path)))
    EXPECT_LE(window.correlation, 0.95) << window.history_session << " at " << window.simulation_session;
}

TEST_F(Fhs, RepeatsNoMonthOfHistory) {
  for (const auto& path : *paths_) expect_no_copy(*history_, path);
}

TEST_F(Fhs, RepeatsNoMonthInItsLongestBlocksEither) {
  const auto model = test::fitted_fhs(*panel_, kLongestFhsBlock);
  expect_no_copy(*history_, test::bars_of(*panel_, *model, kSessions));
}

TEST_F(Fhs, StaysAPriceForCenturies) {
  const auto path = test::bars_of(*panel_, *model_, 100'000);
  test::expect_valid(path);
  for (std::size_t s = 0; s < path.size(); ++s)
    EXPECT_NEAR(test::deviation_of(test::returns_of(path[s])) / panel_->series[s].deviation, 1.0, 0.15);
}

TEST_F(Fhs, RefusesBlocksThatAreNone) {
  for (const double block : {0.99, 0.0, -3.0, 10.01, 1e9, std::nan("")}) {
    ModelOptions options;
    options.block = block;
    const auto model = fit_model(*panel_, options);
    ASSERT_FALSE(model) << block;
    EXPECT_EQ(model.error().kind, ErrorKind::usage);
    EXPECT_THAT(model.error().message, testing::HasSubstr("--block"));
  }
}

}  // namespace
}  // namespace stack::model
