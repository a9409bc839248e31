#include "catalog/parquet_schema.hpp"

#include <fmt/format.h>

#include <map>
#include <memory>

#include "catalog/parquet_footer.hpp"
#include "core/parallel.hpp"
#include "duckdb/database.hpp"
#include "lake/scratch_folder.hpp"

namespace stack::catalog {
namespace {

using duckdb_embedded::Connection;
using duckdb_embedded::Database;
using duckdb_embedded::quote_literal;

using duckdb_embedded::LogicalType;

Type hive_type(duckdb_logical_type type);

Type struct_type(duckdb_logical_type type) {
  std::vector<Field> members;
  for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
    const std::unique_ptr<char, decltype(&duckdb_free)> name(duckdb_struct_type_child_name(type, i), duckdb_free);
    const LogicalType child(duckdb_struct_type_child_type(type, i));
    members.push_back({name.get(), hive_type(child.get())});
  }
  return struct_of(std::move(members));
}

Type hive_type(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN:
      return TypeKind::boolean;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
      return TypeKind::bigint;
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
      return TypeKind::real;
    case DUCKDB_TYPE_DECIMAL:
      return decimal_type(duckdb_decimal_width(type), duckdb_decimal_scale(type));
    case DUCKDB_TYPE_DATE:
      return TypeKind::date;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return TypeKind::timestamp;
    case DUCKDB_TYPE_LIST: {
      const LogicalType child(duckdb_list_type_child_type(type));
      return array_of(hive_type(child.get()));
    }
    case DUCKDB_TYPE_STRUCT:
      return struct_type(type);
    default:
      return TypeKind::string;
  }
}

Result<Schema> schema_of(Connection& connection, const std::string& path) {
  STACK_TRY_ASSIGN(
      result, connection.query(
                  fmt::format("SELECT * FROM read_parquet({}, hive_partitioning=false) LIMIT 0", quote_literal(path))));
  Schema schema;
  for (std::size_t i = 0; i < result.column_count(); ++i) {
    const LogicalType type = result.logical_type(i);
    schema.push_back({result.column_name(i), hive_type(type.get())});
  }
  return schema;
}

// What tells one schema from another without describing each file.
struct Footer {
  std::uint64_t rows = 0;
  std::string fingerprint;
};

Result<std::map<std::string, Footer>> read_footers(Connection& connection, const std::string& list) {
  std::map<std::string, Footer> footers;
  STACK_TRY_ASSIGN(counts, connection.query(fmt::format(
                               "SELECT file_name, CAST(num_rows AS BIGINT) FROM parquet_file_metadata({})", list)));
  while (true) {
    STACK_TRY_ASSIGN(chunk, counts.next());
    if (!chunk) break;
    for (std::size_t row = 0; row < chunk->rows(); ++row)
      footers[std::string(chunk->text(0, row))].rows = static_cast<std::uint64_t>(chunk->values<std::int64_t>(1)[row]);
  }
  STACK_TRY_ASSIGN(elements, connection.query(fmt::format(
                                 "SELECT file_name, concat_ws('|', name, type, repetition_type, num_children, "
                                 "converted_type, scale, precision, logical_type) FROM parquet_schema({})",
                                 list)));
  while (true) {
    STACK_TRY_ASSIGN(chunk, elements.next());
    if (!chunk) break;
    for (std::size_t row = 0; row < chunk->rows(); ++row)
      footers[std::string(chunk->text(0, row))].fingerprint.append(chunk->text(1, row)).push_back('\n');
  }
  return footers;
}

// Files a statement: their footers are in memory at once.
constexpr std::size_t kFilesAtOnce = 512;

std::string list_of(std::span<const std::string> paths) {
  std::string out = "[";
  for (const std::string& path : paths) out += (out.size() > 1 ? "," : "") + quote_literal(path);
  return out + ']';
}

Error not_readable(const Error& error) { return {ErrorKind::data, error.message.substr(0, error.message.find('\n'))}; }

// Reads files and knows the schemas it has seen before.
class SchemaReader {
 public:
  explicit SchemaReader(Connection& connection) : connection_(connection) {}

