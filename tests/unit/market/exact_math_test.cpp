#include "market/exact_math.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "market/philox.hpp"

namespace stack::market {
namespace {

TEST(ExactMath, AgreesWithTheLibraryClosely) {
  for (double x = 1e-9; x < 1e12; x *= 1.0173)
    EXPECT_NEAR(exact_log(x), std::log(x), 1e-13 * std::max(1.0, std::abs(std::log(x))));
  for (double x = -300; x < 300; x += 0.377) EXPECT_NEAR(exact_exp(x) / std::exp(x), 1.0, 1e-13);
  for (double p = 0.0005; p < 1; p += 0.0007)
    EXPECT_NEAR(0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0)), p, 1e-8);
}

TEST(ExactMath, IsTheSameOnEveryMachine) {
  EXPECT_EQ(exact_log(10.0), 0x1.26bb1bbb55516p+1);
  EXPECT_EQ(exact_exp(-1.0), 0x1.78b56362cef38p-2);
  EXPECT_EQ(normal_quantile(0.975), 0x1.f5c03325b95a6p+0);
}

TEST(QuantileTable, HasTheMomentsOfItsDistribution) {
  const QuantileTable& normal = QuantileTable::standard_normal();
  const QuantileTable& exponential = QuantileTable::standard_exponential();
  double mean = 0;
  double variance = 0;
  double exponential_mean = 0;
  constexpr std::uint32_t kSteps = 1U << 20;
  for (std::uint32_t i = 0; i < kSteps; ++i) {
    const double z = normal(i << 12 | 1U << 11);
    mean += z / kSteps;
    variance += z * z / kSteps;
    const double e = exponential(i << 12 | 1U << 11);
    ASSERT_GT(e, 0.0);
    exponential_mean += e / kSteps;
  }
  EXPECT_NEAR(mean, 0.0, 1e-6);
  EXPECT_NEAR(variance, 1.0, 1e-4);
  EXPECT_NEAR(exponential_mean, 1.0, 1e-3);
  EXPECT_NEAR(normal(0x80000000U), 0.0, 1e-5);
}

TEST(ExactLog, IsTheSameOfMany) {
  std::array<double, 1000> x{};
  std::array<double, 1000> logs{};
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::exp(0.7 * static_cast<double>(i) - 500.0);
  exact_logs(x.data(), x.size(), logs.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(logs[i], exact_log(x[i]));
    ASSERT_NEAR(logs[i], std::log(x[i]), 1e-13 * std::max(1.0, std::abs(logs[i])));
  }
}

TEST(QuantileTable, DecaysWithTheExponential) {
  const QuantileTable decayed = QuantileTable::decayed_exponential(3.0);
  for (std::uint64_t word = 1; word < (1ULL << 32); word += 0x12345) {
    const double x = QuantileTable::standard_exponential()(static_cast<std::uint32_t>(word));
    const double y = decayed(static_cast<std::uint32_t>(word));
    ASSERT_GT(y, 0.0);
    ASSERT_LT(y, 1.0);
    if (x < 4.0) {
      ASSERT_NEAR(y * std::exp(3.0 * x), 1.0, 0.02) << x;
    }
  }
}

// Known answers of the reference implementation (Random123).
TEST(Philox, GivesTheReferencesWords) {
  EXPECT_EQ(philox(0, Stream::tick, 0), (Words4{0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U}));
}

TEST(Philox, GivesTheSameWordsInRows) {
  for (const std::size_t count : {1UL, 8UL, 9UL, 390UL}) {
    std::array<std::uint32_t, 400> a{};
    std::array<std::uint32_t, 400> b{};
    std::array<std::uint32_t, 400> c{};
    std::array<std::uint32_t, 400> d{};
    const std::uint64_t first = (std::uint64_t{1} << 32) - 100;
    philox_fill(0x0123456789abcdefULL, Stream::block, first, count, a.data(), b.data(), c.data(), d.data());
    for (std::size_t i = 0; i < count; ++i) {
      const Words4 words = philox(0x0123456789abcdefULL, Stream::block, first + i);
      ASSERT_EQ((Words4{a[i], b[i], c[i], d[i]}), words);
    }
  }
}

}  // namespace
}  // namespace stack::market
