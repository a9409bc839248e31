// Which partitions of a topic no leader serves, and whether the group's coordinator is there, told by librdkafka's
// statistics: brokers that answer (broker_pulse.hpp) may be the wrong ones. A partition is without a leader when the
// cluster names none, as well as when the one that it names cannot be reached.
// Thread-safety: one thread. Never fails: statistics that cannot be read change nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace stack::kafka {

class LeaderWatch {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  struct Absence {
    std::int32_t partition = 0;
    Milliseconds time{0};
  };

  explicit LeaderWatch(std::string topic) : topic_(std::move(topic)) {}

  // STATISTICS: librdkafka's, as JSON.
  void see(std::string_view statistics, Instant now);

  // How long PARTITION has had no leader, by the latest statistics; 0: it has one, or nothing is known of it. Time in
  // which this process itself stood still does not count.
  [[nodiscard]] Milliseconds absence(std::int32_t partition) const;
  // The partition that has had none for longest.
  [[nodiscard]] std::optional<Absence> longest() const;
  // How long the group has had no coordinator; 0 for a client that is in no group.
  [[nodiscard]] Milliseconds coordinator_absence() const { return coordinator_absence_; }

 private:
  std::string topic_;
  std::map<std::int32_t, Milliseconds> absences_;
  Milliseconds coordinator_absence_{0};
  Instant seen_{};  // the epoch: nothing seen yet
};

}  // namespace stack::kafka
