// Waiting for what the event loop's thread does, until a deadline or a stop. Thread-safety: as std::condition_variable.
// Never fails.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "core/stop_flag.hpp"
#include "core/stoppable_wait.hpp"

namespace stack::aws {

enum class WaitEnd { done, late, stopped };

// DONE is asked with LOCK held; what makes it true notifies CHANGED. STOP may be null.
template <class Done>
[[nodiscard]] WaitEnd wait_for_answer(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                                      std::chrono::steady_clock::time_point deadline, const StopFlag* stop,
                                      const Done& done) {
  using std::chrono::steady_clock;
  while (!done()) {
    if (stop != nullptr && stop->requested()) return WaitEnd::stopped;
    const auto now = steady_clock::now();
    if (now >= deadline) return WaitEnd::late;
    changed.wait_until(lock,
                       stop == nullptr ? deadline : std::min<steady_clock::time_point>(deadline, now + kStopUnseen));
  }
  return WaitEnd::done;
}

}  // namespace stack::aws
