// Exact decimals: an integer and a power of ten, so that a price leaves the program exactly as it came in.
// Thread-safety: plain values. Failure: parsing returns std::nullopt for what is not a finite decimal that fits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stack::market {

// mantissa * 10^-scale; normalised: scale is the smallest one >= 0 that is exact.
struct Decimal {
  std::int64_t mantissa = 0;
  std::int8_t scale = 0;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

inline constexpr int kMaxScale = 18;

// 10^EXPONENT for 0 <= EXPONENT <= 18.
[[nodiscard]] constexpr std::int64_t pow10_int(int exponent) {
  std::int64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

// "[+-]digits[.digits][e[+-]digits]"; trailing zeros do not count. At most 18 significant digits.
[[nodiscard]] std::optional<Decimal> parse_decimal(std::string_view text);

// The shortest text that is exactly the value, always with a point: 29113.0, 0.25, -3.5.
[[nodiscard]] std::string format_decimal(Decimal value);

// The nearest double.
[[nodiscard]] double to_double(Decimal value);

}  // namespace stack::market
