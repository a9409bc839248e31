// Logarithm, exponential and quantiles made of + - * / and sqrt alone, which IEEE 754 fixes to the last bit: the C
// library's are not the same on every machine, and a feed must be.
// Thread-safety: pure; the tables are made once. Never fails.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace stack::market {

[[nodiscard]] double exact_log(double x);                       // x > 0, normal; relative error below 1e-14
void exact_logs(const double* x, std::size_t n, double* logs);  // exact_log of N numbers, fast; may be the same array
[[nodiscard]] double exact_exp(double x);                       // |x| <= 700
[[nodiscard]] double normal_quantile(double p);                 // 0 < p < 1; Acklam's, relative error 1.2e-9

// A distribution by its quantiles at 1,024 equal steps of probability, linear between them. The last step (the first
// and the last for the normal) has the tail's own mean, and the normal is scaled to variance 1.
class QuantileTable {
 public:
  [[nodiscard]] static const QuantileTable& standard_normal();
  [[nodiscard]] static const QuantileTable& standard_exponential();
  // Of exp(-rate * x), where the same word makes standard_exponential() x.
  [[nodiscard]] static QuantileTable decayed_exponential(double rate);

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
  [[nodiscard]] static std::array<double, kCells + 1> exponential_knots();

  std::array<Cell, kCells> cells_{};
};

}  // namespace stack::market
