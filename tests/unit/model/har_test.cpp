// The heterogeneous autoregression: what it remembers, and what least squares find of it.
#include "model/har.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "clustered_history.hpp"

namespace stack::model {
namespace {

constexpr Har kDay{0.0, 1.0, 0.0, 0.0, 0.0};
constexpr Har kWeek{0.0, 0.0, 1.0, 0.0, 0.0};
constexpr Har kMonth{0.0, 0.0, 0.0, 1.0, 0.0};

double mean_of_last(const std::vector<double>& values, std::size_t count) {
  return std::accumulate(values.end() - static_cast<std::ptrdiff_t>(count), values.end(), 0.0) /
         static_cast<double>(count);
}

// COUNT values of HAR with a driver of its own, the noise's deviation .1; DRIVER is filled.
std::vector<double> simulated(const Har& har, std::size_t count, std::uint64_t seed, std::vector<double>& driver) {
  test::RandomStream random(seed);
  HarState state(har.mean);
  std::vector<double> values(count);
  driver.resize(count);
  for (std::size_t t = 0; t < count; ++t) {
    driver[t] = 0.3 * random.normal();
    values[t] = state.expected(har, driver[t]) + 0.1 * random.normal();
    state.add(values[t]);
  }
  return values;
}

TEST(Har, SumsAreRightAfterAnyNumberOfValues) {
  test::RandomStream random(1);
  std::vector<double> values(22, 0.7);
  HarState state(0.7);
  for (std::size_t t = 0; t < 300'000; ++t) {
    // Levels that change by orders of magnitude: what a running sum lost at a high one it keeps at a low one.
    const double level = t / 1000 % 2 == 0 ? 1.0 : 1e3;
    values.push_back(level * (14.0 + random.normal()));
    state.add(values.back());
    if (t % 997 != 0 && t > 100) continue;
    ASSERT_EQ(state.last(), values.back());
    ASSERT_NEAR(state.expected(kDay, 0.0), values.back(), 1e-12 * level);
    ASSERT_NEAR(state.expected(kWeek, 0.0), mean_of_last(values, 5), 1e-7) << t;
    ASSERT_NEAR(state.expected(kMonth, 0.0), mean_of_last(values, 22), 1e-7) << t;
  }
}

TEST(Har, RemembersExactlyAMonth) {
  HarState state(0.0);
  state.add(22.0);
  for (int t = 0; t < 21; ++t) {
    EXPECT_NEAR(state.expected(kMonth, 0.0), 1.0, 1e-12) << t;
    EXPECT_NEAR(state.expected(kWeek, 0.0), t < 5 ? 4.4 : 0.0, 1e-12) << t;
    state.add(0.0);
  }
  state.add(0.0);
  EXPECT_NEAR(state.expected(kMonth, 0.0), 0.0, 1e-12);
}

TEST(Har, FindsTheCoefficientsOfWhatItMade) {
  const Har known{.mean = -0.4, .day = 0.3, .week = 0.3, .month = 0.25, .link = 0.5};
  std::vector<double> driver;
  const auto values = simulated(known, 50'000, 2, driver);
  const auto fit = fit_har(values, driver, 0.995);
  EXPECT_NEAR(fit.har.mean, known.mean, 0.03);
  EXPECT_NEAR(fit.har.day, known.day, 0.03);
  EXPECT_NEAR(fit.har.week, known.week, 0.05);
  EXPECT_NEAR(fit.har.month, known.month, 0.05);
  EXPECT_NEAR(fit.har.link, known.link, 0.01);
  double squares = 0.0;
  for (const double eta : fit.residuals) squares += eta * eta;
  EXPECT_NEAR(std::sqrt(squares / 50'000.0), 0.1, 0.002);
}

TEST(Har, ResidualsAndStateRebuildTheValues) {
  std::vector<double> driver;
  auto values = simulated({.mean = 2.0, .day = 0.4, .week = 0.2, .month = 0.2, .link = 0.1}, 500, 3, driver);
  for (std::size_t t = 0; t < values.size(); t += 7) values[t] = std::nan("");
  const auto fit = fit_har(values, driver, 0.995);
  HarState state(values[1]);
  for (std::size_t t = 0; t < values.size(); ++t) {
    ASSERT_EQ(std::isnan(fit.residuals[t]), std::isnan(values[t])) << t;
    if (std::isnan(values[t])) continue;
    ASSERT_NEAR(state.expected(fit.har, driver[t]) + fit.residuals[t], values[t], 1e-12);
    state.add(values[t]);
  }
  EXPECT_NEAR(state.expected(fit.har, 0.3), fit.state.expected(fit.har, 0.3), 1e-12);
}

TEST(Har, SkipsWhatIsMissingAsIfTheDayHadNotBeen) {
  std::vector<double> driver;
  const auto values = simulated({.mean = 1.0, .day = 0.5, .week = 0.2, .month = 0.1, .link = 0.4}, 400, 4, driver);
  std::vector<double> holed{std::nan("")};
  std::vector<double> holed_driver{1e6};  // nor does the driver of such a day count
  for (std::size_t t = 0; t < values.size(); ++t) {
    holed.push_back(values[t]);
    holed_driver.push_back(driver[t]);
    for (std::size_t i = 0; i < t % 3; ++i) holed.push_back(std::nan("")), holed_driver.push_back(std::nan(""));
  }
  const auto whole = fit_har(values, driver, 0.995);
  const auto with_holes = fit_har(holed, holed_driver, 0.995);
  EXPECT_EQ(whole.har.mean, with_holes.har.mean);
  EXPECT_EQ(whole.har.day, with_holes.har.day);
  EXPECT_EQ(whole.har.week, with_holes.har.week);
  EXPECT_EQ(whole.har.month, with_holes.har.month);
  EXPECT_EQ(whole.har.link, with_holes.har.link);
}

TEST(Har, NeverRemembersMoreThanItMay) {
  std::vector<double> trend(1000);
  for (std::size_t t = 0; t < trend.size(); ++t) trend[t] = 0.01 * static_cast<double>(t);
  for (const double most : {0.5, 0.9, 0.995})
    EXPECT_LE(fit_har(trend, std::vector<double>(1000, 0.0), most).har.persistence(), most + 1e-12);
}

TEST(Har, RemembersNothingOfTooLittle) {
  const std::vector<double> nothing(100, std::nan(""));
  const auto none = fit_har(nothing, std::vector<double>(100, 0.0), 0.995);
  EXPECT_EQ(none.har.persistence(), 0.0);
  EXPECT_EQ(none.state.expected(none.har, 0.0), 0.0);
  std::vector<double> few(59);
  for (std::size_t t = 0; t < few.size(); ++t) few[t] = static_cast<double>(t % 7);
  const auto fit = fit_har(few, std::vector<double>(59, 0.0), 0.995);
  EXPECT_EQ(fit.har.persistence(), 0.0);
  EXPECT_NEAR(fit.residuals[3], 3.0 - fit.har.mean, 1e-12);
  const std::vector<double> constant(500, 4.0);
  const auto flat = fit_har(constant, std::vector<double>(500, 0.0), 0.995);
  EXPECT_NEAR(flat.state.expected(flat.har, 0.0), 4.0, 1e-9);
}

}  // namespace
}  // namespace stack::model
