// The tables of a lake that is not on this machine, for DuckDB, which reads files: before a statement runs, the objects
// that it can read from are fetched into a cache, and the views of its tables are made over them. Which those are, its
// conditions on the partition keys say (PartitionPruner).
// Thread-safety: one thread at a time. Failure: the store's and the cache's; ErrorKind::query from DuckDB.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "catalog/table.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "duckdb/database.hpp"
#include "lake/object_cache.hpp"
#include "lake/object_store.hpp"
#include "query/parameters.hpp"
#include "query/partition_pruning.hpp"
#include "query/schema_files.hpp"
#include "query/table_view.hpp"

namespace stack::query {

class FetchedTables {
 public:
  // STORE outlives this.
  [[nodiscard]] static Result<std::unique_ptr<FetchedTables>> open(lake::ObjectStore& store,
                                                                   const lake::ObjectCacheOptions& cache,
                                                                   const std::string& database,
                                                                   std::vector<catalog::Table> tables);

  // The folder that all files are in.
  [[nodiscard]] const std::filesystem::path& folder() const { return cache_->folder(); }
  // Fetches what SQL, a statement that reads and no EXPLAIN, reads from, and makes the views of its tables. Where its
  // values leave in doubt what that is, it is everything.
  [[nodiscard]] Result<void> fetch_for(const std::string& sql, std::span<const Parameter> parameters,
                                       duckdb_embedded::Connection& connection, const SchemaFiles& schemas,
                                       const StopFlag& stop);

 private:
  FetchedTables(lake::ObjectStore& store, std::unique_ptr<lake::ObjectCache> cache, PartitionPruner pruner)
      : store_(store), cache_(std::move(cache)), pruner_(std::move(pruner)) {}

  struct Known {
    catalog::Table table;
    std::optional<std::vector<FileGroup>> files;  // as listed when the table was first read
  };

  [[nodiscard]] Result<void> fetch_table(Known& known, const std::set<std::string>& partitions,
                                         duckdb_embedded::Connection& connection, const SchemaFiles& schemas,
                                         const StopFlag& stop);
  [[nodiscard]] Result<PartitionsByTable> partitions_read(const std::string& sql,
                                                          std::span<const Parameter> parameters);
  [[nodiscard]] Result<std::vector<FileGroup>> fetch_files(Known& known, const std::set<std::string>& partitions,
                                                           const StopFlag& stop);

  lake::ObjectStore& store_;
  std::unique_ptr<lake::ObjectCache> cache_;
  PartitionPruner pruner_;
  std::map<std::string, Known> tables_;
};

}  // namespace stack::query
