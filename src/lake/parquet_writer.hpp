// Turns a local file of JSON lines into a Parquet file with given columns: zstd inside, sorted by symbol, event_time
// and seq where those columns are, so that a reader skips row groups.
// Thread-safety: one writer per thread. Failure: ErrorKind::storage with the path.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "core/result.hpp"
#include "duckdb/database.hpp"
#include "lake/column.hpp"

namespace stack::lake {

class ParquetWriter {
 public:
  // Sorting beyond MEMORY_LIMIT bytes goes to files in SCRATCH.
  ParquetWriter(std::filesystem::path scratch, std::uint64_t memory_limit)
      : scratch_(std::move(scratch)), memory_limit_(memory_limit) {}

  // LONGEST_LINE is that of the JSON lines, in bytes.
  [[nodiscard]] Result<void> convert(const std::filesystem::path& json_lines, std::size_t longest_line,
                                     const std::vector<Column>& columns, const std::filesystem::path& parquet);

 private:
  [[nodiscard]] Result<void> open();

  std::filesystem::path scratch_;
  std::uint64_t memory_limit_;
  std::optional<duckdb_embedded::Database> database_;
  std::optional<duckdb_embedded::Connection> connection_;
};

// Hive's type by DuckDB's name: BIGINT, DOUBLE, VARCHAR, …
[[nodiscard]] std::string_view duckdb_name(ColumnType type);

}  // namespace stack::lake
