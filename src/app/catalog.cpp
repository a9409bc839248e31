// stack catalog list|show|ddl: what the catalog holds.
#include "catalog/catalog.hpp"

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "app/command.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/open_catalog.hpp"
#include "app/progress.hpp"
#include "catalog/ddl.hpp"
#include "catalog/table_json.hpp"

namespace stack::app {
namespace {

struct Opened {
  std::unique_ptr<lake::ObjectStore> store;
  std::unique_ptr<catalog::Catalog> catalog;
};

Result<Opened> open_of_lake(const Context& context, Progress& progress) {
  STACK_TRY_ASSIGN(uri, lake_to_read(context.settings, progress));
  STACK_TRY_ASSIGN(store, open_lake(context.settings, uri, LakeUse::read, context.clock, &context.stop));
  STACK_TRY_ASSIGN(catalog, open_catalog(context.settings, *store, context.clock, &context.stop));
  return Opened{std::move(store), std::move(catalog)};
}

// It knows where its tables are: no lake has to be named.
Result<Opened> open_glue(const Context& context) {
  STACK_TRY_ASSIGN(uri, lake_uri(context.settings, {}));
  if (!uri.empty()) STACK_TRY(check_catalog_of(context.settings, uri));
  STACK_TRY_ASSIGN(catalog, open_glue_catalog(context.settings, uri, context.clock, &context.stop));
  return Opened{nullptr, std::move(catalog)};
}

Result<void> list_tables(catalog::Catalog& catalog, const std::string& database, bool json, Progress& progress) {
  std::vector<std::string> others;
  STACK_TRY_ASSIGN(names, catalog.tables(database));
  std::string objects;
  for (const auto& name : names) {
    auto found = catalog::require_table(catalog, database, name);
    // In Glue's databases there may be tables of others.
    if (!found && found.error().kind == ErrorKind::conflict) {
      others.push_back(std::move(found).error().message);
      continue;
    }
    if (!found) return std::unexpected(std::move(found).error());
    const catalog::Table& table = *found;
    if (json) {
      objects += (objects.empty() ? "" : ",") + catalog::to_json(table);
    } else {
      fmt::print("{}.{}: {} columns, {} partitions, {} files, {} rows, {}\n", database, name, table.columns.size(),
                 table.partitions.size(), with_commas(table.files), with_commas(table.rows),
                 human_bytes(static_cast<double>(table.bytes)));
    }
  }
  for (const std::string& other : others) progress.warn(other);
  if (json)
    fmt::print("{}\n", JsonObject{}.text("database", database).raw("tables", fmt::format("[{}]", objects)).str());
  if (!json && names.empty()) fmt::print("no tables in database {}; `stack crawl` registers them\n", database);
  return {};
}

void show_table(const catalog::Table& table) {
  fmt::print("{}.{}\n  location   {}\n  format     {}, compression {}\n  files      {}, {} rows, {}\n", table.database,
             table.name, table.location, table.format == catalog::TableFormat::parquet ? "parquet" : "ndjson",
             table.compression, with_commas(table.files), with_commas(table.rows),
             human_bytes(static_cast<double>(table.bytes)));
  for (const auto& file : table.unreadable_files) fmt::print("  unreadable {}\n", file);
  fmt::print("  columns\n");
  for (const auto& column : table.columns) fmt::print("    {:<24} {}\n", column.name, catalog::hive_name(column.type));
  for (const auto& key : table.partition_keys) fmt::print("    {:<24} string, partition key\n", key);
  fmt::print("  partitions\n");
  for (const auto& partition : table.partitions)
    fmt::print("    {:<24} {}, {}\n", partition.path, counted(partition.files, "file"), counted(partition.rows, "row"));
}

}  // namespace

Result<int> catalog_command(Context& context) {
  STACK_TRY_ASSIGN(place, catalog_place(context.settings));
  const auto& action = context.arguments.front();
  const auto database = context.settings.text("database");
  Progress progress{context.settings};
  STACK_TRY_ASSIGN(opened, place == CatalogPlace::glue ? open_glue(context) : open_of_lake(context, progress));
  catalog::Catalog& catalog = *opened.catalog;
  const bool json = context.settings.flag("json");
  if (action == "list") {
    STACK_TRY(list_tables(catalog, database, json, progress));
    return 0;
  }
  if (action != "show" && action != "ddl")
    return fail(ErrorKind::usage, fmt::format("catalog: {} is none of list, show, ddl", action));
  if (context.arguments.size() < 2)
    return fail(ErrorKind::usage,
                fmt::format("catalog {} wants a table, as in `stack catalog {} ticks`", action, action));
  STACK_TRY_ASSIGN(table, catalog::require_table(catalog, database, context.arguments[1]));
  if (action == "ddl") {
    const auto ddl = catalog::athena_ddl(table);
    fmt::print(
        "{}",
        json ? JsonObject{}.text("database", database).text("table", table.name).text("ddl", ddl).str() + "\n" : ddl);
  } else if (json) {
    fmt::print("{}", catalog::to_json(table));
  } else {
    show_table(table);
  }
  return 0;
}

}  // namespace stack::app
