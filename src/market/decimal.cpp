#include "market/decimal.hpp"

#include <fmt/format.h>

#include "market/bar.hpp"

namespace stack::market {
namespace {

constexpr int kMaxDigits = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits before an exponent: their value without trailing zeros, and the power of ten that belongs to it.
struct Digits {
  std::int64_t value = 0;
  int exponent = 0;
  int significant = 0;  // digits of value
  int zeros = 0;        // zeros after them that were not taken yet
  bool any = false;

  // False: more significant digits than fit.
  bool take(char c) {
    any = true;
    if (c == '0') {
      if (significant > 0) ++zeros;
      return true;
    }
    if (significant + zeros + 1 > kMaxDigits) return false;
    value = value * pow10_int(zeros + 1) + (c - '0');
    significant += zeros + 1;
    zeros = 0;
    return true;
  }
};

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++i;
  Digits digits;
  int fraction_digits = 0;
  for (; i < text.size() && is_digit(text[i]); ++i)
    if (!digits.take(text[i])) return std::nullopt;
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && is_digit(text[i]); ++i) {
      if (!digits.take(text[i])) return std::nullopt;
      ++fraction_digits;
    }
  }
  if (!digits.any) return std::nullopt;
  int exponent = 0;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    const bool down = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (i == text.size()) return std::nullopt;
    for (; i < text.size() && is_digit(text[i]); ++i) {
      exponent = exponent * 10 + (text[i] - '0');
      if (exponent > 999) return std::nullopt;
    }
    if (down) exponent = -exponent;
  }
  if (i != text.size()) return std::nullopt;
  if (digits.value == 0) return Decimal{};
  exponent += digits.zeros - fraction_digits;
  if (exponent < -kMaxScale || digits.significant + exponent > kMaxDigits) return std::nullopt;
  if (exponent > 0) {
    digits.value *= pow10_int(exponent);
    exponent = 0;
  }
  return Decimal{negative ? -digits.value : digits.value, static_cast<std::int8_t>(-exponent)};
}

std::string format_decimal(Decimal value) {
  const auto magnitude =
      value.mantissa < 0 ? 0 - static_cast<std::uint64_t>(value.mantissa) : static_cast<std::uint64_t>(value.mantissa);
  const auto unit = static_cast<std::uint64_t>(pow10_int(value.scale));
  std::string text = fmt::format("{}{}.", value.mantissa < 0 ? "-" : "", magnitude / unit);
  if (value.scale > 0) text += fmt::format("{:0{}}", magnitude % unit, static_cast<int>(value.scale));
  while (text.back() == '0' && text[text.size() - 2] != '.') text.pop_back();
  if (text.back() == '.') text += '0';
  return text;
}

double to_double(Decimal value) {
  return static_cast<double>(value.mantissa) / static_cast<double>(pow10_int(value.scale));
}

Decimal Bar::price(std::int64_t mantissa) const {
  Decimal value{mantissa, scale};
  while (value.scale > 0 && value.mantissa % 10 == 0) {
    value.mantissa /= 10;
    --value.scale;
  }
  return value;
}

}  // namespace stack::market
