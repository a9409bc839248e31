// The scalars of JSON text, scanned without being decoded: where they end and, of numbers, what they are. Each function
// is given the place AT to begin and returns the place behind what it read; null for text that is not valid JSON, or
// that only a whole parser can tell (lone surrogates in \u, numbers near the limits).
// A newline ends every scan, so there must be one at or behind AT, with kPadding readable bytes behind it.
// Thread-safety: free functions. Never fail.
#pragma once

#include <cstddef>
#include <cstdint>

#include "catalog/byte_block.hpp"

namespace stack::catalog::json_scan {

inline constexpr std::size_t kPadding = 64;

inline const char* skip_space(const char* at) {
  if (*at > ' ') return at;
  if (*at == ' ' && at[1] > ' ') return at + 1;
  while (*at == ' ' || *at == '\t' || *at == '\r') ++at;
  return at;
}

// What is known of the text before it is scanned.
enum class Utf8 : std::uint8_t { unknown, valid };

// AT is a backslash.
[[nodiscard]] const char* skip_escape(const char* at);
// AT begins a character beyond ASCII.
[[nodiscard]] const char* skip_utf8(const char* at);

// The closing quote of the string whose content begins at AT.
inline const char* closing_quote(const char* at, Utf8 utf8) {
  const std::uint32_t checked = utf8 == Utf8::valid ? 0 : ~std::uint32_t{0};
  while (true) {
    const ByteBlock block(at);
    const std::uint32_t quotes = block.equal('"');
    const std::uint32_t stops = quotes | block.equal('\\') | block.controls() | (block.beyond_ascii() & checked);
    if (stops == 0) {
      at += ByteBlock::kBytes;
      continue;
    }
    at += std::countr_zero(stops);
    if ((stops & (~stops + 1) & quotes) != 0) return at;
    if (*at == '\\')
      at = skip_escape(at);
    else
      at = (*at & '\x80') != 0 ? skip_utf8(at) : nullptr;
    if (at == nullptr) return nullptr;
  }
}

struct Number {
  const char* end = nullptr;
  bool whole = true;  // no fraction and no exponent, and within 64 bits
};
// Of any form.
[[nodiscard]] Number any_number(const char* at);

// Most numbers are shorter than a block and have no exponent. Those are told without branches, since lengths, signs and
// fractions come as they like.
inline const char* number(const char* at) {
  const ByteBlock block(at);
  const std::uint32_t digits = block.digits();
  const auto minus = static_cast<std::uint32_t>(*at == '-');
  const std::uint32_t whole = digits | minus;
  const std::uint32_t all = whole | ((whole + 1) & ~whole & block.equal('.'));  // a point right behind them
  const int size = std::countr_one(all);
  const std::uint32_t last = std::uint32_t{1} << size >> 1;
  const std::uint32_t from_first = digits >> minus;
  const std::uint32_t needless_zero = static_cast<std::uint32_t>(at[minus] == '0') & from_first >> 1;
  const std::uint32_t begins_well = from_first & ~needless_zero & 1;
  if (begins_well == 0 || (digits & last) == 0 || size == ByteBlock::kBytes || (at[size] | 0x20) == 'e')
    return any_number(at).end;
  return at + size;
}

// A number that is not whole may be ended where its fraction or exponent begins: nothing of JSON goes on so.
inline const char* whole_number(const char* at) {
  const std::uint32_t digits = ByteBlock(at).digits();
  const auto minus = static_cast<std::uint32_t>(*at == '-');
  const std::uint32_t size = static_cast<std::uint32_t>(std::countr_one(digits | minus));
  const std::uint32_t from_first = digits >> minus;
  const std::uint32_t needless_zero = static_cast<std::uint32_t>(at[minus] == '0') & from_first >> 1;
  if ((from_first & ~needless_zero & 1) != 0 && size < ByteBlock::kBytes) return at + size;
  const Number other = any_number(at);
  return other.whole ? other.end : nullptr;
}

}  // namespace stack::catalog::json_scan
