// The scalars of JSON text, scanned without being decoded: where they end and, of numbers, what they are. Each function
// is given the place AT to begin and the END of the text, and returns the place behind what it read; null for text
// that is not valid JSON, or that only a whole parser can tell (surrogates in \u, numbers near the limits).
// Thread-safety: free functions. Never fail.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace stack::catalog::json_scan {

static_assert(std::endian::native == std::endian::little, "eight bytes at a time are read with the first one lowest");

inline constexpr std::uint64_t kEachByte = 0x0101010101010101ULL;
inline constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;

inline std::uint64_t eight_bytes(const char* at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}
// Of marks in the bytes' highest bits: the number of bytes before the first.
inline std::size_t before_first(std::uint64_t marks) { return static_cast<std::size_t>(std::countr_zero(marks)) / 8; }

inline bool digit(char c) { return c >= '0' && c <= '9'; }
// ASCII without controls, quotes and backslashes: what stands for itself in a JSON string.
inline bool plain(char c) { return c >= 0x20 && c != '"' && c != '\\'; }

inline const char* skip_space(const char* at, const char* end) {
  if (at != end && *at > ' ') return at;
  while (at != end && (*at == ' ' || *at == '\t' || *at == '\r')) ++at;
  return at;
}

inline const char* skip_digits(const char* at, const char* end) {
  while (end - at >= 8) {
    const std::uint64_t values = eight_bytes(at) ^ (kEachByte * '0');
    // 10 and more reach the highest bit. A carry only touches bytes behind one that is marked already.
    const std::uint64_t others = ((values + kEachByte * (0x80 - 10)) | values) & kHighBits;
    if (others != 0) return at + before_first(others);
    at += 8;
  }
  while (at != end && digit(*at)) ++at;
  return at;
}

inline const char* skip_plain(const char* at, const char* end) {
  while (end - at >= 8) {
    const std::uint64_t bytes = eight_bytes(at);
    const std::uint64_t no_quotes = (bytes ^ (kEachByte * '"')) - kEachByte;
    const std::uint64_t no_backslashes = (bytes ^ (kEachByte * '\\')) - kEachByte;
    const std::uint64_t no_controls = bytes - kEachByte * 0x20;
    // As above, a borrow only touches bytes behind one that is marked already.
    const std::uint64_t others = (bytes | no_quotes | no_backslashes | no_controls) & kHighBits;
    if (others != 0) return at + before_first(others);
    at += 8;
  }
  while (at != end && plain(*at)) ++at;
  return at;
}

inline bool begins_with(const char* at, const char* end, std::string_view word) {
  return static_cast<std::size_t>(end - at) >= word.size() && std::memcmp(at, word.data(), word.size()) == 0;
}

// Whether the bytes AT, at least as many, are WORD's: a call of memcmp costs more than most words' comparison.
inline bool same(const char* at, std::string_view word) {
  const std::size_t size = word.size();
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) {
      if (at[i] != word[i]) return false;
    }
    return true;
  }
  return eight_bytes(at) == eight_bytes(word.data()) &&
         (size <= 16 || std::memcmp(at + 8, word.data() + 8, size - 16) == 0) &&
         eight_bytes(at + size - 8) == eight_bytes(word.data() + size - 8);
}

// AT is a backslash.
[[nodiscard]] const char* skip_escape(const char* at, const char* end);
// AT begins a character beyond ASCII.
[[nodiscard]] const char* skip_utf8(const char* at, const char* end);

// The closing quote of the string whose content begins at AT.
inline const char* closing_quote(const char* at, const char* end) {
  while (true) {
    at = skip_plain(at, end);
    if (at == end) return nullptr;
    if (*at == '"') return at;
    if (*at == '\\')
      at = skip_escape(at, end);
    else
      at = (*at & '\x80') != 0 ? skip_utf8(at, end) : nullptr;
    if (at == nullptr) return nullptr;
  }
}

struct Number {
  const char* end = nullptr;
  bool whole = true;  // no fraction and no exponent, and within 64 bits
};
inline Number number(const char* at, const char* end) {
  constexpr std::ptrdiff_t kSafeDigits = 18;  // fit 64 bits, whatever they are
  if (at != end && *at == '-') ++at;
  const char* const first = at;
  at = skip_digits(at, end);
  if (at == first || at - first > kSafeDigits || (*first == '0' && at - first > 1)) return {};
  bool whole = true;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    at = skip_digits(at, end);
    if (at == fraction) return {};
    whole = false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    at = skip_digits(at, end);
    if (at == exponent || at - exponent > 2) return {};  // three digits may be out of a double's range
    whole = false;
  }
  return {at, whole};
}

}  // namespace stack::catalog::json_scan
