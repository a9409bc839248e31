// The schemas of Parquet files, from their footers alone: of a store elsewhere nothing else is fetched. Integers of any
// width become bigint, unsigned 64 bits and more double, timestamps of any unit timestamp; what Hive has no word for
// (blobs, times, maps) is a string. Thread-safety: a free function. Failure: of a file ErrorKind::data with its place
// when it is not Parquet; of the whole ErrorKind::interrupted when STOP is set.
#pragma once

#include <span>
#include <vector>

#include "catalog/data_file.hpp"
#include "catalog/file_schema.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "lake/object_store.hpp"

namespace stack::catalog {

// One for each of FILES, in their order. THREADS: requests at once to a store elsewhere.
[[nodiscard]] Result<std::vector<Result<FileSchema>>> read_parquet_schemas(lake::ObjectStore& store,
                                                                           std::span<const DataFile* const> files,
                                                                           unsigned threads, const StopFlag& stop);

}  // namespace stack::catalog
