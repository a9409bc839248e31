// The footer of a Parquet object without the object: what says its schema lies at its end.
// (https://parquet.apache.org/docs/file-format/)
// Thread-safety: a free function. Failure: the store's; ErrorKind::storage for a file that cannot be written.
#pragma once

#include <filesystem>

#include "catalog/data_file.hpp"
#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::catalog {

// Makes the file PATH, as long as FILE, with FILE's footer at its end and nothing before it. Of what is no Parquet its
// last bytes.
[[nodiscard]] Result<void> fetch_footer(lake::ObjectStore& store, const DataFile& file,
                                        const std::filesystem::path& path);

}  // namespace stack::catalog