  // One schema for each of PATHS into SCHEMAS. One damaged file fails the statement for all, so it is looked for by
  // halves.
  void read(std::span<const std::string> paths, std::vector<Result<FileSchema>>& schemas) {
    auto footers = read_footers(connection_, list_of(paths));
    if (footers) {
      for (const std::string& path : paths) schemas.push_back(schema(path, (*footers)[path]));
    } else if (paths.size() == 1) {
      schemas.emplace_back(std::unexpected(not_readable(footers.error())));
    } else {
      read(paths.first(paths.size() / 2), schemas);
      read(paths.subspan(paths.size() / 2), schemas);
    }
  }

 private:
  Result<FileSchema> schema(const std::string& path, const Footer& footer) {
    auto entry = known_.find(footer.fingerprint);
    if (entry == known_.end()) {
      auto described = schema_of(connection_, path);
      if (!described) return std::unexpected(not_readable(described.error()));
      entry = known_.emplace(footer.fingerprint, *std::move(described)).first;
    }
    FileSchema out;
    out.columns = entry->second;
    out.rows = footer.rows;
    return out;
  }

  Connection& connection_;
  std::map<std::string, Schema> known_;  // by fingerprint
};

Error renamed(Error error, const std::string& path, const std::string& place) {
  const std::size_t at = error.message.find(path);
  if (at == std::string::npos) return std::move(error).within(place);
  error.message.replace(at, path.size(), place);
  return error;
}

std::string place_of(const lake::ObjectStore& store, const DataFile& file) { return store.uri() + "/" + file.key; }

Result<std::vector<Result<FileSchema>>> read_files(std::span<const std::string> paths, const StopFlag& stop) {
  std::vector<Result<FileSchema>> schemas;
  STACK_TRY_ASSIGN(database, Database::open({"", {{"threads", "1"}}}));
  STACK_TRY_ASSIGN(connection, database.connect());
  SchemaReader reader(connection);
  for (std::size_t at = 0; at < paths.size(); at += kFilesAtOnce) {
    if (stop.requested()) return fail(ErrorKind::interrupted, "crawl: interrupted");
    reader.read(paths.subspan(at, std::min(kFilesAtOnce, paths.size() - at)), schemas);
  }
  return schemas;
}

// Of objects elsewhere: files of their sizes that have the footers and are empty otherwise.
Result<std::vector<Result<FileSchema>>> read_footers_of_objects(lake::ObjectStore& store,
                                                                std::span<const DataFile* const> files,
                                                                unsigned threads, const StopFlag& stop) {
  std::error_code error;
  const auto temporary = std::filesystem::temp_directory_path(error);
  STACK_TRY_ASSIGN(scratch, lake::ScratchFolder::make(error ? "/tmp" : temporary));
  std::vector<Result<FileSchema>> schemas;
  for (std::size_t at = 0; at < files.size(); at += kFilesAtOnce) {
    if (stop.requested()) return fail(ErrorKind::interrupted, "crawl: interrupted");
    const auto some = files.subspan(at, std::min(kFilesAtOnce, files.size() - at));
    std::vector<std::string> paths(some.size());
    std::vector<Result<void>> fetched(some.size());
    for (std::string& path : paths) path = scratch->next_path("parquet").native();
    for_each_index(
        some.size(), [&](std::size_t i) { fetched[i] = fetch_footer(store, *some[i], paths[i]); }, threads);
    STACK_TRY_ASSIGN(read, read_files(paths, stop));
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (!fetched[i]) {
        schemas.emplace_back(std::unexpected(std::move(fetched[i]).error()));
      } else if (!read[i]) {
        schemas.emplace_back(std::unexpected(renamed(std::move(read[i]).error(), paths[i], place_of(store, *some[i]))));
      } else {
        schemas.push_back(std::move(read[i]));
      }
      std::filesystem::remove(paths[i], error);
    }
  }
  return schemas;
}

}  // namespace

Result<std::vector<Result<FileSchema>>> read_parquet_schemas(lake::ObjectStore& store,
                                                             std::span<const DataFile* const> files, unsigned threads,
                                                             const StopFlag& stop) {
  if (files.empty()) return std::vector<Result<FileSchema>>{};
  std::vector<std::string> paths;
  for (const DataFile* file : files) {
    const auto path = store.local_path(file->key);
    if (!path) return read_footers_of_objects(store, files, threads, stop);
    paths.push_back(path->native());
  }
  return read_files(paths, stop);
}

}  // namespace stack::catalog
