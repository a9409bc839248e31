#include "realism/bands.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "made_series.hpp"

namespace stack::realism {
namespace {

std::vector<RankedSeries> ranked(std::initializer_list<DailySeries> series) {
  std::vector<RankedSeries> all;
  for (const auto& each : series) all.emplace_back(each);
  return all;
}

double width(const Band& band) { return band.high - band.low; }

const Band& band_of(const FactBands& bands, Fact fact) { return bands[static_cast<std::size_t>(fact)]; }

TEST(Bands, DependOnTheSeedAndNotOnThreads) {
  const auto history = ranked({test::series_of("A", test::normal_values(800, 1)),
                               test::without_every(test::series_of("B", test::normal_values(800, 2)), 3)});
  const std::vector<std::size_t> sessions{700, 700};
  const auto once = fact_bands(history, sessions, {.replicates = 50, .threads = 1});
  const auto again = fact_bands(history, sessions, {.replicates = 50, .threads = 3});
  const auto other = fact_bands(history, sessions, {.seed = 2, .replicates = 50, .threads = 3});
  for (std::size_t i = 0; i < history.size(); ++i) {
    for (std::size_t k = 0; k < kFactCount; ++k) {
      EXPECT_EQ(once[i][k].low, again[i][k].low);
      EXPECT_EQ(once[i][k].high, again[i][k].high);
    }
    EXPECT_NE(band_of(once[i], Fact::volatility).low, band_of(other[i], Fact::volatility).low);
  }
}

TEST(Bands, OfNoiseAreAsWideAsTheorySays) {
  const std::size_t n = 4000;
  const auto history = ranked({test::series_of("A", test::normal_values(n, 3))});
  const std::vector<std::size_t> sessions{n};
  const auto bands = fact_bands(history, sessions, {.mean_block = 25.0}).front();
  const double root = std::sqrt(static_cast<double>(n));
  EXPECT_NEAR(width(band_of(bands, Fact::acf_return_1)), 2 * 1.96 / root, 0.2 * 2 * 1.96 / root);
  EXPECT_NEAR(width(band_of(bands, Fact::acf_abs_20)), 2 * 1.96 / root, 0.2 * 2 * 1.96 / root);
  const double of_sigma = 2 * 1.96 * 0.01 / (std::sqrt(2.0) * root);
  EXPECT_NEAR(width(band_of(bands, Fact::volatility)), of_sigma, 0.2 * of_sigma);
  const double of_skewness = 2 * 1.96 * std::sqrt(6.0) / root;
  EXPECT_NEAR(width(band_of(bands, Fact::skewness)), of_skewness, 0.2 * of_skewness);
}

TEST(Bands, HaveBlocksThatFitManyTimesIntoHistory) {
  const auto of = [](std::size_t n) {
    return mean_block_of(ranked({test::series_of("A", test::normal_values(n, 1)),
                                 test::without_every(test::series_of("B", test::normal_values(n, 2)), 2)}));
  };
  EXPECT_EQ(of(300), 25.0);
  EXPECT_EQ(of(1600), 100.0);
  EXPECT_EQ(of(5000), 250.0);
}

TEST(Bands, AreWiderForAShorterSimulation) {
  const auto history = ranked({test::series_of("A", test::normal_values(4000, 4))});
  const auto of = [&](std::size_t n) {
    const std::vector<std::size_t> sessions{n};
    return width(band_of(fact_bands(history, sessions, {.mean_block = 25.0}).front(), Fact::volatility));
  };
  EXPECT_NEAR(of(500) / of(2000), 2.0, 0.4);
}

// How often the truth of an autoregression lies in the band of one sample of it, and how often another sample does.
TEST(Bands, HoldTheTruthAndAnotherSampleAsOftenAsTheyShould) {
  const std::size_t n = 1000;
  const double phi = 0.3;
  const std::vector<std::size_t> sessions{n};
  const int trials = 200;
  int truth = 0;
  int another = 0;
  FactCalculator calculator;
  for (unsigned trial = 0; trial < trials; ++trial) {
    const auto history = ranked({test::series_of("A", test::autoregression(n, phi, 2 * trial))});
    const auto bands =
        fact_bands(history, sessions, {.seed = trial, .replicates = 200, .mean_block = 50.0, .threads = 1});
    const Band& band = band_of(bands.front(), Fact::acf_return_1);
    truth += band.contains(phi) ? 1 : 0;
    const RankedSeries sample{test::series_of("A", test::autoregression(n, phi, 2 * trial + 1))};
    another += band.contains(at(calculator(sample), Fact::acf_return_1)) ? 1 : 0;
  }
  EXPECT_GT(truth, 0.88 * trials);    // 95 % in the limit; percentile intervals of finite samples hold a little less
  EXPECT_GT(another, 0.74 * trials);  // P(|Z| < 1.96 / sqrt 2) = 83 %
  EXPECT_LT(another, 0.92 * trials);
}

TEST(Bands, OfASymbolThatIsSeldomThereAreOfItsOwnSessions) {
  auto young = test::series_of("B", test::normal_values(600, 6), 10'000 + 3400, 7);
  const auto history = ranked({test::series_of("A", test::normal_values(4000, 5)), young});
  const std::vector<std::size_t> sessions{4000, 4000};
  const auto bands = fact_bands(history, sessions, {.replicates = 100});
  EXPECT_TRUE(band_of(bands[1], Fact::volatility).contains(stddev(young.r)));
  EXPECT_LT(width(band_of(bands[1], Fact::volatility)), 0.004);
}

TEST(Bands, AreNaNWhereReplicatesCannotTell) {
  auto silent = test::series_of("A", test::normal_values(600, 8));
  silent.log_volume.assign(silent.size(), std::nan(""));
  const auto history = ranked({silent});
  const std::vector<std::size_t> sessions{600};
  const auto bands = fact_bands(history, sessions, {.replicates = 30});
  EXPECT_TRUE(std::isnan(band_of(bands.front(), Fact::acf_volume_1).low));
  EXPECT_FALSE(std::isnan(band_of(bands.front(), Fact::acf_range_1).low));
}

}  // namespace
}  // namespace stack::realism
