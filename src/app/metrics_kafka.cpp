#include "app/metrics_kafka.hpp"

#include <fmt/format.h>

#include "kafka/client_statistics.hpp"

namespace stack::app {
namespace {

using telemetry::Exposition;
using telemetry::Metric;
using telemetry::MetricType;

constexpr auto kCounter = MetricType::counter;
constexpr auto kGauge = MetricType::gauge;

constexpr Metric kAnswers{"stack_kafka_up", kGauge, "1 while brokers answer, 0 once none has for some seconds"};
constexpr Metric kErrors{"stack_kafka_client_errors_total", kCounter,
                         "Errors that librdkafka told of, by its name for them; most mend themselves"};
constexpr Metric kTime{"stack_kafka_client_statistics_timestamp_seconds", kGauge,
                       "When the client's figures were taken, in seconds since 1970"};
constexpr Metric kOperations{"stack_kafka_client_reply_queue_operations", kGauge,
                             "Replies and callbacks that wait for the program"};
constexpr Metric kQueued{"stack_kafka_client_queue_records", kGauge, "Records in the client's send queues"};
constexpr Metric kQueuedBytes{"stack_kafka_client_queue_bytes", kGauge, "Bytes of the records in its send queues"};
constexpr Metric kBytesSent{"stack_kafka_client_sent_bytes_total", kCounter, "Bytes sent to brokers"};
constexpr Metric kBytesReceived{"stack_kafka_client_received_bytes_total", kCounter, "Bytes received from brokers"};
constexpr Metric kRecordsSent{"stack_kafka_client_sent_records_total", kCounter, "Records sent to brokers"};
constexpr Metric kRecordsReceived{"stack_kafka_client_received_records_total", kCounter,
                                  "Records received from brokers"};
constexpr Metric kRebalances{"stack_kafka_client_rebalances_total", kCounter,
                             "Rebalances of the client's group since it joined"};

constexpr Metric kBrokerUp{"stack_kafka_broker_up", kGauge, "1 while the client has a connection to the broker"};
constexpr Metric kRequests{"stack_kafka_broker_requests_total", kCounter, "Requests sent"};
constexpr Metric kRequestErrors{"stack_kafka_broker_request_errors_total", kCounter, "Requests that could not be sent"};
constexpr Metric kRequestRetries{"stack_kafka_broker_request_retries_total", kCounter, "Requests sent again"};
constexpr Metric kRequestTimeouts{"stack_kafka_broker_request_timeouts_total", kCounter,
                                  "Requests that were not answered in time"};
constexpr Metric kConnects{"stack_kafka_broker_connects_total", kCounter, "Attempts to connect"};
constexpr Metric kDisconnects{"stack_kafka_broker_disconnects_total", kCounter, "Connections lost"};
constexpr Metric kRequestsQueued{"stack_kafka_broker_queued_requests", kGauge, "Requests that wait to be sent"};
constexpr Metric kRequestsWaiting{"stack_kafka_broker_waiting_requests", kGauge, "Requests that wait for an answer"};
constexpr Metric kRoundTrip{"stack_kafka_broker_round_trip_average_seconds", kGauge,
                            "Mean time from request to answer in the last half second"};
constexpr Metric kRoundTripTail{"stack_kafka_broker_round_trip_p99_seconds", kGauge,
                                "99th percentile of the time from request to answer in the last half second"};
constexpr Metric kThrottle{"stack_kafka_broker_throttle_average_seconds", kGauge,
                           "Mean time that the broker made the client wait (quotas) in the last half second"};

constexpr Metric kPartitionQueued{"stack_kafka_partition_queue_records", kGauge, "Records that wait to be sent"};
constexpr Metric kPartitionSent{"stack_kafka_partition_sent_records_total", kCounter, "Records sent"};
constexpr Metric kPartitionFetched{"stack_kafka_partition_fetch_queue_records", kGauge, "Records fetched ahead"};
constexpr Metric kPartitionReceived{"stack_kafka_partition_received_records_total", kCounter, "Records received"};
constexpr Metric kPartitionLag{"stack_kafka_partition_consumer_lag_records", kGauge,
                               "Records between what the group was told and the partition's end"};

double seconds(std::int64_t micros) { return static_cast<double>(micros) / 1e6; }

void add_client(const kafka::ClientStatistics& client, Exposition& out) {
  const telemetry::Label label{"client", client.type};
  out.add(kTime, client.time, {label});
  out.add(kOperations, static_cast<double>(client.queued_ops), {label});
  out.add(kBytesSent, client.bytes_sent, {label});
  out.add(kBytesReceived, client.bytes_received, {label});
  if (client.type == "producer") {
    out.add(kQueued, static_cast<double>(client.queued), {label});
    out.add(kQueuedBytes, static_cast<double>(client.queued_bytes), {label});
    out.add(kRecordsSent, client.records_sent, {label});
  } else {
    out.add(kRecordsReceived, client.records_received, {label});
    out.add(kRebalances, client.rebalances, {label});
  }
}

void add_broker(const kafka::BrokerStatistics& broker, std::string_view client, Exposition& out) {
  const telemetry::Label by_client{"client", client};
  const telemetry::Label by_broker{"broker", broker.name};
  const auto add = [&](const Metric& metric, auto value) { out.add(metric, value, {by_client, by_broker}); };
  add(kBrokerUp, broker.up ? 1.0 : 0.0);
  add(kRequests, broker.requests_sent);
  add(kRequestErrors, broker.request_errors);
  add(kRequestRetries, broker.request_retries);
  add(kRequestTimeouts, broker.request_timeouts);
  add(kConnects, broker.connects);
  add(kDisconnects, broker.disconnects);
  add(kRequestsQueued, static_cast<double>(broker.requests_queued));
  add(kRequestsWaiting, static_cast<double>(broker.requests_waiting));
  add(kRoundTrip, seconds(broker.round_trip_average_us));
  add(kRoundTripTail, seconds(broker.round_trip_p99_us));
  add(kThrottle, seconds(broker.throttle_average_us));
}

void add_partition(const kafka::PartitionStatistics& partition, bool producer, Exposition& out) {
  const auto number = fmt::format("{}", partition.partition);
  const telemetry::Label topic{"topic", partition.topic};
  const telemetry::Label id{"partition", number};
  const auto add = [&](const Metric& metric, auto value) { out.add(metric, value, {topic, id}); };
  if (producer) {
    add(kPartitionQueued, static_cast<double>(partition.queued));
    add(kPartitionSent, partition.sent);
    return;
  }
  add(kPartitionFetched, static_cast<double>(partition.fetched));
  add(kPartitionReceived, partition.received);
  if (partition.lag >= 0) add(kPartitionLag, static_cast<double>(partition.lag));
}

void add_statistics(const std::string& json, Exposition& out) {
  const auto client = kafka::parse_statistics(json);
  if (!client) return;
  add_client(*client, out);
  for (const auto& broker : client->brokers) add_broker(broker, client->type, out);
  for (const auto& partition : client->partitions) add_partition(partition, client->type == "producer", out);
}

}  // namespace

void KafkaMetrics::see_statistics(std::string_view json) {
  // The type stands near the beginning, behind the client's name and id.
  const bool producer = json.substr(0, 256).find("\"producer\"") != std::string_view::npos;
  const std::lock_guard lock{mutex_};
  (producer ? producer_ : consumer_).assign(json);
}

void KafkaMetrics::see_error(rd_kafka_resp_err_t code) {
  const std::lock_guard lock{mutex_};
  ++errors_[code];
}

void KafkaMetrics::see_silence(bool is_silent) { silences_ += is_silent ? 1 : -1; }

void KafkaMetrics::collect(Exposition& exposition) const {
  std::unique_lock lock{mutex_};
  const auto producer = producer_;
  const auto consumer = consumer_;
  const auto errors = errors_;
  lock.unlock();
  exposition.add(kAnswers, silent() ? 0.0 : 1.0);
  for (const auto& [code, times] : errors) exposition.add(kErrors, times, {{"code", rd_kafka_err2name(code)}});
  if (!producer.empty()) add_statistics(producer, exposition);
  if (!consumer.empty()) add_statistics(consumer, exposition);
}

}  // namespace stack::app
