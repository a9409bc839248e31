// From settings to the pace of a feed: --speed or --rate, --keep-gaps, --catch-up, and the wall-clock moment at which
// it begins, --start-at, so that several producers begin together. Thread-safety: free functions. Failure:
// ErrorKind::usage, naming the option and the forms it takes.
#pragma once

#include <optional>
#include <string_view>

#include "app/settings.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "publish/pace.hpp"

namespace stack::app {

// A UTC instant as "2026-11-25 14:30:00" (T for the space, a fraction and a trailing Z are taken too), or a UTC time of
// day as "14:30" or "14:30:00": the next one after NOW, today's or tomorrow's. None for anything else.
[[nodiscard]] std::optional<Micros> next_instant(std::string_view text, Micros now);

// --rate sets the pace by itself; else --speed (1x, 60x, max), with what the command set as its default.
[[nodiscard]] Result<publish::Pace> parse_pace(const Settings& settings, const Clock& clock);

}  // namespace stack::app
