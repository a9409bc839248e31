// When the open transaction of a paced feed is committed. Readers see nothing before that, so it should be soon; but
// the client takes no events while the broker answers, so a commit makes those late that fall due meanwhile. So it
// waits for a pause in the feed that is long enough, and where none comes it leaves 99 % of the time to sending.
// Thread-safety: one thread. Never fails.
#pragma once

#include <algorithm>
#include <chrono>

namespace stack::publish {

class CommitRhythm {
 public:
  using Duration = std::chrono::nanoseconds;

  // MOST: age at which a transaction is committed at the latest, however long that takes.
  explicit CommitRhythm(Duration most) : most_(std::max(most, kLeast)) {}

  // AGE of the transaction's first event; UNTIL_NEXT: how long until another event is due, Duration::max() when the
  // feed is held.
  [[nodiscard]] bool due(Duration age, Duration until_next) const {
    if (until_next == Duration::max()) return true;
    return age >= longest() || (age >= kLeast && until_next >= 2 * expected_);
  }
  void took(Duration time) { expected_ += (time - expected_) / 8; }

  [[nodiscard]] Duration longest() const { return std::clamp(100 * expected_, kLeast, most_); }

 private:
  static constexpr Duration kLeast = std::chrono::milliseconds{100};

  Duration most_;
  Duration expected_ = std::chrono::milliseconds{3};  // of a commit: a running mean
};

}  // namespace stack::publish
