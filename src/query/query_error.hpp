// DuckDB's errors in one line, with the position in the user's own SQL.
// Thread-safety: a free function. Never fails.
#pragma once

#include <string_view>

#include "core/result.hpp"

namespace stack::query {

// ERROR as DuckDB gives it under errors_as_json, for SQL: "SQL, line 2, column 14: Table with name tick does not
// exist; did you mean \"ticks\"?". Errors that are not about SQL keep their kind.
[[nodiscard]] Error readable(Error error, std::string_view sql);

}  // namespace stack::query
