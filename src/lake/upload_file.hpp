// A local file's bytes into an upload.
// Thread-safety: a free function. Failure: ErrorKind::storage naming the file when it cannot be read to its end; the
// upload's own.
#pragma once

#include <filesystem>

#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

[[nodiscard]] Result<void> append_file(Upload& upload, const std::filesystem::path& path);

}  // namespace stack::lake
