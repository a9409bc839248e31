// A catalog table as a view of DuckDB's: its files read with the catalog's types, NDJSON and Parquet side by side,
// columns that a file lacks as NULL, partition keys from the folders so that filters on them leave files unopened.
// Thread-safety: free functions. Failure: what the store fails with; a lake that is no folder is ErrorKind::usage.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/table.hpp"
#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::query {

// The files of a table by how they are read, as paths of this machine.
struct TableFiles {
  std::vector<std::string> json;        // in partitions
  std::vector<std::string> parquet;     // in partitions
  std::vector<std::string> loose_json;  // beside the partitions, or of a table without
  std::vector<std::string> loose_parquet;
};

// The files that the lake holds now, in the partitions that the catalog knows: as with Athena, a new file is seen at
// once, a new partition after the next crawl.
[[nodiscard]] Result<TableFiles> table_files(lake::ObjectStore& store, const catalog::Table& table);

// "CREATE VIEW …" for TABLE over FILES, in the schema named as the table's database.
[[nodiscard]] std::string create_view_sql(const catalog::Table& table, const TableFiles& files);

// DuckDB takes file names for patterns: the pattern that matches PATH alone.
[[nodiscard]] std::string pattern_of(std::string_view path);

}  // namespace stack::query
