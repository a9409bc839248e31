#include "app/start_time.hpp"

#include <chrono>
#include <string>

namespace stack::app {

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

Result<std::optional<Micros>> parse_start_time(const Settings& settings, Micros now) {
  if (!settings.given("start-at")) return std::nullopt;
  const auto instant = next_instant(settings.text("start-at"), now);
  if (!instant)
    return std::unexpected(settings.wrong("start-at", "a UTC time as 14:30, 14:30:00 or 2026-11-25T14:30:00Z"));
  return instant;
}

}  // namespace stack::app
