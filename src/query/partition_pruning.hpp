// Which partitions of which tables a statement can read from, found before any file is there: DuckDB plans the
// statement over empty tables, one a partition, and leaves out those whose dt the conditions exclude. Only rules of its
// optimizer that hold whatever the tables' rows are used, so what is left out cannot matter to the answer.
// Thread-safety: one thread at a time. Failure: as duckdb_embedded::Connection.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/table.hpp"
#include "core/result.hpp"
#include "duckdb/database.hpp"
#include "query/athena_functions.hpp"

namespace stack::query {

// Partition paths by table; the empty path stands for files in no partition.
using PartitionsByTable = std::map<std::string, std::set<std::string>>;

class PartitionPruner {
 public:
  [[nodiscard]] static Result<PartitionPruner> open(const std::string& database,
                                                    const std::vector<catalog::Table>& tables);

  // SQL is a statement that reads, and no EXPLAIN.
  [[nodiscard]] Result<PartitionsByTable> partitions_read(const std::string& sql);
  [[nodiscard]] PartitionsByTable all_partitions() const;

 private:
  PartitionPruner(duckdb_embedded::Database database, duckdb_embedded::Connection connection)
      : database_(std::move(database)), connection_(std::move(connection)) {}

  struct Branch {
    std::string table;
    std::string partition;
  };

  [[nodiscard]] Result<void> add(const catalog::Table& table);
  [[nodiscard]] std::string branch_sql(const catalog::Table& table, const catalog::Partition* partition,
                                       std::string& made);

  duckdb_embedded::Database database_;
  duckdb_embedded::Connection connection_;
  AthenaFunctions functions_;
  std::vector<Branch> branches_;  // by the number in their tables' names
};

}  // namespace stack::query
