// GJR-GARCH: its likelihood beside one written down anew, and its maximum beside what made the numbers.
#include "model/garch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <array>
#include <cmath>

#include "clustered_history.hpp"

namespace stack::model {
namespace {

constexpr GjrGarch kKnown{.omega = 4e-6, .alpha = 0.03, .gamma = 0.10, .beta = 0.88, .nu = 6.0};

// Student's t density of variance H at X, term by term.
double log_density(double x, double h, double nu) {
  return std::log(std::tgamma((nu + 1.0) / 2.0) / (std::tgamma(nu / 2.0) * std::sqrt(M_PI * (nu - 2.0) * h)) *
                  std::pow(1.0 + x * x / ((nu - 2.0) * h), -(nu + 1.0) / 2.0));
}

using Five = std::array<double, 5>;

Five values_of(const GjrGarch& g) { return {g.omega, g.alpha, g.gamma, g.beta, g.nu}; }

GjrGarch garch_of(const Five& v) { return {v[0], v[1], v[2], v[3], v[4]}; }

// The standard errors of the maximum AT: of the inverse of the observed information, by central differences.
Five standard_errors(const GjrGarch& at, std::span<const double> e) {
  const double h0 = backcast(e);
  const auto moved = [&](std::size_t i, double by, std::size_t j, double and_by) {
    Five v = values_of(at);
    v[i] += by;
    v[j] += and_by;
    return log_likelihood(garch_of(v), e, h0);
  };
  const Five step{1e-3 * at.omega, 1e-4, 1e-4, 1e-4, 1e-3 * at.nu};
  Eigen::Matrix<double, 5, 5> information;
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 5; ++j)
      information(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
          -(moved(i, step[i], j, step[j]) - moved(i, step[i], j, -step[j]) - moved(i, -step[i], j, step[j]) +
            moved(i, -step[i], j, -step[j])) /
          (4.0 * step[i] * step[j]);
  const Eigen::Matrix<double, 5, 5> covariance = information.inverse();
  Five errors;
  for (std::size_t i = 0; i < 5; ++i)
    errors[i] = std::sqrt(covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(i)));
  return errors;
}

TEST(Garch, LikelihoodIsThatOfTheDensities) {
  const std::vector<double> e = {0.01, -0.02, 0.0, 0.005, -0.001, 0.03, -0.04, 0.002, 0.011, -0.06, 0.0007};
  const GjrGarch garch{.omega = 2e-6, .alpha = 0.05, .gamma = 0.07, .beta = 0.9, .nu = 5.5};
  double h = 1.3e-4;
  double expected = 0.0;
  for (const double x : e) {
    expected += log_density(x, h, garch.nu);
    h = 2e-6 + 0.05 * x * x + (x < 0.0 ? 0.07 * x * x : 0.0) + 0.9 * h;
  }
  EXPECT_NEAR(log_likelihood(garch, e, 1.3e-4), expected, 1e-9);
  EXPECT_NEAR(filter_variance(garch, e, 1.3e-4).back(), h, 1e-16);
}

TEST(Garch, LikelihoodOfLargeAndSmallReturnsIsFinite) {
  for (const double unit : {1e-7, 1.0}) {  // a currency peg, and prices that double and halve
    auto e = test::garch_returns(kKnown, 5000, 3);
    for (double& x : e) x *= unit * 100.0;
    GjrGarch garch = kKnown;
    garch.omega *= unit * unit * 1e4;
    double h = backcast(e);
    double expected = 0.0;
    for (const double x : e) {
      expected += log_density(x, h, garch.nu);
      h = garch.next(h, x);
    }
    EXPECT_NEAR(log_likelihood(garch, e, backcast(e)), expected, 1e-6 * std::abs(expected)) << unit;
  }
}

TEST(Garch, BackcastWeighsTheFirstSquares) {
  std::vector<double> e(200, 0.0);
  e[0] = 0.02;
  e[75] = 10.0;  // comes too late to count
  double weights = 0.0;
  for (int t = 0; t < 75; ++t) weights += std::pow(0.94, t);
  EXPECT_NEAR(backcast(e), 0.0004 / weights, 1e-15);
  EXPECT_NEAR(backcast(std::span{e}.first(1)), 0.0004, 1e-15);
}

TEST(Garch, FindsTheParametersOfWhatItMade) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto e = test::garch_returns(kKnown, 20'000, seed);
    const auto found = fit_garch(e);
    ASSERT_TRUE(found) << found.error().message;
    const Five errors = standard_errors(*found, e);
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_NEAR(values_of(*found)[i], values_of(kKnown)[i], 4.0 * errors[i]) << "parameter " << i << " seed " << seed;
      EXPECT_LT(errors[i], values_of(kKnown)[i]) << "a tolerance that tells nothing";
    }
    EXPECT_GE(log_likelihood(*found, e, backcast(e)), log_likelihood(kKnown, e, backcast(e)));
  }
}

