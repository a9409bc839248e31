#include "app/names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <string>
#include <string_view>

#include "catalog/table_names.hpp"
#include "lake/lake_layout.hpp"

namespace stack::app {
namespace {

// Schemas that DuckDB has of its own.
constexpr std::array<std::string_view, 5> kEngineSchemas = {"main", "temp", "system", "information_schema",
                                                            "pg_catalog"};
constexpr std::array<std::string_view, 3> kSideTables = {"bars", "simulated_bars", "symbols"};

bool is_one_of(std::span<const std::string_view> names, std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(names, std::string_view{name}) != names.end();
}

}  // namespace

Result<void> check_database(const Settings& settings) {
  const auto name = settings.text("database");
  if (!catalog::check_database_name(name))
    return std::unexpected(settings.wrong("database", "a name of lower-case letters, digits and '_', at most 128"));
  if (is_one_of(kEngineSchemas, name))
    return std::unexpected(
        settings.wrong("database", "free: the SQL engine has a schema of that name; choose another"));
  return {};
}

Result<void> check_topic(const Settings& settings) {
  if (lake::check_topic_name(settings.text("topic"))) return {};
  return std::unexpected(settings.wrong("topic", "a name of letters, digits, '.', '_' and '-', at most 200"));
}

Result<void> check_table(const Settings& settings) {
  if (lake::check_table_name(settings.text("table"))) return {};
  return std::unexpected(settings.wrong("table", "a name of letters, digits and '_', at most 128 and not first a '_'"));
}

Result<void> check_table_to_write(const Settings& settings) {
  STACK_TRY(check_table(settings));
  if (is_one_of(kSideTables, settings.text("table")))
    return std::unexpected(
        settings.wrong("table", "free: a run keeps bars, simulated_bars and symbols beside its ticks; choose another"));
  return {};
}

}  // namespace stack::app
