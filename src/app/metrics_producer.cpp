#include <algorithm>

#include "app/metrics_pipeline.hpp"

namespace stack::app {
namespace {

using telemetry::Metric;
using telemetry::MetricType;

constexpr Metric kEvents{"stack_producer_events_total", MetricType::counter, "Events handed to the Kafka client"};
constexpr Metric kCommitted{"stack_producer_committed_events_total", MetricType::counter,
                            "Events in committed transactions"};
constexpr Metric kBytes{"stack_producer_bytes_total", MetricType::counter, "Bytes of the events' values"};
constexpr Metric kResumed{"stack_producer_resumed_events", MetricType::gauge,
                          "Events that were on the topic when the producer began; more than 0: it resumed"};
constexpr Metric kTransactions{"stack_producer_transactions_total", MetricType::counter,
                               "Transactions by outcome: committed or aborted"};
constexpr Metric kCommitTime{"stack_producer_transaction_commit_seconds", MetricType::histogram,
                             "Time that committing a transaction took, its last records included"};
constexpr Metric kInFlight{"stack_producer_in_flight_records", MetricType::gauge,
                           "Records handed to the Kafka client and not yet acknowledged"};
constexpr Metric kFailures{"stack_producer_delivery_failures_total", MetricType::counter,
                           "Records that the Kafka client gave up, their transactions with them"};
constexpr Metric kLastCommit{"stack_producer_last_commit_timestamp_seconds", MetricType::gauge,
                             "When a transaction was committed last, in seconds since 1970; 0: never yet"};

}  // namespace

void add_producer_metrics(const FeedProgress& progress, telemetry::Exposition& exposition) {
  const auto& kafka = progress.kafka;
  const std::uint64_t committed = progress.committed;
  const std::uint64_t resumed = progress.resumed_at;
  exposition.add(kEvents, progress.sent);
  exposition.add(kCommitted, committed - std::min(resumed, committed));
  exposition.add(kBytes, progress.bytes);
  exposition.add(kResumed, resumed);
  exposition.add(kTransactions, kafka.transactions_committed, {{"outcome", "committed"}});
  exposition.add(kTransactions, kafka.transactions_aborted, {{"outcome", "aborted"}});
  exposition.add(kCommitTime, kafka.commit_time);
  exposition.add(kInFlight, kafka.in_flight);
  exposition.add(kFailures, kafka.delivery_failures);
  exposition.add(kLastCommit, static_cast<double>(kafka.last_commit_us) / 1e6);
}

}  // namespace stack::app
