// "Please stop": one flag that signal handlers set and every long loop looks at.
// Thread-safety: all members may be called from any thread and from a signal handler.
#pragma once

#include <atomic>

namespace stack {

class StopFlag {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
};

}  // namespace stack
