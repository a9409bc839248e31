// The lines of an object of JSON lines, plain, gzip or zstd, read in pieces: memory stays at a few megabytes whatever
// the object's size.
// Thread-safety: free function. Failure: ErrorKind::storage for what cannot be read or decompressed, naming the object.
#pragma once

#include <functional>
#include <string_view>

#include "core/result.hpp"
#include "lake/file_format.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

// Calls SEE with every line, its line break cut off. A last line without one counts too.
[[nodiscard]] Result<void> for_each_line(ObjectStore& store, std::string_view key, Compression compression,
                                         const std::function<void(std::string_view)>& see);

}  // namespace stack::lake
