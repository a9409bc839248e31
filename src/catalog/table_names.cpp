#include "catalog/table_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stack::catalog {
namespace {

Result<void> check_name(std::string_view what, std::string_view name) {
  const bool fits = !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (fits) return {};
  return fail(ErrorKind::usage,
              fmt::format("{} '{}': use lower-case letters, digits and '_', at most 128", what, name));
}

}  // namespace

Result<void> check_database_name(std::string_view name) { return check_name("database", name); }

Result<void> check_table_names(std::string_view database, std::string_view table) {
  STACK_TRY(check_database_name(database));
  return check_name("table", table);
}

}  // namespace stack::catalog
