// A table as the JSON of the lake catalog, and back. Thread-safety: free functions.
// Failure: ErrorKind::storage for text that is not a table's; the caller adds where it was read.
#pragma once

#include <string>
#include <string_view>

#include "catalog/table.hpp"
#include "core/result.hpp"

namespace stack::catalog {

[[nodiscard]] std::string to_json(const Table& table);
[[nodiscard]] Result<Table> table_from_json(std::string_view json);

}  // namespace stack::catalog