TEST(Garch, IsAMaximum) {
  const auto e = test::garch_returns(kKnown, 3000, 4);
  const auto found = fit_garch(e).value();
  const double highest = log_likelihood(found, e, backcast(e));
  for (std::size_t i = 0; i < 5; ++i)
    for (const double factor : {0.98, 1.02}) {
      Five v = values_of(found);
      v[i] *= factor;
      EXPECT_LE(log_likelihood(garch_of(v), e, backcast(e)), highest + 0.01) << i << ' ' << factor;
    }
}

TEST(Garch, KeepsItsBoundsWhateverTheReturns) {
  test::RandomStream random(9);
  std::vector<std::vector<double>> cases(5, std::vector<double>(1000));
  for (std::size_t t = 0; t < 1000; ++t) {
    cases[0][t] = 0.01 * random.normal();                       // no clusters
    cases[1][t] = t % 50 == 0 ? 0.02 * random.normal() : 1e-5;  // stale prices
    cases[2][t] = (t < 500 ? 0.001 : 0.05) * random.normal();   // a break
    cases[3][t] = t == 500 ? -0.9 : 0.01 * random.normal();     // a crash
    cases[4][t] = random.uniform() < 0.5 ? 0.01 : -0.01;        // thin tails
  }
  for (std::size_t c = 0; c < cases.size(); ++c) {
    const auto found = fit_garch(cases[c], 0.99);
    if (!found) continue;  // an error is a value; a wrong model is not
    EXPECT_LE(found->persistence(), 0.99 + 1e-12) << c;
    EXPECT_GT(found->omega, 0.0) << c;
    EXPECT_GE(found->alpha, 0.0) << c;
    EXPECT_GE(found->alpha + found->gamma, -1e-12) << c;
    EXPECT_GE(found->beta, -1e-12) << c;
    EXPECT_GT(found->nu, 2.0) << c;
    for (const double h : filter_variance(*found, cases[c], backcast(cases[c]))) ASSERT_GT(h, 0.0) << c;
  }
}

TEST(Garch, RefusesWhatTellsNothing) {
  const auto e = test::garch_returns(kKnown, 99, 5);
  for (const auto& bad : {std::vector<double>{}, std::vector<double>{0.01}, e, std::vector<double>(1000, 0.0),
                          std::vector<double>(1000, std::nan(""))}) {
    const auto found = fit_garch(bad);
    ASSERT_FALSE(found) << bad.size();
    EXPECT_EQ(found.error().kind, ErrorKind::data);
    EXPECT_FALSE(found.error().message.empty());
  }
  EXPECT_TRUE(fit_garch(test::garch_returns(kKnown, 150, 5)));
}

TEST(Garch, OfFixedParametersHasTheVarianceAskedFor) {
  const auto garch = ewma_garch(3e-4);
  EXPECT_NEAR(garch.variance(), 3e-4, 1e-12);
  EXPECT_LT(garch.persistence(), 1.0);
}

}  // namespace
}  // namespace stack::model
