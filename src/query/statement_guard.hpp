// What SQL may do here: read. Decided by the statement's words before DuckDB sees it, on top of DuckDB's own lock.
// Thread-safety: free functions. Failure: ErrorKind::query that says what is allowed.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace stack::query {

// One read-only statement: SELECT, WITH, FROM, VALUES, TABLE, PIVOT, DESCRIBE, SHOW, SUMMARIZE, or EXPLAIN [ANALYZE] of
// such a one; none of DuckDB's functions that change the engine's state or run SQL from text.
[[nodiscard]] Result<void> check_read_only(std::string_view sql);

// The statement that EXPLAIN [ANALYZE] [(…)] explains, or SQL itself.
[[nodiscard]] std::string_view explained(std::string_view sql);

}  // namespace stack::query
