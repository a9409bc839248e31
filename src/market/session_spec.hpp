// What one session's ticks are made from. Thread-safety: plain values; bar, grid and pauses must outlive their use.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "market/arrivals.hpp"
#include "market/bar.hpp"
#include "market/exchange.hpp"
#include "market/price_grid.hpp"
#include "market/session_clock.hpp"

namespace stack::market {

inline constexpr std::uint32_t kBlockTicks = 1024;

struct SessionSpec {
  const Bar* bar = nullptr;
  const PriceGrid* grid = nullptr;
  SessionWindow window;
  std::uint64_t key = 0;    // of its random words: session_key()
  std::uint32_t ticks = 0;  // 1 for a bar that is flat and has no volume, else at least 4
  Arrivals arrivals = Arrivals::poisson;
  bool quotes = false;              // make bids and asks too
  std::span<const Pause> pauses{};  // halts: no tick lies in one, the session's ticks fill the time that is left

  [[nodiscard]] std::uint32_t block_count() const { return (ticks + kBlockTicks - 1) / kBlockTicks; }
  [[nodiscard]] std::uint32_t block_size(std::uint32_t b) const {
    return std::min(kBlockTicks, ticks - b * kBlockTicks);
  }
  [[nodiscard]] SessionClock clock() const { return {window, pauses, arrivals, ticks}; }
};

}  // namespace stack::market
