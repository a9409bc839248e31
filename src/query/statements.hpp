// What may be asked: statements that only read. The text decides first (so that the error can say what is allowed),
// DuckDB's own classification of the prepared statement second.
// Thread-safety: free functions. Failure: ErrorKind::query.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "query/engine.hpp"

namespace stack::query {

inline constexpr std::string_view kAllowedStatements =
    "SELECT, WITH, FROM, VALUES, EXPLAIN, DESCRIBE, SHOW and SUMMARIZE";

struct ReadStatement {
  std::string text;       // as given, without a ';' at its end
  std::string explained;  // of EXPLAIN: the statement behind it, which EXPLAIN ANALYZE would run; else empty
};

// SQL, which must be exactly one statement of a kind that reads.
[[nodiscard]] Result<ReadStatement> read_statement(std::string_view sql, SqlDialect dialect = SqlDialect::duckdb);

// DuckDB's SQL with LITERALS, in parentheses, for its '?', or for its "?1" and "$1". Nothing where it is not certain
// which of them stands where.
[[nodiscard]] std::optional<std::string> with_literals(std::string_view sql, std::span<const std::string> literals);

// SQL with every call of the function FROM made one of TO, which is no longer: blanks keep all else in its place.
[[nodiscard]] std::string with_function(std::string_view sql, std::string_view from, std::string_view to);

[[nodiscard]] Error not_allowed(std::string_view what);

}  // namespace stack::query
