// A result as a table for people: columns as wide as their values, numbers to the right, NULL spelled out, cut to the
// terminal. Thread-safety and failure: as print_result().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "query/print.hpp"

namespace stack::query {

[[nodiscard]] Result<std::uint64_t> print_table(ResultTable& result, const PrintOptions& options, std::FILE* file);

// The number of characters that TEXT, UTF-8, takes on a terminal.
[[nodiscard]] std::size_t display_width(std::string_view text);
// TEXT with control characters spelled out, cut to WIDTH characters, the last of them then '…'.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t width);

}  // namespace stack::query
