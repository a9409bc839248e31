// The sink: one Kafka topic into one table of the lake, exactly once.
//
// It works on contiguous offset ranges of one partition. A claim, created with put-if-absent, fixes a range and the
// terms it is written under; the range's files become visible only after their claim, under names made from the range;
// the next claim comes only after all of them. A sink that starts, or that loses a race, goes by the claims alone.
// docs/architecture.md tells the protocol; claim.hpp the claim.
//
// Thread-safety: run_sink blocks its thread until it is done; SinkProgress may be read, and StopFlag set, from any
// other. Several sinks may work on the same topic and table, in this process or others.
// Partitions that the topic is given while a sink runs are taken on as they are assigned.
// Failure: ErrorKind::storage (lake full, read-only, forbidden), ::unreachable (broker away past the deadline; or a
// partition's leader, see absent_leaders.hpp),
// ::conflict (the table holds another feed, the topic was made anew, records were deleted before they were taken; the
// range is named). Whatever the failure, what is in the lake stays right and a later run goes on from it.
//
// STACK_CRASH_AT=<step>[:<n>] in the environment kills the process (SIGKILL) when it comes to the step for the n-th
// time (default: the first): before-claim, after-claim, after-dead-letter-copies, before-complete, after-first-file,
// after-files, after-commit, after-adopt. It exists for tests.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"
#include "kafka/connection.hpp"
#include "lake/file_format.hpp"
#include "lake/landing.hpp"
#include "lake/object_store.hpp"
#include "lake/sink_progress.hpp"
#include "lake/topic_bounds.hpp"

namespace stack::lake {

// When an open range is closed: at whichever comes first. 0 means never for that reason.
struct Rotation {
  std::uint64_t count = 0;                // records
  std::uint64_t bytes = 128ULL << 20;     // of the records as they came from Kafka
  std::chrono::milliseconds age{30'000};  // since the range's first record was taken; idle partitions too
};

struct SinkOptions {
  std::string topic;
  std::string table = "ticks";
  FileFormat format = FileFormat::ndjson;
  Compression compression = Compression::none;
  PartitionBy partition_by = PartitionBy::month;
  Rotation rotation;
  // Stop when what the topic held at the start is in the lake (all partitions, whoever wrote them).
  bool until_end = false;
  // The part of the topic that the table is to hold; one with an end is stopped at when it is reached.
  BoundsRequest bounds;
  // Topic for copies of the dead letters; empty: none.
  std::string dlq_topic;
  // Told of each range that has landed.
  OnLanded on_landed;
  // When given: from the moment it is requested on, as until_end (the end being the topic's at that moment). This is
  // how `stack run` lets the sink finish once its producer is done.
  const StopFlag* drain = nullptr;
  // All buffers together, the consumer's included: over it partitions are paused or ranges closed early.
  std::uint64_t memory_budget = 64ULL << 20;
  // Names this sink within the group (static membership); empty: a free slot of this machine is taken.
  std::string slot;
  // Local folder for Parquet's intermediate files; empty: the lake's own _stack/tmp, or the system's for S3.
  std::filesystem::path scratch;
  // The feed this table is expected to hold; empty: the one that the records' header names.
  std::string expected_feed;
};

struct SinkSummary {
  std::uint64_t events = 0;  // as SinkProgress
  std::uint64_t bytes = 0;
  std::uint64_t landed = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t files = 0;
  std::uint64_t claims = 0;
  std::uint64_t adopted = 0;
  std::uint64_t rebalances = 0;
  bool has_end = false;      // until_end was asked for, or bounds with an end
  bool reached_end = false;  // and it was come to (false: stopped before)
  std::chrono::duration<double> seconds{0};
};

// The consumer group of a topic, lake and table: the same for the same three, another for another.
[[nodiscard]] std::string consumer_group(std::string_view topic, std::string_view lake_uri, std::string_view table);

[[nodiscard]] Result<SinkSummary> run_sink(const SinkOptions& options, const kafka::Connection& connection,
                                           ObjectStore& store, const Clock& clock, const StopFlag& stop,
                                           SinkProgress& progress);

}  // namespace stack::lake
