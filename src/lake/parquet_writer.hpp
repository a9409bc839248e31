// Turns a local file of JSON lines into a Parquet file with given columns: zstd inside, sorted by symbol, event_time
// and seq where those columns are, so that a reader skips row groups. A file of ticks is read by TickRows and written
// by write_tick_parquet(); DuckDB, which takes anything, costs more time and memory and is begun only when it is
// needed. Thread-safety: one writer per thread. Failure: ErrorKind::storage with the path.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "duckdb/database.hpp"
#include "lake/column.hpp"
#include "lake/file_format.hpp"

namespace stack::lake {

class ParquetWriter {
 public:
  // Sorting beyond MEMORY_LIMIT bytes goes to files in SCRATCH.
  ParquetWriter(std::filesystem::path scratch, std::uint64_t memory_limit)
      : scratch_(std::move(scratch)), memory_limit_(memory_limit) {}

  struct JsonLines {
    std::filesystem::path path;
    std::size_t longest = 0;  // bytes of a line
    std::uint64_t rows = 0;
    bool all_ticks = false;  // each in exactly the event contract's form
  };
  [[nodiscard]] Result<void> convert(const JsonLines& lines, const std::vector<Column>& columns,
                                     Compression compression, const std::filesystem::path& parquet);

 private:
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> allow_for(std::size_t columns);
  [[nodiscard]] Result<void> copy(const std::string& rows, Compression compression,
                                  const std::filesystem::path& parquet);

  std::filesystem::path scratch_;
  std::uint64_t memory_limit_;
  std::uint64_t extra_memory_ = 0;  // allowed at present, beyond memory_limit_
  std::optional<duckdb_embedded::Database> database_;
  std::optional<duckdb_embedded::Connection> connection_;
};

// Hive's type by DuckDB's name: BIGINT, DOUBLE, VARCHAR, …
[[nodiscard]] std::string_view duckdb_name(ColumnType type);

}  // namespace stack::lake
