#include "query/schema_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <system_error>
#include <vector>

#include "catalog/hive_type.hpp"

namespace stack::query {

namespace db = duckdb_embedded;

SchemaFiles::~SchemaFiles() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Result<void> SchemaFiles::lead(db::Connection& connection, const catalog::Table& table, FileGroup& group) const {
  if (group.format != catalog::TableFormat::parquet || table.uniform_parquet) return {};
  std::vector<std::string> columns;
  for (const catalog::Column& column : table.columns) {
    if (column.in_parquet)
      columns.push_back(fmt::format("NULL::{} AS {}", duckdb_name(column.type), db::quote_identifier(column.name)));
  }
  if (columns.empty()) return {};
  // Files that are read together have to have the same partition keys.
  std::filesystem::path path = folder_ / table.name;
  for (const std::string& key : group.partition_keys) path /= key + "=0";
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(ErrorKind::storage, fmt::format("cannot make {}: {}", path.native(), error.message()));
  path /= "schema.parquet";
  STACK_TRY(connection.run(fmt::format("COPY (SELECT {} LIMIT 0) TO {} (FORMAT parquet)", fmt::join(columns, ", "),
                                       db::quote_literal(path.native()))));
  group.paths.insert(group.paths.begin(), path.native());
  return {};
}

}  // namespace stack::query
