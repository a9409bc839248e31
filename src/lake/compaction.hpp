// Compaction: the small files of a table merged into fewer, beside running sinks and queries.
//
// A range of the chain is closed once the next claim stands, for then all its files do. Merged are only files of ranges
// closed for half an hour or more, by the store's clock: a put of a sink that was stopped in between is signed before
// its range was closed, and S3 takes no signature that is older than fifteen minutes, so nothing merged away comes
// back. In each partition and dt: a record decides what is merged (compaction_record.hpp), the merged files are put,
// and then their inputs are removed. Killed at any step, the next compaction finishes what is begun; docs/compaction.md
// tells more. STACK_CRASH_AT knows the steps before-record, after-record, after-output, amid-removal (see sink.hpp).
//
// Thread-safety: compact() blocks its thread; CompactionProgress may be read from any other. Several may run at once.
// Failure: ErrorKind::storage, ErrorKind::conflict for a chain or record that is not sound, ErrorKind::interrupted.
// Whatever the failure, readers see every row once.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

struct CompactionOptions {
  std::vector<std::string> tables;           // empty: all that sinks have written
  std::uint64_t target_size = 128ULL << 20;  // bytes, as plain NDJSON
  std::chrono::seconds closed_for = std::chrono::minutes{30};
  std::optional<std::chrono::days> expire;  // partitions that ended so long ago are removed first
  bool dry_run = false;
  std::uint64_t memory = 128ULL << 20;  // bytes that Parquet is sorted in
};

struct CompactionProgress {
  std::atomic<std::uint64_t> merged{0};  // files put
  std::atomic<std::uint64_t> inputs{0};  // files that went into them
  std::atomic<std::uint64_t> bytes{0};   // of the inputs, as stored
};

struct CompactedTable {
  std::string table;
  std::uint64_t files_before = 0;
  std::uint64_t files_after = 0;
  std::uint64_t merged = 0;    // files that were, or in a dry run would be, put
  std::uint64_t inputs = 0;    // that went into them
  std::uint64_t bytes = 0;     // of the inputs, as stored
  std::uint64_t finished = 0;  // merges that an earlier compaction had begun
  std::uint64_t expired_partitions = 0;
  std::uint64_t expired_files = 0;
  std::uint64_t waiting = 0;  // small files of ranges that are not closed, or not for long enough
};

[[nodiscard]] Result<std::vector<CompactedTable>> compact(const CompactionOptions& options, ObjectStore& store,
                                                          const StopFlag& stop, CompactionProgress& progress);

}  // namespace stack::lake
