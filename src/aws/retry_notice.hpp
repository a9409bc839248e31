// Says that a call which takes longer than it should is being tried again, so that nobody waits in the dark.
// Thread-safety: note() from any thread; calls that wait at the same time share a line. Never fails.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace stack::aws {

struct Tell {
  std::function<void(const std::string& line)> line = {};  // none: nobody is told
  std::chrono::milliseconds after{3'000};                  // of a call that takes longer
};

class RetryNotice {
 public:
  explicit RetryNotice(Tell tell) : tell_(std::move(tell)) {}

  // Of a call that BEGAN then and goes on now. LINE: what is wrong.
  void note(std::chrono::steady_clock::time_point began, const std::string& line) {
    const auto now = std::chrono::steady_clock::now();
    if (!tell_.line || now - began < tell_.after) return;
    {
      const std::lock_guard lock{mutex_};
      if (now < due_) return;
      due_ = now + kEvery;
    }
    tell_.line(line + "; trying again");
  }

 private:
  static constexpr std::chrono::seconds kEvery{10};

  Tell tell_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point due_{};
};

}  // namespace stack::aws
