// Writes the fields of a tick as text, fast: digits by pairs, what does not change by copying.
// Thread-safety: values. Never fails: the caller provides the room (kLongestTail and the prefix's length a line).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "market/decimal.hpp"
#include "market/feed.hpp"

namespace stack::market {

// The longest line after its prefix: time, five numbers of at most 20 digits and a point, names and marks.
inline constexpr std::size_t kLongestTail = 224;

inline constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

inline char* put_pair(char* out, std::uint32_t value) {
  std::memcpy(out, &kDigitPairs[std::size_t{2} * value], 2);
  return out + 2;
}

// The eight digits of VALUE below 10^8 in the bytes of a word, the first one lowest; as numbers, not as characters.
// Halves, quarters and single digits are parted by multiplication, all at once, in lanes of the word.
inline std::uint64_t eight_digits(std::uint32_t value) {
  const std::uint64_t fours = value / 10000 | std::uint64_t{value % 10000} << 32;
  const std::uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007F0000007FULL;
  const std::uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
  const std::uint64_t tens = (twos * 103 >> 10) & 0x000F000F000F000FULL;
  return tens | (twos - tens * 10) << 8;
}

inline void store_digits(char* out, std::uint64_t digits) {
  digits |= 0x3030303030303030ULL;
  if constexpr (std::endian::native == std::endian::big) digits = __builtin_bswap64(digits);
  std::memcpy(out, &digits, 8);
}

// VALUE below 10^8 with leading zeros to eight digits.
inline char* put_eight(char* out, std::uint32_t value) {
  store_digits(out, eight_digits(value));
  return out + 8;
}

// Writes up to seven bytes more than it returns; so do the functions below.
inline char* put_uint(char* out, std::uint64_t value) {
  if (value < 100'000'000) {
    const std::uint64_t digits = eight_digits(static_cast<std::uint32_t>(value));
    const int zeros = std::countr_zero(digits | std::uint64_t{1} << 56) / 8;  // before the first digit; 0 has one digit
    store_digits(out, digits >> (8 * zeros));
    return out + 8 - zeros;
  }
  out = put_uint(out, value / 100'000'000);
  return put_eight(out, static_cast<std::uint32_t>(value % 100'000'000));
}

// UNITS * 10^-SCALE as the shortest exact decimal with a point.
inline char* put_price(char* out, std::int64_t units, int scale) {
  static constexpr auto kPowers = [] {
    std::array<std::uint64_t, kMaxScale + 1> powers{};
    for (int i = 0; i <= kMaxScale; ++i) powers[static_cast<std::size_t>(i)] = static_cast<std::uint64_t>(pow10_int(i));
    return powers;
  }();
  const auto value = static_cast<std::uint64_t>(units);
  const std::uint64_t unit = kPowers[static_cast<std::size_t>(scale)];
  // Division by a constant is much faster, and nearly all prices have one of these scales.
  const std::uint64_t whole = scale == 6 ? value / 1'000'000 : scale == 2 ? value / 100 : value / unit;
  std::uint64_t fraction = value - whole * unit;
  out = put_uint(out, whole);
  *out++ = '.';
  if (scale <= 8) {
    fraction *= kPowers[static_cast<std::size_t>(8 - scale)];
    const std::uint64_t digits = eight_digits(static_cast<std::uint32_t>(fraction));
    store_digits(out, digits);
    return out + 8 - std::countl_zero(digits | 1) / 8;  // without zeros at the end; 0 has one digit
  }
  const char* const first = out;
  fraction *= kPowers[static_cast<std::size_t>(kMaxScale - scale)];  // to 18 digits
  out = put_pair(out, static_cast<std::uint32_t>(fraction / 10'000'000'000'000'000ULL));
  fraction %= 10'000'000'000'000'000ULL;
  out = put_eight(out, static_cast<std::uint32_t>(fraction / 100'000'000));
  out = put_eight(out, static_cast<std::uint32_t>(fraction % 100'000'000));
  while (out[-1] == '0' && out - 1 != first) --out;
  return out;
}

// "2021-05-28 01:30:00.004512"; the date's text is kept from one call to the next.
class TimeWriter {
 public:
  char* put(char* out, std::int64_t micros) {
    constexpr std::int64_t kDay = std::int64_t{86400} * 1'000'000;
    if (micros < day_start_ || micros >= day_start_ + kDay) start_day(micros);
    const auto in_day = static_cast<std::uint64_t>(micros - day_start_);
    const auto seconds = static_cast<std::uint32_t>(in_day / 1'000'000);
    const auto fraction = static_cast<std::uint32_t>(in_day - std::uint64_t{seconds} * 1'000'000);
    const std::uint32_t minutes = seconds / 60;
    std::memcpy(out, date_.data(), 11);
    put_pair(out + 11, minutes / 60);
    out[13] = ':';
    put_pair(out + 14, minutes % 60);
    out[16] = ':';
    put_pair(out + 17, seconds % 60);
    out[19] = '.';
    put_pair(out + 20, fraction / 10000);
    put_pair(out + 22, fraction / 100 % 100);
    put_pair(out + 24, fraction % 100);
    return out + 26;
  }

 private:
  void start_day(std::int64_t micros) {
    const auto day = std::chrono::floor<std::chrono::days>(Micros{std::chrono::microseconds{micros}});
    day_start_ = Micros{day}.time_since_epoch().count();
    const std::string text = format_date(day) + ' ';
    std::memcpy(date_.data(), text.data(), 11);
  }

  std::int64_t day_start_ = INT64_MIN / 2;
  std::array<char, 11> date_{};
};

// What stands before a tick's time: constant within a session.
[[nodiscard]] std::string line_prefix(Encoding encoding, std::string_view symbol, Date session);

// What a line says of a tick beside its time.
struct TickFields {
  std::uint64_t seq = 0;
  std::int64_t price = 0;  // price, bid and ask in units of 10^-scale
  int scale = 0;
  std::int64_t size = 0;
  std::int64_t bid = 0;  // one of bid and ask is the price
  std::int64_t ask = 0;
};

template <std::size_t N>
char* put_text(char* out, const char (&text)[N]) {
  std::memcpy(out, text, N - 1);
  return out + N - 1;
}

// A field's name and the marks before its value.
template <Encoding encoding, std::size_t N>
char* put_name(char* out, const char (&json)[N]) {
  if constexpr (encoding == Encoding::ndjson) return put_text(out, json);
  *out = ',';
  return out + 1;
}

template <Encoding encoding, bool quotes>
char* put_tail(char* out, TimeWriter& writer, std::int64_t time, const TickFields& tick) {
  out = writer.put(out, time);
  out = put_name<encoding>(out, "\",\"seq\":");
  out = put_uint(out, tick.seq);
  out = put_name<encoding>(out, ",\"price\":");
  const char* const price = out;
  out = put_price(out, tick.price, tick.scale);
  const auto length = out - price;
  out = put_name<encoding>(out, ",\"size\":");
  out = put_uint(out, static_cast<std::uint64_t>(tick.size));
  if constexpr (quotes) {
    const auto put_quote = [&](std::int64_t value) {
      if (value != tick.price) {
        out = put_price(out, value, tick.scale);
        return;
      }
      std::array<char, 24> text{};  // no price is longer; what is too much is written over
      std::memcpy(text.data(), price, text.size());
      std::memcpy(out, text.data(), text.size());
      out += length;
    };
    out = put_name<encoding>(out, ",\"bid\":");
    put_quote(tick.bid);
    out = put_name<encoding>(out, ",\"ask\":");
    put_quote(tick.ask);
  }
  if constexpr (encoding == Encoding::ndjson)
    return put_text(out, "}\n");
  else
    return put_text(out, "\n");
}

}  // namespace stack::market
