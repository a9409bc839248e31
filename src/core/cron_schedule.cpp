#include "core/cron_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <vector>

namespace stack {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr unsigned kFirstYear = 1970;

struct FieldForm {
  std::string_view name;
  unsigned least;
  unsigned most;
  std::span<const std::string_view> names = {};  // of LEAST and what follows
};

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<unsigned> number_of(std::string_view text, const FieldForm& form) {
  const auto named = std::ranges::find(form.names, text);
  if (named != form.names.end()) return form.least + static_cast<unsigned>(named - form.names.begin());
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < form.least || number > form.most)
    return std::nullopt;
  return number;
}

// Sets the bits of one of a list's parts: "5", "MON-FRI", "*", "0/15", "*/2"; false: it is none.
template <std::size_t N>
bool add_part(std::string_view part, const FieldForm& form, unsigned offset, std::bitset<N>& bits) {
  unsigned step = 1;
  const auto slash = part.find('/');
  if (slash != std::string_view::npos) {
    const auto given = number_of(part.substr(slash + 1), {form.name, 1, form.most});
    if (!given) return false;
    step = *given;
    part = part.substr(0, slash);
  }
  unsigned first = form.least;
  unsigned last = form.most;
  if (part != "*") {
    const auto dash = part.find('-');
    const auto from = number_of(part.substr(0, dash), form);
    if (!from) return false;
    first = *from;
    if (dash != std::string_view::npos) {
      const auto to = number_of(part.substr(dash + 1), form);
      if (!to || *to < first) return false;
      last = *to;
    } else if (slash == std::string_view::npos) {
      last = first;
    }
  }
  for (unsigned value = first; value <= last; value += step) bits.set(value - offset);
  return true;
}

template <std::size_t N>
Result<std::bitset<N>> bits_of(std::string_view text, const FieldForm& form, unsigned offset = 0) {
  std::bitset<N> bits;
  const bool fits =
      std::ranges::all_of(split(text, ','), [&](std::string_view part) { return add_part(part, form, offset, bits); });
  if (!fits)
    return fail(ErrorKind::usage, fmt::format("'{}' is no field of {} from {} to {}: a number, or as 1-5, 1,3, *, 0/15",
                                              text, form.name, form.least, form.most));
  return bits;
}

std::vector<std::string_view> fields_of(std::string_view text) {
  if (!text.starts_with("cron(") || !text.ends_with(')')) return {};
  text.remove_prefix(5);
  text.remove_suffix(1);
  std::vector<std::string_view> fields;
  for (const std::string_view part : split(text, ' ')) {
    if (!part.empty()) fields.push_back(part);
  }
  return fields;
}

}  // namespace

Result<CronSchedule> CronSchedule::parse(std::string_view text) {
  const auto fields = fields_of(text);
  if (fields.size() != 6 || (fields[2] == "?") == (fields[4] == "?"))
    return fail(ErrorKind::usage,
                fmt::format("'{}' is no schedule: give six fields in UTC, minutes, hours, days of the month, months, "
                            "days of the week, years, one kind of days as ?, such as 'cron(15 12 * * ? *)'",
                            text));
  CronSchedule schedule;
  STACK_TRY_ASSIGN(minutes, bits_of<60>(fields[0], {"minutes", 0, 59}));
  STACK_TRY_ASSIGN(hours, bits_of<24>(fields[1], {"hours", 0, 23}));
  STACK_TRY_ASSIGN(days, bits_of<32>(fields[2] == "?" ? "*" : fields[2], {"days of the month", 1, 31}));
  STACK_TRY_ASSIGN(months, bits_of<13>(fields[3], {"months", 1, 12, kMonths}));
  STACK_TRY_ASSIGN(weekdays, bits_of<8>(fields[4] == "?" ? "*" : fields[4], {"days of the week", 1, 7, kWeekdays}));
  STACK_TRY_ASSIGN(years,
                   bits_of<kMostYears>(fields[5], {"years", kFirstYear, kFirstYear + kMostYears - 1}, kFirstYear));
  schedule.minutes_ = minutes;
  schedule.hours_ = hours;
  schedule.days_ = days;
  schedule.months_ = months;
  schedule.weekdays_ = weekdays;
  schedule.years_ = years;
  return schedule;
}

bool CronSchedule::has_day(Date date) const {
  const std::chrono::year_month_day day{date};
  const int year = static_cast<int>(day.year()) - static_cast<int>(kFirstYear);
  return year >= 0 && static_cast<std::size_t>(year) < kMostYears && years_[static_cast<std::size_t>(year)] &&
         months_[static_cast<unsigned>(day.month())] && days_[static_cast<unsigned>(day.day())] &&
         weekdays_[std::chrono::weekday{date}.c_encoding() + 1];
}

std::optional<Micros> CronSchedule::next_after(Micros now) const {
  using std::chrono::minutes;
  const auto from = std::chrono::floor<minutes>(now) + minutes{1};
  const Date today = std::chrono::floor<std::chrono::days>(from);
  const Date last{std::chrono::year{static_cast<int>(kFirstYear + kMostYears)} / 1 / 1};
  for (Date date = today; date < last; date += std::chrono::days{1}) {
    if (!has_day(date)) continue;
    for (auto minute = date == today ? (from - today).count() : 0; minute < 24 * 60; ++minute) {
      if (hours_[static_cast<std::size_t>(minute / 60)] && minutes_[static_cast<std::size_t>(minute % 60)])
        return Micros{date + minutes{minute}};
    }
  }
  return std::nullopt;
}

}  // namespace stack
