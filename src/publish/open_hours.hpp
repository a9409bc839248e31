// Market time with the closed hours taken out: what a feed that is played by --speed goes through.
// Thread-safety: constant once made. Never fails.
#pragma once

#include <cstdint>
#include <vector>

#include "market/feed.hpp"

namespace stack::publish {

class OpenHours {
 public:
  OpenHours() = default;  // never open
  // The hours in which any exchange of PLAN's symbols is open. Precondition: PLAN's feed is of ticks.
  [[nodiscard]] static OpenHours of(const market::FeedPlan& plan);

  // Microseconds in which any exchange was open before the UTC instant MICROS.
  [[nodiscard]] std::int64_t before(std::int64_t micros) const;
  [[nodiscard]] std::int64_t total() const;
  // From the first opening to the last closing, closed hours included.
  [[nodiscard]] std::int64_t span() const;

 private:
  struct Interval {
    std::int64_t open;
    std::int64_t close;
    std::int64_t before;  // open time before this interval
  };
  std::vector<Interval> intervals_;
};

}  // namespace stack::publish
