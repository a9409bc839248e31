// What a sink makes of partitions that no leader serves while other brokers answer: it says so, at once and every
// minute, and goes on with the others. It ends when it waits for one of them to come to an end, or when not one of its
// partitions has had a leader for the connect timeout.
// Thread-safety: one thread. Failure: ErrorKind::unreachable, naming the partition.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "kafka/connection.hpp"

namespace stack::lake {

class AbsentLeaders {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  struct Partition {
    std::int32_t number = 0;
    Milliseconds absence{0};  // how long it has had no leader
  };

  AbsentLeaders(std::string topic, const kafka::Connection& connection)
      : topic_(std::move(topic)), connection_(connection) {}

  // ABSENT: the partitions without a leader among the OWNED ones that there is work left in. BOUNDED: the sink ends
  // when that work is done.
  [[nodiscard]] Result<void> look(std::span<const Partition> absent, std::size_t owned, bool bounded, Instant now);

 private:
  [[nodiscard]] Error gave_up(std::int32_t partition) const;
  void tell(const std::vector<std::int32_t>& absent, bool all, Instant now);

  std::string topic_;
  const kafka::Connection& connection_;
  std::vector<std::int32_t> told_;
  Instant told_at_{};
};

}  // namespace stack::lake
