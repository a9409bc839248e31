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
                          "Position in the feed that the producer began at; more than 0: it resumed"};
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
constexpr Metric kDueToSent{"stack_producer_due_to_sent_seconds", MetricType::histogram,
                            "Of a paced feed: from when an event was due until the Kafka client had it"};
constexpr Metric kDueToCommitted{"stack_producer_due_to_committed_seconds", MetricType::histogram,
                                 "Of a paced feed: from when an event was due until its transaction was committed"};
constexpr Metric kBehind{"stack_producer_behind_seconds", MetricType::gauge,
                         "Of a paced feed: how late the last event was when it was sent"};
constexpr Metric kTimesBehind{"stack_producer_times_behind_total", MetricType::counter,
                              "How often a paced feed was behind by more than --catch-up and gave the time up"};
constexpr Metric kLost{"stack_producer_lost_seconds_total", MetricType::counter,
                       "Time that a paced feed gave up so far"};
constexpr Metric kPaused{"stack_producer_paused", MetricType::gauge, "1 while the feed is paused by signal or control"};

}  // namespace

void add_producer_metrics(const publish::FeedProgress& progress, telemetry::Exposition& exposition) {
  const auto& kafka = progress.kafka;
  exposition.add(kEvents, progress.sent);
  exposition.add(kCommitted, progress.committed_events);
  exposition.add(kBytes, progress.bytes);
  exposition.add(kResumed, progress.resumed_at);
  exposition.add(kTransactions, kafka.transactions_committed, {{"outcome", "committed"}});
  exposition.add(kTransactions, kafka.transactions_aborted, {{"outcome", "aborted"}});
  exposition.add(kCommitTime, kafka.commit_time);
  exposition.add(kInFlight, kafka.in_flight);
  exposition.add(kFailures, kafka.delivery_failures);
  exposition.add(kLastCommit, static_cast<double>(kafka.last_commit_us) / 1e6);
  exposition.add(kDueToSent, progress.due_to_sent);
  exposition.add(kDueToCommitted, progress.due_to_visible);
  exposition.add(kBehind, static_cast<double>(progress.behind_us) / 1e6);
  exposition.add(kTimesBehind, progress.times_behind);
  exposition.add(kLost, static_cast<double>(progress.lost_us) / 1e6);
  exposition.add(kPaused, progress.state == publish::FeedState::paused ? 1.0 : 0.0);
}

}  // namespace stack::app
