#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "market/exchange.hpp"

namespace stack::market {
namespace {

constexpr std::int64_t kMicrosPerMinute = 60'000'000;
constexpr std::int64_t kMicrosPerDay = 1440 * kMicrosPerMinute;

const TradingHours& hours_on(const Exchange& exchange, std::int32_t day) {
  const TradingHours* hours = &exchange.hours.front();
  for (const TradingHours& next : exchange.hours)
    if (next.since_day <= day) hours = &next;
  return *hours;
}

// The offset from UTC in force at the local opening, and the UTC second up to which it stays.
struct Offset {
  std::int64_t seconds = 0;
  std::int64_t until = 0;
};

Offset known_offset_at(const date::time_zone& zone, std::int32_t day, std::int16_t minute) {
  const date::local_seconds local{std::chrono::seconds{std::int64_t{day} * 86400 + std::int64_t{minute} * 60}};
  const date::sys_info info = zone.get_info(local).first;  // an hour that is there twice: the first of them
  return {info.offset.count(), info.end.time_since_epoch().count()};
}

// The tables of time zones end with 2037, after which their reader knows no daylight saving.
constexpr date::year kLastKnownYear{2036};  // whose winter, too, is in the tables to its end

// A later year has the rules of the last known one whose 1 March is the same weekday: they name the nth or the last
// weekday of months from March on.
Offset offset_at(const date::time_zone& zone, std::int32_t day, std::int16_t minute) {
  const date::year_month_day date{date::sys_days{date::days{day}}};
  if (date.year() <= kLastKnownYear) return known_offset_at(zone, day, minute);
  const auto march = [](date::year year) { return date::sys_days{year / date::March / 1}; };
  date::year like = kLastKnownYear;
  while (date::weekday{march(like)} != date::weekday{march(date.year())}) --like;
  const auto moved_by = static_cast<std::int32_t>((march(date.year()) - march(like)).count());
  const Offset offset = known_offset_at(zone, day - moved_by, minute);
  const date::sys_days next_year = (date.year() + date::years{1}) / date::January / 1;
  const std::int64_t year_end = date::sys_seconds{next_year}.time_since_epoch().count();
  return {offset.seconds, std::min(offset.until + std::int64_t{moved_by} * 86400, year_end)};
}

}  // namespace

Result<SessionCalendar> SessionCalendar::make(const Exchange& exchange, Date first, Date last) try {
  const date::time_zone& zone = *date::locate_zone(std::string(exchange.zone));
  SessionCalendar calendar;
  const auto end_day = static_cast<std::int32_t>(last.time_since_epoch().count());
  Offset offset;
  const TradingHours* current = nullptr;
  for (auto day = static_cast<std::int32_t>(first.time_since_epoch().count()); day <= end_day; ++day) {
    const TradingHours& hours = hours_on(exchange, day);
    const std::int64_t local_open = std::int64_t{day} * 86400 + std::int64_t{hours.open} * 60;
    if (&hours == current && local_open - offset.seconds < offset.until) continue;
    const Offset next = offset_at(zone, day, hours.open);
    const bool same = &hours == current && next.seconds == offset.seconds;
    offset = next;
    current = &hours;
    if (same) continue;
    const auto utc = [&](std::int16_t minute) { return minute * kMicrosPerMinute - offset.seconds * 1'000'000; };
    const bool has_break = exchange.break_begin > hours.open && exchange.break_end < hours.close &&
                           exchange.break_begin < exchange.break_end;
    const std::int16_t begin = has_break ? exchange.break_begin : hours.close;
    const std::int16_t end = has_break ? exchange.break_end : hours.close;
    calendar.spans_.push_back(
        {day, {utc(hours.open), utc(hours.close), utc(begin), utc(end)}, offset.seconds * 1'000'000});
  }
  return calendar;
} catch (const std::exception& error) {
  return fail(ErrorKind::internal, fmt::format("time zone {} is not available: {}; install the package tzdata",
                                               exchange.zone, error.what()));
}

const SessionCalendar::Span& SessionCalendar::span(std::int32_t day) const {
  const auto after = std::upper_bound(spans_.begin(), spans_.end(), day,
                                      [](std::int32_t d, const Span& span) { return d < span.since_day; });
  return after == spans_.begin() ? *after : *(after - 1);
}

std::int64_t SessionCalendar::instant(std::int32_t day, std::int64_t local_time) const {
  return std::int64_t{day} * kMicrosPerDay + local_time - span(day).offset;
}

SessionWindow SessionCalendar::window(std::int32_t day) const {
  const std::int64_t shift = std::int64_t{day} * kMicrosPerDay;
  SessionWindow window = span(day).of_day_zero;
  window.open += shift;
  window.close += shift;
  window.break_begin += shift;
  window.break_end += shift;
  return window;
}

}  // namespace stack::market
