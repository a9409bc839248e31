// Values for the '?' of a statement that DuckDB has prepared. Thread-safety: as the statement's.
// Failure: ErrorKind::query for another number of values than the statement takes, or one that DuckDB does not.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "duckdb/database.hpp"
#include "query/parameters.hpp"

namespace stack::query {

[[nodiscard]] Result<void> bind_parameters(duckdb_embedded::PreparedStatement& statement,
                                           std::span<const Parameter> parameters);

// As literals of the types that they are bound with: for a statement that cannot be bound, as EXPLAIN of one.
[[nodiscard]] std::vector<std::string> duckdb_literals(std::span<const Parameter> parameters);

}  // namespace stack::query
