// How volume and volatility are spread over a session, from its ticks, by local time of day.
// Thread-safety: pure. Failure: none; a symbol without sessions has an empty profile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "market/feed.hpp"

namespace stack::realism {

inline constexpr int kProfileMinutes = 15;

// Part K is the local time from open + K * kProfileMinutes on; a lunch break's parts are 0.
struct DayProfile {
  std::string symbol;
  int open_minute = 0;             // local, after midnight
  std::vector<double> volume;      // share of the session's volume, mean over sessions that have any
  std::vector<double> volatility;  // root of the mean square of the part's log return, in per cent
  std::vector<double> ticks;       // share of the session's ticks
  std::size_t sessions = 0;
};

// Of every symbol of a plan that replays bars, over its last SESSIONS sessions that have more than one tick.
[[nodiscard]] std::vector<DayProfile> day_profiles(const market::FeedPlan& plan, std::size_t sessions);

}  // namespace stack::realism
