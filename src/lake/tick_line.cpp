#include "lake/tick_line.hpp"

#include <array>
#include <cstring>

namespace stack::lake {
namespace {

// A view that is eaten from the front.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  template <std::size_t N>
  bool literal(const char (&text)[N]) noexcept {
    constexpr std::size_t length = N - 1;
    if (left() < length || std::memcmp(at_, text, length) != 0) return false;
    at_ += length;
    return true;
  }
  // Characters of a plain JSON string up to its closing quote, which is eaten; at least one.
  bool plain_string(std::string_view& value) noexcept {
    const char* begin = at_;
    while (at_ != end_ && *at_ >= 0x20 && *at_ != 0x7f && *at_ != '"' && *at_ != '\\') ++at_;
    if (at_ == begin || at_ == end_ || *at_ != '"') return false;
    value = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }
  // A whole number of at most 18 digits, without needless zeros in front.
  bool whole(std::int64_t& value) noexcept {
    const char* begin = at_;
    std::int64_t number = 0;
    while (at_ != end_ && is_digit(*at_) && at_ - begin <= 18) number = number * 10 + (*at_++ - '0');
    const auto digits = at_ - begin;
    if (digits < 1 || digits > 18 || (*begin == '0' && digits > 1)) return false;
    value = number;
    return true;
  }
  // A decimal with a point and digits on both sides, at most 18 before and 18 behind it.
  bool decimal(std::string_view& value) noexcept {
    const char* first = at_;
    if (at_ != end_ && *at_ == '-') ++at_;
    std::int64_t whole_part = 0;
    if (!whole(whole_part) || at_ == end_ || *at_ != '.') return false;
    const char* begin = ++at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    value = {first, static_cast<std::size_t>(at_ - first)};
    return at_ - begin >= 1 && at_ - begin <= 18;
  }
  bool date(std::string_view& value) noexcept {
    if (left() < 10 || !is_date(at_)) return false;
    value = {at_, 10};
    at_ += 10;
    return true;
  }
  // " HH:MM:SS.uuuuuu", behind a date that was just eaten; EVENT_TIME is both.
  bool time_of_day(std::string_view& event_time) noexcept {
    if (left() < 16 || at_[0] != ' ' || at_[3] != ':' || at_[6] != ':' || at_[9] != '.') return false;
    const int hour = two(at_ + 1);
    const int minute = two(at_ + 4);
    const int second = two(at_ + 7);
    const int fraction = two(at_ + 10) | two(at_ + 12) | two(at_ + 14);
    if ((hour | minute | second | fraction) < 0 || hour > 23 || minute > 59 || second > 59) return false;
    event_time = {at_ - 10, 26};
    at_ += 16;
    return true;
  }
  [[nodiscard]] bool done() const noexcept { return at_ == end_; }

 private:
  static bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') <= 9; }
  // Two digits' value, or a negative number.
  static int two(const char* text) noexcept {
    const int tens = text[0] - '0';
    const int ones = text[1] - '0';
    const bool digits = static_cast<unsigned>(tens) <= 9 && static_cast<unsigned>(ones) <= 9;
    return digits ? tens * 10 + ones : -1;
  }
  static bool is_date(const char* text) noexcept {
    const int century = two(text);
    const int year_of_century = two(text + 2);
    const int month = two(text + 5);
    const int day = two(text + 8);
    if ((century | year_of_century | month | day) < 0 || text[4] != '-' || text[7] != '-') return false;
    const int year = century * 100 + year_of_century;
    if (year < 1 || month < 1 || month > 12 || day < 1) return false;
    constexpr std::array<int, 13> days{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (day > days[static_cast<std::size_t>(month)]) return false;
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month != 2 || day != 29 || leap;
  }
  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  const char* at_;
  const char* end_;
};

// The rest of a tick that has a quote.
bool quote(Cursor& cursor, TickLine& tick) noexcept {
  return cursor.literal(R"(,"bid":)") && cursor.decimal(tick.bid) && cursor.literal(R"(,"ask":)") &&
         cursor.decimal(tick.ask) && cursor.literal("}");
}

}  // namespace

bool parse_tick_line(std::string_view line, TickLine& tick) noexcept {
  Cursor cursor(line);
  TickLine found;
  std::string_view event_date;
  const bool sound = cursor.literal(R"({"symbol":")") && cursor.plain_string(found.symbol) &&
                     cursor.literal(R"(,"session_date":")") && cursor.date(found.session_date) &&
                     cursor.literal(R"(","event_time":")") && cursor.date(event_date) &&
                     cursor.time_of_day(found.event_time) && cursor.literal(R"(","seq":)") && cursor.whole(found.seq) &&
                     cursor.literal(R"(,"price":)") && cursor.decimal(found.price) && cursor.literal(R"(,"size":)") &&
                     cursor.whole(found.size) && (cursor.literal("}") || quote(cursor, found)) && cursor.done();
  if (sound) tick = found;
  return sound;
}

}  // namespace stack::lake
