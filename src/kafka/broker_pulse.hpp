// Whether any broker still answers a client, told by the count of answers in librdkafka's statistics. That count grows
// as long as one broker does: fetches at the log's end are answered too, and so are heartbeats and requests for
// metadata. A connection that is refused, one that is dropped and a broker that is frozen all look the same to it; and
// so does one whose login is refused, since answers count only while some connection is up.
// Thread-safety: one thread. Never fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "core/time.hpp"

namespace stack::kafka {

class BrokerPulse {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // STATISTICS: librdkafka's, as JSON.
  void see(std::string_view statistics, Instant now);

  // How long none has answered, by the latest statistics. Time in which this process itself stood still does not count.
  [[nodiscard]] Milliseconds silence() const { return silence_; }

 private:
  std::uint64_t answers_ = 0;
  Milliseconds silence_{0};
  Instant seen_{};  // the epoch: nothing seen yet
};

}  // namespace stack::kafka
