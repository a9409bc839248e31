#include "app/pace_settings.hpp"

#include <chrono>
#include <string>

namespace stack::app {

namespace {

Result<std::optional<Micros>> parse_start_time(const Settings& settings, Micros now) {
  if (!settings.given("start-at")) return std::nullopt;
  const auto instant = next_instant(settings.text("start-at"), now);
  if (!instant)
    return std::unexpected(settings.wrong("start-at", "a UTC time as 14:30, 14:30:00 or 2026-11-25T14:30:00Z"));
  return instant;
}

}  // namespace

std::optional<Micros> next_instant(std::string_view text, Micros now) {
  if (const auto instant = parse_micros(text)) return instant;
  constexpr std::size_t kMinutes = std::string_view{"14:30"}.size();
  constexpr std::size_t kSeconds = std::string_view{"14:30:00"}.size();
  if (text.size() != kMinutes && text.size() != kSeconds) return std::nullopt;
  const auto today = std::chrono::floor<std::chrono::days>(now);
  const auto time = std::string{text} + (text.size() == kMinutes ? ":00" : "");
  const auto instant = parse_micros(format_date(today) + " " + time);
  if (!instant || *instant > now) return instant;
  return *instant + std::chrono::days{1};
}

Result<publish::Pace> parse_pace(const Settings& settings, const Clock& clock) {
  publish::Pace pace;
  STACK_TRY_ASSIGN(rate, settings.positive("rate"));
  if (const auto text = settings.text("speed"); !text.empty()) {
    const auto speed = publish::parse_speed(text);
    if (!speed) return std::unexpected(settings.wrong("speed", "max or a factor above 0 such as 1x, 60x or 0.5x"));
    pace.tempo = *speed;
  }
  if (rate) pace.tempo = {.rate = rate, .speed = {}};  // sets the pace by itself
  pace.keep_gaps = settings.flag("keep-gaps");
  if (pace.keep_gaps && rate)
    return fail(ErrorKind::usage, "--keep-gaps: at a fixed --rate there are no closed hours; use it with --speed");
  STACK_TRY_ASSIGN(catch_up, settings.duration("catch-up"));
  if (catch_up) pace.catch_up = *catch_up;
  STACK_TRY_ASSIGN(start_at, parse_start_time(settings, clock.now()));
  pace.start_at = start_at;
  return pace;
}

}  // namespace stack::app
