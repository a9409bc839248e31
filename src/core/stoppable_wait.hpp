// A wait that ends early once a StopFlag is set. Thread-safety: any thread. Never fails.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/stop_flag.hpp"

namespace stack {

// How long a stop goes unseen at most: a flag that a signal handler sets wakes nobody.
inline constexpr std::chrono::milliseconds kStopUnseen{50};

// Whether all of TIME has passed: not, where STOP was set before its end. Null: nothing stops it.
[[nodiscard]] inline bool wait_unless_stopped(std::chrono::milliseconds time, const StopFlag* stop) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + time;
  while (stop == nullptr || !stop->requested()) {
    const auto left = until - steady_clock::now();
    if (left <= steady_clock::duration::zero()) return true;
    std::this_thread::sleep_for(stop == nullptr ? left : std::min<steady_clock::duration>(left, kStopUnseen));
  }
  return false;
}

}  // namespace stack
