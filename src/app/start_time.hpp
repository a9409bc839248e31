// --start-at: the wall-clock moment at which a feed begins, so that several producers begin together.
// Thread-safety: free functions. Failure: ErrorKind::usage, naming the option and the forms it takes.
#pragma once

#include <optional>
#include <string_view>

#include "app/settings.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::app {

// A UTC instant as "2026-11-25 14:30:00" (T for the space, a fraction and a trailing Z are taken too), or a UTC time of
// day as "14:30" or "14:30:00": the next one after NOW, today's or tomorrow's. None for anything else.
[[nodiscard]] std::optional<Micros> next_instant(std::string_view text, Micros now);

[[nodiscard]] Result<std::optional<Micros>> parse_start_time(const Settings& settings, Micros now);

}  // namespace stack::app
