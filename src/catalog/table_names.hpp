// The names that databases and tables of a catalog may have: lower-case letters, digits and '_', as Hive's, since they
// become parts of keys and of SQL. Thread-safety: free functions. Failure: ErrorKind::usage.
#pragma once

#include <string_view>

#include "core/result.hpp"

namespace stack::catalog {

[[nodiscard]] Result<void> check_database_name(std::string_view name);
// Both.
[[nodiscard]] Result<void> check_table_names(std::string_view database, std::string_view table);

}  // namespace stack::catalog
