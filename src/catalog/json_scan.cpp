#include "catalog/json_scan.hpp"

#include <array>

namespace stack::catalog::json_scan {
namespace {

constexpr std::ptrdiff_t kUnicode = 6;  // \u00e9

// By byte: the value of a hexadecimal digit, -1 for others.
constexpr std::array<std::int8_t, 256> hex_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 10; ++i) values.at(static_cast<std::size_t>('0' + i)) = static_cast<std::int8_t>(i);
  for (int i = 10; i < 16; ++i) {
    values.at(static_cast<std::size_t>('a' + i - 10)) = static_cast<std::int8_t>(i);
    values.at(static_cast<std::size_t>('A' + i - 10)) = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr std::array<std::int8_t, 256> kHexValues = hex_values();

int hex_value(char c) { return kHexValues[static_cast<unsigned char>(c)]; }

// The code of the \u escape AT, negative if there is none.
int unicode_escape(const char* at) {
  if (at[0] != '\\' || at[1] != 'u') return -1;
  return hex_value(at[2]) * 0x1000 | hex_value(at[3]) * 0x100 | hex_value(at[4]) * 0x10 | hex_value(at[5]);
}

bool stands_for_a_character(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return true;
    default:
      return false;
  }
}

bool within(char c, unsigned low, unsigned high) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= low && byte <= high;
}

// COUNT bytes that go on with a character; the first of them is from LOW to HIGH.
const char* skip_rest(const char* at, std::ptrdiff_t count, unsigned low, unsigned high) {
  if (!within(*at, low, high)) return nullptr;
  for (std::ptrdiff_t i = 1; i < count; ++i) {
    if (!within(at[i], 0x80, 0xBF)) return nullptr;
  }
  return at + count;
}

const char* skip_digits(const char* at) {
  while (true) {
    const int digits = std::countr_one(ByteBlock(at).digits());
    at += digits;
    if (digits < static_cast<int>(ByteBlock::kBytes)) return at;
  }
}

}  // namespace

const char* skip_escape(const char* at) {
  if (stands_for_a_character(at[1])) return at + 2;
  const int code = unicode_escape(at);
  if (code < 0) return nullptr;
  if (code < 0xD800 || code > 0xDFFF) return at + kUnicode;
  // Half of a character: the other half must follow.
  const int other = code < 0xDC00 ? unicode_escape(at + kUnicode) : -1;
  return other >= 0xDC00 && other <= 0xDFFF ? at + 2 * kUnicode : nullptr;
}

// The well-formed sequences of Unicode's table 3-7.
const char* skip_utf8(const char* at) {
  const auto first = static_cast<unsigned char>(*at++);
  if (first < 0xC2) return nullptr;
  if (first < 0xE0) return skip_rest(at, 1, 0x80, 0xBF);
  if (first < 0xF0) return skip_rest(at, 2, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
  if (first < 0xF5) return skip_rest(at, 3, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
  return nullptr;
}

Number any_number(const char* at) {
  constexpr std::ptrdiff_t kSafeDigits = 18;  // fit 64 bits, whatever they are
  if (*at == '-') ++at;
  const char* const first = at;
  at = skip_digits(at);
  if (at == first || at - first > kSafeDigits || (*first == '0' && at - first > 1)) return {};
  bool whole = true;
  if (*at == '.') {
    const char* const fraction = ++at;
    at = skip_digits(at);
    if (at == fraction) return {};
    whole = false;
  }
  if (*at == 'e' || *at == 'E') {
    ++at;
    if (*at == '+' || *at == '-') ++at;
    const char* const exponent = at;
    at = skip_digits(at);
    if (at == exponent || at - exponent > 2) return {};  // three digits may be out of a double's range
    whole = false;
  }
  return {at, whole};
}

}  // namespace stack::catalog::json_scan
