// Logarithm, exponential and quantiles made of + - * / and sqrt alone, which IEEE 754 fixes to the last bit: the C
// library's are not the same on every machine, and a feed must be.
// Thread-safety: pure; the tables are made once. Never fails.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace stack::market {

[[nodiscard]] double exact_log(double x);        // x > 0, normal; relative error below 1e-14
[[nodiscard]] double exact_exp(double x);        // |x| <= 700
[[nodiscard]] double normal_quantile(double p);  // 0 < p < 1; Acklam's, relative error 1.2e-9

// A distribution by its quantiles at 1,024 equal steps of probability, linear between them. The last step (the first
// and the last for the normal) has the tail's own mean, and the normal is scaled to variance 1.
class QuantileTable {
 public:
  [[nodiscard]] static const QuantileTable& standard_normal();
  [[nodiscard]] static const QuantileTable& standard_exponential();

  [[nodiscard]] double operator()(std::uint32_t word) const {
    const Cell& cell = cells_[word >> 22];
    return cell.base + cell.slope * static_cast<double>(static_cast<std::int32_t>(word & 0x3FFFFFU));
  }

 private:
  static constexpr std::size_t kCells = 1024;
  struct Cell {
    double base;
    double slope;  // by unit of the word's lower 22 bits
  };
  explicit QuantileTable(const std::array<double, kCells + 1>& knots);

  std::array<Cell, kCells> cells_{};
};

// exact_log for loops over ticks: without a division. Absolute error below 1e-13 for 1e-300 < x <= 1.
class LogTable {
 public:
  [[nodiscard]] static const LogTable& instance();

  [[nodiscard]] double operator()(double x) const {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const double m = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
    const Cell& cell = cells_[(bits >> 44) & 0xFF];
    const double r = m * cell.inverse - 1.0;  // |r| <= 2^-9
    const double series = r - r * r * (0.5 - r * (1.0 / 3.0 - r * (0.25 - r * 0.2)));
    return static_cast<double>(static_cast<int>(bits >> 52) - 1023) * 0.693147180559945309417 + (cell.log + series);
  }

 private:
  LogTable();
  struct Cell {
    double inverse;  // of its middle
    double log;
  };
  std::array<Cell, 256> cells_{};
};

// exact_exp for loops over ticks: relative error below 1e-13 for -700 <= x <= 0.
class ExpTable {
 public:
  [[nodiscard]] static const ExpTable& instance();

  [[nodiscard]] double operator()(double x) const {
    const auto k = static_cast<std::int64_t>(x * (kParts / 0.693147180559945309417) - 0.5);  // rounds, since x <= 0
    const double r = x - static_cast<double>(k) * (0.693147180559945309417 / kParts);        // |r| <= 0.0055
    const double series = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0)))));
    const auto scale = static_cast<std::uint64_t>((k >> 6) + 1023) << 52;
    return parts_[static_cast<std::size_t>(k & 63)] * series * std::bit_cast<double>(scale);
  }

 private:
  static constexpr int kParts = 64;
  ExpTable();
  std::array<double, kParts> parts_{};  // 2^(i / 64)
};

}  // namespace stack::market
