#include <fmt/format.h>

#include <chrono>

#include "app/metrics_pipeline.hpp"

namespace stack::app {
namespace {

using telemetry::Metric;
using telemetry::MetricType;

constexpr auto kCounter = MetricType::counter;
constexpr auto kGauge = MetricType::gauge;
constexpr auto kHistogram = MetricType::histogram;

constexpr Metric kEvents{"stack_sink_events_total", kCounter,
                         "Records taken from Kafka, again where a range is redone"};
constexpr Metric kBytes{"stack_sink_bytes_total", kCounter, "Bytes of those records' values"};
constexpr Metric kLanded{"stack_sink_landed_rows_total", kCounter, "Rows in files that are complete"};
constexpr Metric kDeadLetters{"stack_sink_dead_letters_total", kCounter,
                              "Records that could not be parsed, in dead letter files that are complete"};
constexpr Metric kFiles{"stack_sink_files_total", kCounter,
                        "Files completed, by format: ndjson, parquet, or dead_letters"};
constexpr Metric kClaims{"stack_sink_claims_total", kCounter,
                         "Claims on ranges: won, adopted (of another sink or an earlier run, finished here), or lost"};
constexpr Metric kFailures{"stack_sink_write_failures_total", kCounter, "Ranges that the store refused"};
constexpr Metric kRebalances{"stack_sink_rebalances_total", kCounter,
                             "Rebalances that brought (assigned) or took (revoked) partitions"};
constexpr Metric kRejoins{"stack_sink_rejoins_total", kCounter,
                          "New starts after the group took this sink for another"};
constexpr Metric kLag{"stack_sink_lag_records", kGauge,
                      "Offsets between the lake and the partition's end, of partitions owned"};
constexpr Metric kPartitions{"stack_sink_partitions", kGauge, "Partitions owned"};
constexpr Metric kOpen{"stack_sink_open_ranges", kGauge, "Ranges that take records"};
constexpr Metric kClosed{"stack_sink_pending_ranges", kGauge, "Closed ranges that wait for their claim and files"};
constexpr Metric kWrites{"stack_sink_pending_writes", kGauge,
                         "Blocks and closed ranges that the writing threads have to do"};
constexpr Metric kBuffered{"stack_sink_buffer_bytes", kGauge, "Bytes of buffers in use"};
constexpr Metric kBufferLimit{"stack_sink_buffer_limit_bytes", kGauge,
                              "Bytes of buffers above which consuming is held back"};
constexpr Metric kPaused{"stack_sink_paused", kGauge, "1 while the memory budget holds consuming back"};
constexpr Metric kClaimTime{"stack_sink_claim_seconds", kHistogram, "Time that putting a claim took"};
constexpr Metric kBlockTime{"stack_sink_block_write_seconds", kHistogram,
                            "Time that compressing and writing a block took"};
constexpr Metric kFileTime{"stack_sink_file_completion_seconds", kHistogram,
                           "Time that a file's last bytes, its sync and its name took"};
constexpr Metric kAge{"stack_sink_record_age_seconds", kHistogram,
                      "Age of records when they became visible in the lake, from their Kafka time"};
constexpr Metric kLastLanded{"stack_sink_last_landed_timestamp_seconds", kGauge,
                             "When a range landed last, in seconds since 1970; 0: never yet"};

constexpr std::chrono::seconds kLongPause{60};

}  // namespace

void add_sink_metrics(const lake::SinkProgress& progress, std::string_view topic, telemetry::Exposition& exposition) {
  exposition.add(kEvents, progress.events);
  exposition.add(kBytes, progress.bytes);
  exposition.add(kLanded, progress.landed);
  exposition.add(kDeadLetters, progress.dead_letters);
  exposition.add(kFiles, progress.ndjson_files, {{"format", "ndjson"}});
  exposition.add(kFiles, progress.parquet_files, {{"format", "parquet"}});
  exposition.add(kFiles, progress.dead_letter_files, {{"format", "dead_letters"}});
  exposition.add(kClaims, progress.claims, {{"outcome", "won"}});
  exposition.add(kClaims, progress.adopted, {{"outcome", "adopted"}});
  exposition.add(kClaims, progress.claims_lost, {{"outcome", "lost"}});
  exposition.add(kFailures, progress.write_failures);
  exposition.add(kRebalances, progress.assignments, {{"change", "assigned"}});
  exposition.add(kRebalances, progress.revocations, {{"change", "revoked"}});
  exposition.add(kRejoins, progress.rejoins);
  for (const auto& [partition, records] : progress.lags.read())
    exposition.add(kLag, static_cast<double>(records), {{"topic", topic}, {"partition", fmt::format("{}", partition)}});
  exposition.add(kPartitions, static_cast<double>(progress.partitions));
  exposition.add(kOpen, progress.open_ranges);
  exposition.add(kClosed, progress.closed_ranges);
  exposition.add(kWrites, progress.pending_writes);
  exposition.add(kBuffered, progress.buffered);
  exposition.add(kBufferLimit, progress.buffer_limit);
  exposition.add(kPaused, progress.paused ? 1.0 : 0.0);
  exposition.add(kClaimTime, progress.claim_time);
  exposition.add(kBlockTime, progress.block_time);
  exposition.add(kFileTime, progress.file_time);
  exposition.add(kAge, progress.record_age);
  exposition.add(kLastLanded, static_cast<double>(progress.last_landed_us) / 1e6);
}

std::string sink_trouble(const lake::SinkProgress& progress, Micros now) {
  const std::int64_t since = progress.paused_since_us;
  if (since == 0 || now - Micros{std::chrono::microseconds{since}} < kLongPause) return {};
  return fmt::format(
      "the sink has been at its memory budget for {} s: the lake takes nothing, or --memory is too small",
      (now.time_since_epoch().count() - since) / 1'000'000);
}

}  // namespace stack::app
