// Which small files of one partition and dt are to be merged. Pure: no store, no clock.
// Thread-safety: values and free functions. Never fails.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lake/column.hpp"
#include "lake/compaction_record.hpp"
#include "lake/file_format.hpp"

namespace stack::lake {

// A file that readers go by.
struct MergeCandidate {
  std::string key;
  std::int64_t first = 0;
  std::int64_t end = 0;    // exclusive: of its last range
  std::uint64_t size = 0;  // bytes as stored
  std::uint64_t rows = 0;  // by the claims
  FileFormat format = FileFormat::ndjson;
  Compression compression = Compression::none;
  std::vector<Column> columns;  // of typed files
  bool settled = false;         // closed for long enough that no late put can touch it
};

// What SIZE stored bytes would be as plain NDJSON, roughly: lines of ticks shrink to an eighth by gzip or zstd and to a
// twelfth as Parquet.
[[nodiscard]] std::uint64_t plain_size(std::uint64_t size, FileFormat format, Compression compression);

// FILES in the order of their offsets. Neighbours are merged that are settled, smaller than TARGET plain bytes, and of
// one form; together they have at most about TARGET. A record has merges of one form: those of the first that has any.
[[nodiscard]] CompactionRecord plan_merges(const Lane& lane, std::string_view dt, std::span<const MergeCandidate> files,
                                           std::uint64_t target);

}  // namespace stack::lake
