// Reading many files' schemas on several threads.
// Thread-safety: a free function. Failure: of a file its own, with its name, and the others are read all the same;
// of the whole ErrorKind::interrupted when STOP is set.
#pragma once

#include <span>
#include <vector>

#include "catalog/data_file.hpp"
#include "catalog/file_schema.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "lake/object_store.hpp"

namespace stack::catalog {

// One schema for each of FILES, in their order. The calling thread is one of THREADS, which
// are more where the store is not this machine.
[[nodiscard]] Result<std::vector<Result<FileSchema>>> read_schemas(lake::ObjectStore& store,
                                                                   std::span<const DataFile* const> files,
                                                                   unsigned threads, const StopFlag& stop);

}  // namespace stack::catalog
