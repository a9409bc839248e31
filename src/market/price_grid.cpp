#include "market/price_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace stack::market {
namespace {

// Of prices on a grid of d decimals, between a tenth (steps of one) and a half (steps of five) do with d - 1. So what
// one price in five or fewer needs more decimals for is no grid but averages, such as openings that many trades made.
constexpr std::uint64_t kPlainShare = 80;
constexpr int kFloatScale = 6;  // float32 prices are printed with six decimals
constexpr std::int64_t kLargestMantissa = 10'000'000'000'000'000;

// Calls VISIT(bar, mantissa) for every price until it returns false.
template <class Visit>
void for_each_price(const Series& series, const Visit& visit) {
  const auto all_of_bar = [&](const Bar& bar) {
    return visit(bar, bar.open) && visit(bar, bar.high) && visit(bar, bar.low) && visit(bar, bar.close);
  };
  static_cast<void>(std::ranges::all_of(series.bars, all_of_bar));
}

// The fewest decimals that PER_CENT of all prices (counted by decimals) do with.
int decimals_of_most(const std::array<std::uint64_t, kMaxScale + 1>& counts, std::uint64_t total,
                     std::uint64_t per_cent) {
  std::uint64_t covered = 0;
  for (int d = 0; d < kMaxScale; ++d) {
    covered += counts[static_cast<std::size_t>(d)];
    if (covered * 100 >= total * per_cent) return d;
  }
  return kMaxScale;
}

// MANTISSA at six decimals rounded half up to D decimals.
std::int64_t rounded(std::int64_t mantissa, int d) {
  const std::int64_t unit = pow10_int(kFloatScale - d);
  return (mantissa + unit / 2) / unit * unit;
}

int significant_digits(std::int64_t mantissa) {
  while (mantissa % 10 == 0 && mantissa != 0) mantissa /= 10;
  int digits = 0;
  for (; mantissa != 0; mantissa /= 10) ++digits;
  return digits;
}

}  // namespace

Decimal PriceGrid::tick_size() const {
  Bar unit;
  unit.scale = static_cast<std::int8_t>(step_scale_);
  return unit.price(step_);
}

bool PriceGrid::infer_float32(const Series& series, int plain_scale) {
  if (plain_scale <= 1) return false;
  // The digits are capped where no price of six decimals shows more of them (29113.19922 and never 29113.199219).
  int most_digits = 0;
  bool capped = false;  // some price is so large that the cap took a decimal
  for_each_price(series, [&](const Bar& bar, std::int64_t mantissa) {
    const Decimal price = bar.price(mantissa);
    most_digits = std::max(most_digits, significant_digits(price.mantissa));
    return true;
  });
  for_each_price(series, [&](const Bar& bar, std::int64_t mantissa) {
    capped = static_cast<double>(mantissa) / static_cast<double>(pow10_int(bar.scale)) * 1e6 >=
             static_cast<double>(pow10_int(std::min(most_digits, kMaxScale)));
    return !capped;
  });
  digit_limit_ = capped ? pow10_int(most_digits) : kNoLimit;
  half_even_ = false;
  if (fits_float32(series, plain_scale)) return true;
  half_even_ = true;
  return fits_float32(series, plain_scale);
}

bool PriceGrid::fits_float32(const Series& series, int plain_scale) {
  std::uint64_t total = 0;
  std::uint64_t matching = 0;
  const std::uint64_t allowed = series.bars.size() * 4 / 100;
  std::array<std::uint64_t, kMaxScale + 1> counts{};
  for_each_price(series, [&](const Bar& bar, std::int64_t mantissa) {
    ++total;
    if (bar.scale <= kFloatScale && mantissa < pow10_int(15) / pow10_int(kFloatScale - bar.scale)) {
      const std::int64_t micros = mantissa * pow10_int(kFloatScale - bar.scale);
      if (printed_float32(static_cast<double>(micros) / 1e6) == micros) {
        ++matching;
        int d = 0;
        while (d < kFloatScale && printed_float32(static_cast<double>(rounded(micros, d)) / 1e6) != micros) ++d;
        ++counts[static_cast<std::size_t>(d)];
      }
    }
    return total - matching <= allowed;
  });
  if (total - matching > allowed) return false;
  const int underlying = decimals_of_most(counts, matching, 99);
  if (underlying >= plain_scale) return false;
  float32_ = true;
  scale_ = kFloatScale;
  step_scale_ = underlying;
  return true;
}

Result<void> PriceGrid::check_finest(const Series& series, bool chosen) const {
  Result<void> result;
  for_each_price(series, [&](const Bar& bar, std::int64_t mantissa) {
    const auto value = static_cast<double>(mantissa) / static_cast<double>(pow10_int(bar.scale));
    if (value * static_cast<double>(pow10_int(scale_)) < static_cast<double>(kLargestMantissa)) return true;
    result = fail(ErrorKind::usage,
                  fmt::format("{}: {} of {} is too fine for its price {}", chosen ? "--tick-size" : "tick size",
                              format_decimal(tick_size()), series.symbol, format_decimal(bar.price(mantissa))));
    return false;
  });
  return result;
}

Result<PriceGrid> PriceGrid::infer(const Series& series, std::optional<Decimal> tick_size) {
  std::array<std::uint64_t, kMaxScale + 1> counts{};
  std::uint64_t total = 0;
  double highest = 0.0;
  for_each_price(series, [&](const Bar& bar, std::int64_t mantissa) {
    const Decimal price = bar.price(mantissa);
    ++counts[static_cast<std::size_t>(int{price.scale})];
    ++total;
    highest = std::max(highest, to_double(price));
    return true;
  });
  PriceGrid grid;
  const int plain_scale = decimals_of_most(counts, total, kPlainShare);
  if (!grid.infer_float32(series, plain_scale)) {
    grid.digit_limit_ = kNoLimit;
    grid.scale_ = plain_scale;
    // As fine as 16 digits allow for the symbol's highest price.
    while (grid.scale_ > 0 && highest * static_cast<double>(pow10_int(grid.scale_)) >= 1e15) --grid.scale_;
    grid.step_scale_ = grid.scale_;
  }
  if (tick_size) {
    grid.step_ = tick_size->mantissa;
    grid.step_scale_ = int{tick_size->scale};
    if (!grid.float32_) grid.scale_ = grid.step_scale_;
  }
  grid.divisor_ = static_cast<double>(pow10_int(grid.step_scale_));
  STACK_TRY(grid.check_finest(series, tick_size.has_value()));
  return grid;
}

PriceGrid::Range PriceGrid::within(std::int64_t low, std::int64_t high, int extra) const {
  const std::int64_t factor = pow10_int(extra);
  const auto unit = static_cast<double>(pow10_int(scale_ + extra));
  Range range;
  range.first =
      std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(steps(static_cast<double>(low) / unit))) - 2, 0);
  range.last = static_cast<std::int64_t>(std::floor(steps(static_cast<double>(high) / unit))) + 2;
  while (range.first <= range.last && printed(range.first) * factor < low) ++range.first;
  while (range.last >= range.first && printed(range.last) * factor > high) --range.last;
  if (range.first == 0) range.first = 1;  // no price is 0
  return range;
}

}  // namespace stack::market
