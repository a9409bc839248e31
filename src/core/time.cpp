#include "core/time.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace stack {
namespace {

// The value of N decimal digits at the front of TEXT, or -1.
int leading_digits(std::string_view text, std::size_t n) {
  if (text.size() < n) return -1;
  int value = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Microseconds of a fraction of 1 to 9 digits (further digits than six are cut), or -1.
std::int64_t fraction_micros(std::string_view digits) {
  if (digits.empty() || digits.size() > 9) return -1;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] < '0' || digits[i] > '9') return -1;
    if (i < 6) value = value * 10 + (digits[i] - '0');
  }
  for (std::size_t i = digits.size(); i < 6; ++i) value *= 10;
  return value;
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = leading_digits(text, 4);
  const int month = leading_digits(text.substr(5), 2);
  const int day = leading_digits(text.substr(8), 2);
  if (year < 1 || month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day ymd{std::chrono::year{year}, std::chrono::month(static_cast<unsigned>(month)),
                                        std::chrono::day(static_cast<unsigned>(day))};
  if (!ymd.ok()) return std::nullopt;
  return Date{ymd};
}

std::string format_date(Date date) {
  const std::chrono::year_month_day ymd{date};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                     static_cast<unsigned>(ymd.day()));
}

std::string format_micros(Micros instant) {
  const auto date = std::chrono::floor<std::chrono::days>(instant);
  const auto rest = (instant - date).count();
  const auto seconds = rest / 1'000'000;
  return fmt::format("{} {:02}:{:02}:{:02}.{:06}", format_date(date), seconds / 3600, seconds / 60 % 60, seconds % 60,
                     rest % 1'000'000);
}

std::optional<Micros> parse_micros(std::string_view text) {
  if (text.size() > 19 && text.back() == 'Z') text.remove_suffix(1);
  if (text.size() < 19 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto date = parse_date(text.substr(0, 10));
  const int hour = leading_digits(text.substr(11), 2);
  const int minute = leading_digits(text.substr(14), 2);
  const int second = leading_digits(text.substr(17), 2);
  if (!date || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
  std::int64_t micros = 0;
  if (text.size() > 19) {
    if (text[19] != '.') return std::nullopt;
    micros = fraction_micros(text.substr(20));
    if (micros < 0) return std::nullopt;
  }
  return Micros{*date} + std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second} +
         std::chrono::microseconds{micros};
}

std::optional<Milliseconds> parse_duration(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !(number >= 0)) return std::nullopt;
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  double factor = 0;
  if (unit == "ms") factor = 1;
  if (unit == "s" || unit.empty()) factor = 1000;
  if (unit == "m" || unit == "min") factor = 60'000;
  if (unit == "h") factor = 3'600'000;
  if (unit == "d") factor = 86'400'000;
  const double milliseconds = std::round(number * factor);
  if (factor == 0 || milliseconds > 1e12) return std::nullopt;
  return Milliseconds{static_cast<std::int64_t>(milliseconds)};
}

Micros SystemClock::now() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::steady() const { return std::chrono::steady_clock::now(); }

}  // namespace stack
