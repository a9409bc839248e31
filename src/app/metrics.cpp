#include "app/metrics.hpp"

#include <fmt/format.h>

#include "telemetry/process_metrics.hpp"

namespace stack::app {
namespace {

using telemetry::Metric;
using telemetry::MetricType;

constexpr Metric kBuild{"stack_build_info", MetricType::gauge, "Always 1; version and command are its labels"};

constexpr std::string_view kIndex = "stack: metrics for Prometheus at /metrics, health at /healthz\n";

}  // namespace

Result<std::unique_ptr<Metrics>> Metrics::open(const Settings& settings, Progress& progress) {
  std::unique_ptr<Metrics> metrics{new Metrics};
  metrics->add([command = settings.command()](telemetry::Exposition& exposition) {
    exposition.add(kBuild, 1.0, {{"version", STACK_VERSION}, {"command", command}});
    telemetry::add_process_metrics(exposition);
  });
  STACK_TRY_ASSIGN(listener,
                   open_listener(settings, "metrics", progress,
                                 [served = metrics.get()](const auto& request) { return served->answer(request); }));
  metrics->listener_ = std::move(listener);
  return metrics;
}

void Metrics::add_check(Check check) {
  const std::lock_guard lock{mutex_};
  checks_.push_back(std::move(check));
}

kafka::Connection Metrics::watched(kafka::Connection connection) {
  if (!listener_) return connection;
  connection.observer = &kafka_;
  registry_.add([this](telemetry::Exposition& exposition) { kafka_.collect(exposition); });
  add_check([this, servers = connection.bootstrap_servers] {
    return kafka_.silent() ? fmt::format("no Kafka broker answers at {}", servers) : std::string{};
  });
  return connection;
}

http::Response Metrics::answer(const http::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD")
    return {.status = 405, .body = "only GET and HEAD are answered here\n"};
  if (request.path() == "/metrics")
    return {.status = 200, .content_type = std::string{telemetry::kContentType}, .body = registry_.scrape()};
  if (request.path() == "/healthz") return health();
  if (request.path() == "/") return {.body = std::string{kIndex}};
  return {.status = 404, .body = std::string{kIndex}};
}

http::Response Metrics::health() const {
  std::string reasons;
  const std::lock_guard lock{mutex_};
  for (const auto& check : checks_) {
    if (const auto reason = check(); !reason.empty()) reasons += reason + "\n";
  }
  return reasons.empty() ? http::Response{.body = "ok\n"} : http::Response{.status = 503, .body = reasons};
}

}  // namespace stack::app
