// Metrics of the Kafka clients, out of librdkafka's statistics. The statistics are kept as they come, twice a second
// and client, and read when somebody asks.
// Thread-safety: all members from any thread. Never fails: statistics that cannot be read are left out.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "kafka/client_observer.hpp"
#include "telemetry/exposition.hpp"

namespace stack::app {

class KafkaMetrics final : public kafka::ClientObserver {
 public:
  void see_statistics(std::string_view json) override;
  void see_error(rd_kafka_resp_err_t code) override;
  void see_silence(bool is_silent) override;

  void collect(telemetry::Exposition& exposition) const;
  // Whether some client waits for brokers that do not answer.
  [[nodiscard]] bool silent() const { return silences_ > 0; }

 private:
  std::atomic<int> silences_{0};
  mutable std::mutex mutex_;  // guards what follows
  std::string producer_;      // the latest producer's latest statistics
  std::string consumer_;      // the latest consumer's
  // Those that watchers wait for are shown before they happen.
  std::map<rd_kafka_resp_err_t, std::uint64_t> errors_{{RD_KAFKA_RESP_ERR__TRANSPORT, 0},
                                                       {RD_KAFKA_RESP_ERR__TIMED_OUT, 0},
                                                       {RD_KAFKA_RESP_ERR__RESOLVE, 0},
                                                       {RD_KAFKA_RESP_ERR__SSL, 0},
                                                       {RD_KAFKA_RESP_ERR__AUTHENTICATION, 0}};
};

}  // namespace stack::app
