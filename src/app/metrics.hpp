// What --metrics serves: GET /metrics for Prometheus, GET /healthz for who restarts what does not work (200, or 503
// with the reasons). Without the option nothing listens and nothing is collected.
// Figures are taken from the stages' own progress when they are asked for. docs/metrics.md lists them.
// Thread-safety: add and watched from any thread. Declared behind what its collectors look at and before the Kafka
// clients that it watches, so that it ends in between. Failure: ErrorKind::usage, naming option and value.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/listening.hpp"
#include "app/metrics_kafka.hpp"
#include "app/progress.hpp"
#include "app/settings.hpp"
#include "core/result.hpp"
#include "kafka/connection.hpp"
#include "telemetry/registry.hpp"

namespace stack::app {

class Metrics {
 public:
  // Why something does not work; empty: it does.
  using Check = std::function<std::string()>;

  [[nodiscard]] static Result<std::unique_ptr<Metrics>> open(const Settings& settings, Progress& progress);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void add(telemetry::Collector collector) { registry_.add(std::move(collector)); }
  void add_check(Check check);
  // CONNECTION, its clients watched.
  [[nodiscard]] kafka::Connection watched(kafka::Connection connection);

 private:
  Metrics() = default;
  [[nodiscard]] http::Response answer(const http::Request& request) const;
  [[nodiscard]] http::Response health() const;

  telemetry::Registry registry_;
  KafkaMetrics kafka_;
  mutable std::mutex mutex_;
  std::vector<Check> checks_;                 // guarded by mutex_
  std::unique_ptr<http::Listener> listener_;  // ends first
};

}  // namespace stack::app
