// Writes ticks as a Parquet file: sorted by symbol, event_time and seq, in row groups of 131,072 rows with least and
// greatest values, symbols and dates by dictionary, a symbol's Bloom filter, whole numbers and times as differences.
// One row group is about 6 MB of values: a symbol's rows are in few of them, and only one column of one group is in
// memory at a time beside the rows. DuckDB's writer, which takes any columns, costs more time and more memory.
// Thread-safety: any thread. Failure: ErrorKind::storage with the path.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/result.hpp"
#include "lake/file_format.hpp"
#include "lake/tick_rows.hpp"

namespace stack::lake {

// Makes FILE, which must not exist or is replaced. Its columns are tick_columns() or, quoted, quoted_tick_columns().
[[nodiscard]] Result<void> write_tick_parquet(const TickRows& ticks, Compression compression,
                                              const std::filesystem::path& file);

}  // namespace stack::lake
