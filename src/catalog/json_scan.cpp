#include "catalog/json_scan.hpp"

namespace stack::catalog::json_scan {
namespace {

int hex_value(char c) {
  if (digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool within(char c, unsigned low, unsigned high) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= low && byte <= high;
}

// COUNT bytes that go on with a character; the first of them is from LOW to HIGH.
const char* skip_rest(const char* at, const char* end, std::ptrdiff_t count, unsigned low, unsigned high) {
  if (end - at < count || !within(*at, low, high)) return nullptr;
  for (std::ptrdiff_t i = 1; i < count; ++i) {
    if (!within(at[i], 0x80, 0xBF)) return nullptr;
  }
  return at + count;
}

}  // namespace

const char* skip_escape(const char* at, const char* end) {
  constexpr std::ptrdiff_t kUnicode = 6;  // \u00e9
  if (end - at < 2) return nullptr;
  if (at[1] != 'u') return std::string_view("\"\\/bfnrt").find(at[1]) == std::string_view::npos ? nullptr : at + 2;
  if (end - at < kUnicode) return nullptr;
  int code = 0;
  for (std::ptrdiff_t i = 2; i < kUnicode; ++i) {
    const int value = hex_value(at[i]);
    if (value < 0) return nullptr;
    code = code * 16 + value;
  }
  return code >= 0xD800 && code <= 0xDFFF ? nullptr : at + kUnicode;
}

// The well-formed sequences of Unicode's table 3-7.
const char* skip_utf8(const char* at, const char* end) {
  const auto first = static_cast<unsigned char>(*at++);
  if (first < 0xC2) return nullptr;
  if (first < 0xE0) return skip_rest(at, end, 1, 0x80, 0xBF);
  if (first < 0xF0) return skip_rest(at, end, 2, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
  if (first < 0xF5) return skip_rest(at, end, 3, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
  return nullptr;
}

}  // namespace stack::catalog::json_scan
