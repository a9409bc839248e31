// DuckDB's errors as one line with the place in the SQL that the user wrote.
// Thread-safety: free functions. Never fail: what they do not understand is passed on, on one line.
#pragma once

#include <string_view>

#include "core/result.hpp"

namespace stack::query {

// ERROR's message is DuckDB's, in the form of its setting errors_as_json; SQL is the statement.
[[nodiscard]] Error sql_error(const Error& error, std::string_view sql);

// The table that ERROR, in the same form, says there is not, as the SQL spells it; empty for any other error.
[[nodiscard]] std::string missing_table(const Error& error);

}  // namespace stack::query
