#include "query/scalar_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>
#include <limits>

namespace stack::query {
namespace {

template <class T>
void append_real(std::string& out, T value) {
  if (std::isnan(value)) {
    out += "nan";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-inf" : "inf";
    return;
  }
  const std::size_t begin = out.size();
  fmt::format_to(std::back_inserter(out), "{}", value);
  // 29113.0 stays a floating-point number to whoever reads it.
  if (out.find_first_of(".e", begin) == std::string::npos) out += ".0";
}

// Digits behind the point, trailing zeros dropped.
void append_fraction(std::string& out, std::int64_t fraction, std::size_t digits) {
  if (fraction == 0) return;
  std::string text = fmt::format("{:0{}}", fraction, digits);
  text.resize(text.find_last_not_of('0') + 1);
  out += '.';
  out += text;
}

void append_clock(std::string& out, std::int64_t seconds) {
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::int64_t floor_division(std::int64_t value, std::int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

void append_part(std::string& out, std::int64_t count, std::string_view unit) {
  if (count == 0) return;
  if (!out.empty()) out += ' ';
  fmt::format_to(std::back_inserter(out), "{} {}{}", count, unit, count == 1 || count == -1 ? "" : "s");
}

}  // namespace

void append_float(std::string& out, float value) { append_real(out, value); }
void append_double(std::string& out, double value) { append_real(out, value); }

void append_uint128(std::string& out, Uint128 value) {
  std::array<char, 40> digits{};
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  out.append(digits.data() + at, digits.size() - at);
}

void append_int128(std::string& out, Int128 value) {
  if (value < 0) out += '-';
  append_uint128(out, value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value));
}

void append_decimal(std::string& out, Int128 value, unsigned scale) {
  if (scale == 0) return append_int128(out, value);
  if (value < 0) out += '-';
  std::string digits;
  append_uint128(digits, value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value));
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  digits.insert(digits.size() - scale, 1, '.');
  out += digits;
}

void append_date(std::string& out, duckdb_date date) {
  if (!duckdb_is_finite_date(date)) {
    out += date.days < 0 ? "-infinity" : "infinity";
    return;
  }
  const duckdb_date_struct parts = duckdb_from_date(date);
  if (parts.year > 0) {
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", parts.year, parts.month, parts.day);
  } else {
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02} (BC)", 1 - parts.year, parts.month, parts.day);
  }
}

void append_time(std::string& out, std::int64_t micros) {
  append_clock(out, micros / 1'000'000);
  append_fraction(out, micros % 1'000'000, 6);
}

void append_offset(std::string& out, int seconds) {
  const int size = seconds < 0 ? -seconds : seconds;
  fmt::format_to(std::back_inserter(out), "{}{:02}", seconds < 0 ? '-' : '+', size / 3600);
  if (size % 3600 != 0) fmt::format_to(std::back_inserter(out), ":{:02}", size / 60 % 60);
  if (size % 60 != 0) fmt::format_to(std::back_inserter(out), ":{:02}", size % 60);
}

void append_timestamp(std::string& out, std::int64_t value, std::int64_t units) {
  if (value == std::numeric_limits<std::int64_t>::max() || value == -std::numeric_limits<std::int64_t>::max()) {
    out += value < 0 ? "-infinity" : "infinity";
    return;
  }
  const std::int64_t seconds = floor_division(value, units);
  const std::int64_t days = floor_division(seconds, 86'400);
  append_date(out, {static_cast<std::int32_t>(days)});
  out += ' ';
  append_clock(out, seconds - days * 86'400);
  const std::size_t digits = units == 1'000'000'000 ? 9 : units == 1'000'000 ? 6 : 3;
  append_fraction(out, value - seconds * units, digits);
}

void append_interval(std::string& out, const duckdb_interval& interval) {
  std::string text;
  append_part(text, interval.months / 12, "year");
  append_part(text, interval.months % 12, "month");
  append_part(text, interval.days, "day");
  if (interval.micros != 0 || text.empty()) {
    if (!text.empty()) text += ' ';
    if (interval.micros < 0) text += '-';
    append_time(text, interval.micros < 0 ? -interval.micros : interval.micros);
  }
  out += text;
}

void append_uuid(std::string& out, const duckdb_hugeint& value) {
  // DuckDB flips the top bit so that UUIDs sort as numbers.
  const std::uint64_t upper = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63);
  fmt::format_to(std::back_inserter(out), "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", upper >> 32, upper >> 16 & 0xffff,
                 upper & 0xffff, value.lower >> 48, value.lower & 0xffff'ffff'ffff);
}

void append_blob(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\' && c != '\'' && c != '"') {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02X}", byte);
    }
  }
}

void append_bits(std::string& out, std::string_view bytes) {
  if (bytes.size() < 2) return;
  // The first byte counts the bits of the second that are padding.
  for (std::size_t bit = static_cast<unsigned char>(bytes[0]); bit < (bytes.size() - 1) * 8; ++bit) {
    const auto byte = static_cast<unsigned char>(bytes[1 + bit / 8]);
    out += (byte >> (7 - bit % 8) & 1) != 0 ? '1' : '0';
  }
}

}  // namespace stack::query
