// Parquet files without rows, one a table, that have the catalog's columns with the catalog's types. Read beside a
// table's own files, where these differ, they make DuckDB's union by name find the catalog's type for each column: left
// to itself it joins otherwise than the catalog (boolean and bigint to bigint, date and timestamp to timestamp), and
// values come out changed, or not at all.
// Thread-safety: one thread. Failure: ErrorKind::storage when the folder cannot be written.
#pragma once

#include <filesystem>
#include <string>

#include "catalog/table.hpp"
#include "core/result.hpp"
#include "duckdb/database.hpp"
#include "query/table_view.hpp"

namespace stack::query {

class SchemaFiles {
 public:
  // FOLDER is made when it is needed, and removed with what is in it in the end.
  explicit SchemaFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  SchemaFiles(SchemaFiles&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
  SchemaFiles& operator=(SchemaFiles&&) = delete;
  ~SchemaFiles();

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  // Puts such a file before those of GROUP, if TABLE's Parquet files differ.
  [[nodiscard]] Result<void> lead(duckdb_embedded::Connection& connection, const catalog::Table& table,
                                  FileGroup& group) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace stack::query
