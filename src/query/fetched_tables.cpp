#include "query/fetched_tables.hpp"

#include <fmt/format.h>

#include <utility>

#include "query/duckdb_parameters.hpp"
#include "query/sql_error.hpp"
#include "query/statements.hpp"

namespace stack::query {
namespace {

namespace db = duckdb_embedded;

// A compaction may take files away between the listing and the fetch: then they are listed again.
constexpr int kMostListings = 5;

lake::ObjectInfo object_of(const catalog::DataFile& file) { return {file.key, file.size, file.modified}; }

// Those of GROUPS in PARTITIONS; the empty path stands for files in no partition.
std::vector<FileGroup> within(const std::vector<FileGroup>& groups, const std::set<std::string>& partitions) {
  std::vector<FileGroup> chosen;
  for (const FileGroup& group : groups) {
    FileGroup part{group.format, group.partition_keys, {}, {}};
    for (const catalog::DataFile& file : group.files) {
      const std::string& partition = group.partition_keys.empty() ? std::string{} : file.partition_path;
      if (partitions.contains(partition)) part.files.push_back(file);
    }
    if (!part.files.empty()) chosen.push_back(std::move(part));
  }
  return chosen;
}

}  // namespace

Result<std::unique_ptr<FetchedTables>> FetchedTables::open(lake::ObjectStore& store,
                                                           const lake::ObjectCacheOptions& cache,
                                                           const std::string& database,
                                                           std::vector<catalog::Table> tables) {
  STACK_TRY_ASSIGN(opened, lake::ObjectCache::open(store, cache));
  STACK_TRY_ASSIGN(pruner, PartitionPruner::open(database, tables));
  std::unique_ptr<FetchedTables> fetched(new FetchedTables(store, std::move(opened), std::move(pruner)));
  for (catalog::Table& table : tables) {
    std::string name = table.name;
    fetched->tables_.emplace(std::move(name), Known{std::move(table), std::nullopt});
  }
  return fetched;
}

Result<PartitionsByTable> FetchedTables::partitions_read(const std::string& sql,
                                                         std::span<const Parameter> parameters) {
  if (parameters.empty()) return pruner_.partitions_read(sql);
  const auto with_values = with_literals(sql, duckdb_literals(parameters));
  if (!with_values) return pruner_.all_partitions();
  auto read = pruner_.partitions_read(*with_values);
  // The statement itself was accepted with its values: only as a text with literals it is none.
  if (!read && read.error().kind == ErrorKind::query) return pruner_.all_partitions();
  return read;
}

Result<void> FetchedTables::fetch_for(const std::string& sql, std::span<const Parameter> parameters,
                                      db::Connection& connection, const SchemaFiles& schemas, const StopFlag& stop) {
  auto read = partitions_read(sql, parameters);
  if (!read) return std::unexpected(sql_error(read.error(), {}));
  for (const auto& [name, partitions] : *read) {
    const auto known = tables_.find(name);
    if (known != tables_.end()) STACK_TRY(fetch_table(known->second, partitions, connection, schemas, stop));
  }
  return {};
}

Result<std::vector<FileGroup>> FetchedTables::fetch_files(Known& known, const std::set<std::string>& partitions,
                                                          const StopFlag& stop) {
  for (int listings = known.files ? 0 : 1;; ++listings) {
    if (!known.files) {
      STACK_TRY_ASSIGN(listed, table_files(store_, known.table));
      known.files = std::move(listed);
    }
    std::vector<FileGroup> groups = within(*known.files, partitions);
    std::vector<lake::ObjectInfo> objects;
    for (FileGroup& group : groups) {
      for (const catalog::DataFile& file : group.files) {
        objects.push_back(object_of(file));
        group.paths.push_back(cache_->path_of(objects.back()).native());
      }
    }
    STACK_TRY_ASSIGN(all, cache_->fetch(objects, stop));
    if (all) return groups;
    if (listings == kMostListings)
      return fail(ErrorKind::storage, fmt::format("{}/{}: its objects change while they are read; ask again later",
                                                  store_.uri(), known.table.folder));
    known.files.reset();
  }
}

Result<void> FetchedTables::fetch_table(Known& known, const std::set<std::string>& partitions,
                                        db::Connection& connection, const SchemaFiles& schemas, const StopFlag& stop) {
  STACK_TRY_ASSIGN(groups, fetch_files(known, partitions, stop));
  const auto as_table_error = [&](const Error& error) {
    return std::unexpected(sql_error(error, {}).within(
        fmt::format("table '{}' cannot be read; `stack crawl` says what of it can", known.table.name)));
  };
  for (FileGroup& group : groups) {
    if (auto led = schemas.lead(connection, known.table, group); !led) return as_table_error(led.error());
  }
  if (auto made = connection.run(create_view_sql(known.table, groups)); !made) return as_table_error(made.error());
  return {};
}

}  // namespace stack::query
