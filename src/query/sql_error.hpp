// DuckDB's errors as one line with the place in the SQL that the user wrote.
// Thread-safety: a free function. Never fails: what it does not understand is passed on, on one line.
#pragma once

#include <string_view>

#include "core/result.hpp"

namespace stack::query {

// ERROR's message is DuckDB's, in the form of its setting errors_as_json; SQL is the statement.
[[nodiscard]] Error sql_error(const Error& error, std::string_view sql);

}  // namespace stack::query
