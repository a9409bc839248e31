// A catalog table as a view of DuckDB's: its files read with the catalog's types, NDJSON and Parquet side by side,
// columns that a file lacks as NULL, partition keys from the folders so that filters on them leave files unopened.
// Thread-safety: free functions. Failure: what the store fails with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/data_file.hpp"
#include "catalog/table.hpp"
#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::query {

// Files of a table that are read in one go.
struct FileGroup {
  catalog::TableFormat format = catalog::TableFormat::ndjson;
  std::vector<std::string> partition_keys;  // as their folders spell them; none beside the partitions
  std::vector<catalog::DataFile> files;
  std::vector<std::string> paths;  // the files on this machine
};

// The files that the lake holds now, in the partitions that the catalog knows: as with Athena, a new file is seen at
// once, a new partition after the next crawl. Those that the last crawl could not read are left out. Their paths are
// for the caller to fill in.
[[nodiscard]] Result<std::vector<FileGroup>> table_files(lake::ObjectStore& store, const catalog::Table& table);

// "CREATE OR REPLACE VIEW …" for TABLE over GROUPS, in the schema named as the table's database.
[[nodiscard]] std::string create_view_sql(const catalog::Table& table, const std::vector<FileGroup>& groups);

// DuckDB takes file names for patterns: the pattern that matches PATH alone.
[[nodiscard]] std::string pattern_of(std::string_view path);

}  // namespace stack::query
