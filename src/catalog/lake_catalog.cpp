#include "catalog/lake_catalog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "catalog/table_json.hpp"
#include "catalog/table_names.hpp"

namespace stack::catalog {
namespace {

constexpr std::string_view kRoot = "_stack/catalog/";
constexpr std::string_view kExtension = ".json";

std::string database_prefix(std::string_view database) { return fmt::format("{}{}/", kRoot, database); }

std::string key_of(std::string_view database, std::string_view name) {
  return fmt::format("{}{}{}", database_prefix(database), name, kExtension);
}

}  // namespace

std::string LakeCatalog::description() const { return fmt::format("{}/_stack/catalog", store_.uri()); }

Result<std::vector<std::string>> LakeCatalog::databases() {
  STACK_TRY_ASSIGN(objects, store_.list(kRoot));
  std::vector<std::string> names;
  for (const lake::ObjectInfo& object : objects) {
    const std::string_view rest = std::string_view(object.key).substr(kRoot.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) continue;
    if (names.empty() || names.back() != rest.substr(0, slash)) names.emplace_back(rest.substr(0, slash));
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<std::vector<std::string>> LakeCatalog::tables(std::string_view database) {
  STACK_TRY(check_database_name(database));
  const std::string prefix = database_prefix(database);
  STACK_TRY_ASSIGN(objects, store_.list(prefix));
  std::vector<std::string> names;
  for (const lake::ObjectInfo& object : objects) {
    std::string_view rest = std::string_view(object.key).substr(prefix.size());
    if (!rest.ends_with(kExtension) || rest.find('/') != std::string_view::npos) continue;
    rest.remove_suffix(kExtension.size());
    names.emplace_back(rest);
  }
  std::ranges::sort(names);
  return names;
}

Result<std::optional<Table>> LakeCatalog::find(std::string_view database, std::string_view name) {
  STACK_TRY(check_table_names(database, name));
  const std::string key = key_of(database, name);
  STACK_TRY_ASSIGN(json, store_.get(key));
  if (!json) return std::optional<Table>{};
  auto table = table_from_json(*json);
  if (!table)
    return fail(ErrorKind::storage, fmt::format("{}/{} is not a catalog entry ({}): remove it and run `stack crawl`",
                                                store_.uri(), key, table.error().message));
  return *std::move(table);
}

Result<void> LakeCatalog::put(const Table& table) {
  STACK_TRY(check_table_names(table.database, table.name));
  return store_.put(key_of(table.database, table.name), to_json(table));
}

Result<bool> LakeCatalog::remove(std::string_view database, std::string_view name) {
  STACK_TRY(check_table_names(database, name));
  const std::string key = key_of(database, name);
  STACK_TRY_ASSIGN(there, store_.head(key));
  STACK_TRY(store_.remove(key));
  return there.has_value();
}

Result<Table> require_table(Catalog& catalog, std::string_view database, std::string_view name) {
  STACK_TRY_ASSIGN(table, catalog.find(database, lower_case(name)));
  if (table) return *std::move(table);
  STACK_TRY_ASSIGN(names, catalog.tables(database));
  if (names.empty())
    return fail(ErrorKind::usage, fmt::format("no table '{}': {} holds none in database '{}'; run `stack crawl`", name,
                                              catalog.description(), database));
  return fail(ErrorKind::usage,
              fmt::format("no table '{}' in database '{}'; there are: {}", name, database, fmt::join(names, ", ")));
}

}  // namespace stack::catalog
