// When within a session ticks arrive, in trading time: evenly, as a Poisson process, or as one that excites itself.
// Thread-safety: plain values. Failure: ErrorKind::usage, naming the option.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.hpp"

namespace stack::market {

enum class Arrivals : std::uint8_t {
  uniform,  // evenly spaced
  poisson,  // independent of each other, with an intensity that follows the U shape of a trading day
  hawkes,   // in bursts (Hawkes 1971) on top of the U shape
};

// "--arrivals poisson"
[[nodiscard]] Result<Arrivals> parse_arrivals(std::string_view text);
[[nodiscard]] std::string_view arrivals_name(Arrivals arrivals);

}  // namespace stack::market
