// What a running feed is told from outside: to pause, to go on, to change its pace. Heeded by the Pacer.
// Thread-safety: all members may be called from any thread; toggle_pause() from a signal handler too.
// Never fails.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

namespace stack::publish {

// How fast market time, or the count of events, goes by; neither: as fast as it goes.
struct Tempo {
  std::optional<double> rate;   // events a second
  std::optional<double> speed;  // market seconds a second
  [[nodiscard]] bool unlimited() const { return !rate && !speed; }
  bool operator==(const Tempo&) const = default;
};

class PaceControl {
 public:
  void pause() noexcept { paused_ = true; }
  void resume() noexcept { paused_ = false; }
  void toggle_pause() noexcept { paused_ = !paused_; }
  [[nodiscard]] bool paused() const noexcept { return paused_; }

  void change(const Tempo& tempo) {
    const std::lock_guard lock{mutex_};
    tempo_ = tempo;
    ++changes_;
  }
  // How often the tempo was changed: cheap to ask for before each look at it.
  [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }
  [[nodiscard]] Tempo tempo() const {
    const std::lock_guard lock{mutex_};
    return tempo_;
  }

 private:
  std::atomic<bool> paused_{false};
  std::atomic<std::uint64_t> changes_{0};
  mutable std::mutex mutex_;
  Tempo tempo_;  // guarded by mutex_
};
static_assert(std::atomic<bool>::is_always_lock_free, "toggle_pause() is called from a signal handler");

}  // namespace stack::publish
