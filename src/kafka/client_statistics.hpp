// librdkafka's statistics, as far as they are worth watching (its STATISTICS.md has all of them).
// Thread-safety: values. Failure: std::nullopt for what is no such JSON; what is missing in it stays 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stack::kafka {

struct BrokerStatistics {
  std::string name;  // host:port
  bool up = false;
  std::uint64_t requests_sent = 0;
  std::uint64_t request_errors = 0;
  std::uint64_t request_retries = 0;
  std::uint64_t request_timeouts = 0;
  std::uint64_t connects = 0;
  std::uint64_t disconnects = 0;
  std::int64_t requests_queued = 0;   // not sent yet
  std::int64_t requests_waiting = 0;  // sent, not answered yet
  // Of the last half second, in microseconds; 0 when there were no requests.
  std::int64_t round_trip_average_us = 0;
  std::int64_t round_trip_p99_us = 0;
  std::int64_t throttle_average_us = 0;
};

struct PartitionStatistics {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t queued = 0;     // records that wait for a batch, or in one to be sent
  std::int64_t fetched = 0;    // records that were fetched ahead
  std::int64_t lag = -1;       // records between the consumer's position and the log's end; -1: not known
  std::uint64_t sent = 0;      // records
  std::uint64_t received = 0;  // records
};

struct ClientStatistics {
  std::string type;             // "producer" or "consumer"
  double time = 0;              // when they were taken, seconds since 1970
  std::int64_t queued_ops = 0;  // replies and callbacks that wait for the program
  std::int64_t queued = 0;      // records in the producer's queues
  std::int64_t queued_bytes = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t records_sent = 0;
  std::uint64_t records_received = 0;
  std::uint64_t rebalances = 0;                 // of its group, since it joined
  std::vector<BrokerStatistics> brokers;        // those with an address
  std::vector<PartitionStatistics> partitions;  // those that the client works with
};

[[nodiscard]] std::optional<ClientStatistics> parse_statistics(std::string_view json);

}  // namespace stack::kafka
