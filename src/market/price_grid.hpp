// How one instrument's prices look and where they may lie. Two forms are known: plain decimals, and float32 values
// printed with six decimals and, in some sources, at most so many significant digits (as widespread index data are). A
// generated price is a grid point written in the form of the instrument's own prices, so that its form tells nothing.
// Thread-safety: immutable once made. Failure: an override that does not fit is ErrorKind::usage.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/result.hpp"
#include "market/bar.hpp"

namespace stack::market {

class PriceGrid {
 public:
  // Infers the form and the grid from all of a symbol's bars; TICK_SIZE, when given, is the grid instead.
  [[nodiscard]] static Result<PriceGrid> infer(const Series& series, std::optional<Decimal> tick_size);

  [[nodiscard]] bool is_float32() const { return float32_; }
  [[nodiscard]] Decimal tick_size() const;
  // Printed grid points are whole numbers of 10^-scale().
  [[nodiscard]] int scale() const { return scale_; }

  // Grid point K as it is printed, in units of 10^-scale(). Not falling as K rises.
  [[nodiscard]] std::int64_t printed(std::int64_t k) const {
    return float32_ ? printed_float32(static_cast<double>(k * step_) / divisor_) : k * step_;
  }
  // VALUE in steps of the grid, to double's precision.
  [[nodiscard]] double steps(double value) const { return value * divisor_ / static_cast<double>(step_); }

  // The grid points whose printed price lies in [low, high], both in units of 10^-(scale() + extra); empty when
  // first > last.
  struct Range {
    std::int64_t first = 0;
    std::int64_t last = -1;
  };
  [[nodiscard]] Range within(std::int64_t low, std::int64_t high, int extra) const;

 private:
  static constexpr std::int64_t kNoLimit = 1'000'000'000'000'000'000;

  [[nodiscard]] std::int64_t printed_float32(double value) const {
    const double exact = static_cast<double>(static_cast<float>(value)) * 1e6;  // at most 44 bits: nothing is lost
    const double shifted = exact + 0.5;
    auto micros = static_cast<std::int64_t>(shifted);
    if (half_even_ && static_cast<double>(micros) - exact == 0.5) micros &= ~std::int64_t{1};
    if (micros < digit_limit_) return micros;
    if (micros < digit_limit_ * 10) return (micros + 5) / 10 * 10;  // most prices that have a digit too many
    std::int64_t unit = 10;
    for (std::int64_t limit = digit_limit_ * 10; micros >= limit && limit < kNoLimit; limit *= 10) unit *= 10;
    return (micros + unit / 2) / unit * unit;
  }
  [[nodiscard]] Result<void> check_finest(const Series& series, bool chosen) const;
  [[nodiscard]] bool infer_float32(const Series& series, int plain_scale);
  [[nodiscard]] bool fits_float32(const Series& series, int plain_scale);

  bool float32_ = false;
  bool half_even_ = false;  // how a float32 half-way between two printed values goes; else up
  int scale_ = 0;
  std::int64_t step_ = 1;  // grid step = step_ / divisor_
  int step_scale_ = 0;     // divisor_ = 10^step_scale_
  double divisor_ = 1.0;
  std::int64_t digit_limit_ = kNoLimit;  // 10^(most significant digits printed)
};

}  // namespace stack::market
