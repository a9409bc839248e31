#include "lake/open_range.hpp"

#include <ctime>

namespace stack::lake {

std::chrono::nanoseconds OpenRange::boot_time() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

Result<bool> OpenRange::is_open() {
  const auto asked_at = boot_time();
  const std::chrono::nanoseconds seen{seen_open_ns_.load()};
  if (seen.count() >= 0 && asked_at - seen < trusts_) return true;
  STACK_TRY_ASSIGN(successor, store_.head(successor_));
  if (successor) return false;
  seen_open_ns_ = asked_at.count();
  return true;
}

}  // namespace stack::lake
