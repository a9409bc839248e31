// SQL over the lake through embedded DuckDB: in memory, one view a catalog table, `ticks` and `stack.ticks` alike.
// Filters on a partition key (dt) leave files of other partitions unopened. Locked down: nothing outside the lake can
// be read, nothing at all written, no extension loaded, no setting changed; SELECT, WITH, FROM, VALUES, EXPLAIN,
// DESCRIBE, SHOW and SUMMARIZE are what is allowed.
// Of a lake that is not a folder, the objects that a statement can read from are fetched into a cache first, and the
// cache's copies of that lake are what can be read.
// The views hold the files there were when the engine was opened, in the partitions that the catalog knows. A table
// that cannot be shown, such as one with a damaged file, is an error of the queries that name it, and of no others.
// Thread-safety and failure: as QueryEngine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.hpp"
#include "core/stop_flag.hpp"
#include "lake/object_cache.hpp"
#include "lake/object_store.hpp"
#include "query/engine.hpp"

namespace stack::query {

struct DuckdbEngineOptions {
  std::string database{catalog::kDefaultDatabase};
  unsigned threads = 0;                                // 0: one a core
  std::uint64_t memory_bytes = 0;                      // 0: DuckDB's default, most of the machine
  std::optional<lake::ObjectCacheOptions> cache = {};  // for a lake that is not a folder
};

class DuckdbEngine final : public QueryEngine {
 public:
  // STORE, the lake, must be a folder if OPTIONS name no cache: ErrorKind::usage otherwise. STOP, which ends a running
  // query, must outlive the engine.
  [[nodiscard]] static Result<std::unique_ptr<DuckdbEngine>> open(catalog::Catalog& catalog, lake::ObjectStore& store,
                                                                  const DuckdbEngineOptions& options,
                                                                  const StopFlag& stop);
  ~DuckdbEngine() override;

  [[nodiscard]] std::string description() const override;
  // What the answer to SQL will lack: files of the tables it names that the last crawl could not read. One line each.
  [[nodiscard]] std::vector<std::string> caveats(std::string_view sql) const;

 private:
  struct State;
  [[nodiscard]] Result<std::unique_ptr<ResultTable>> answer(std::string_view sql,
                                                            std::span<const Parameter> parameters) override;
  explicit DuckdbEngine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace stack::query
