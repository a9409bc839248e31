// What shocks of whole sessions make of one symbol's bars. Prices stay on the symbol's grid and a bar stays one
// (low <= open, close <= high); what a shock leaves of a level's change carries on through all later bars, so that no
// jump is left where it ends. A bar that no shock changes keeps its prices to the digit.
// Thread-safety: pure. Failure: a price or volume beyond what can be printed exactly is named by its session.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "market/bar.hpp"
#include "market/price_grid.hpp"
#include "scenario/shock.hpp"

namespace stack::scenario {

// A shock of whole sessions, placed on one symbol's own sessions.
struct BarShock {
  const Shock* shock = nullptr;
  std::size_t first = 0;  // index of the bar that it begins with
};

// BARS without a change give none.
struct ShockedBars {
  std::vector<market::Bar> bars;            // empty: unchanged
  std::optional<std::size_t> out_of_range;  // the first bar whose prices cannot be printed
};

[[nodiscard]] ShockedBars shocked_bars(std::span<const market::Bar> bars, const market::PriceGrid& grid,
                                       std::span<const BarShock> shocks);

// The level of prices, 1 before SHOCK, after N whole sessions of it.
[[nodiscard]] double level_after(const Shock& shock, std::uint64_t n);

}  // namespace stack::scenario
