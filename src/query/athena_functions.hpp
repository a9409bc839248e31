// Functions of Amazon Athena (Trino) that DuckDB has not, or has with another meaning, as macros: what is written for
// Athena runs in the embedded engine. docs/athena.md lists what is covered, what differs and what is not.
// They are made when a statement first names them, since making all of them takes longer than most statements.
// Thread-safety: as the connection's. Failure: as Connection::run.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "duckdb/database.hpp"

namespace stack::query {

class AthenaFunctions {
 public:
  // Those that SQL names and that CONNECTION, always the same, has not yet, into its current schema: there they come
  // before DuckDB's own of these names.
  [[nodiscard]] Result<void> provide(std::string_view sql, duckdb_embedded::Connection& connection);

  [[nodiscard]] static std::vector<std::string_view> names();

 private:
  std::set<std::string_view> made_;
};

}  // namespace stack::query
