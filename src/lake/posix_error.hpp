// What a failed system call on a path of the lake means to its user: the path, the reason, the next step.
// Thread-safety: a free function.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/result.hpp"

namespace stack::lake {

// ErrorKind::storage for errno ERROR_NUMBER after trying to DOING ("write", "read", …) PATH.
[[nodiscard]] std::unexpected<Error> storage_error(std::string_view doing, const std::filesystem::path& path,
                                                   int error_number);

// The same of a copy of an object in this machine's cache.
[[nodiscard]] std::unexpected<Error> cache_error(std::string_view doing, const std::filesystem::path& path,
                                                 int error_number);

}  // namespace stack::lake
