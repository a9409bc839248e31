// Sessions made whole, and random ones, for tests of what is in them.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <vector>

#include "market/session_path.hpp"

namespace stack::market::test {

inline constexpr std::int64_t kMinute = 60'000'000;

struct Ticks {
  std::vector<std::int64_t> time, price, size, bid, ask;
  int scale = 0;
};

Ticks all_ticks(const SessionSpec& spec);

// A plain bar that moves by about a per cent, one of many days of them.
Bar plain_bar(int day);

rc::Gen<Bar> any_bar();
// Times and number of ticks, arrivals and halts at random; without quotes. PAUSES holds the halts.
SessionSpec any_spec(const Bar& bar, const PriceGrid& grid, std::vector<Pause>& pauses);

}  // namespace stack::market::test
