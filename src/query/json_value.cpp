#include "query/json_value.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "duckdb/database.hpp"

namespace stack::query {
namespace {

using catalog::Field;
using catalog::Type;
using catalog::TypeKind;
using duckdb_embedded::json_pointer;
using duckdb_embedded::quote_identifier;
using duckdb_embedded::quote_literal;

std::string member_value(std::string_view json, const Field& member) {
  std::vector<std::string> keys{member.name};
  keys.insert(keys.end(), member.other_spellings.begin(), member.other_spellings.end());
  return value_at(json, keys, member.type);
}

// What is no object is left to the cast, which takes null and nothing else.
std::string structure_of(std::string_view json, const Type& type) {
  std::vector<std::string> members;
  members.reserve(type.fields.size());
  for (const Field& member : type.fields)
    members.push_back(fmt::format("{} := {}", quote_identifier(member.name), member_value(json, member)));
  return fmt::format("CASE WHEN json_type({0}) = 'OBJECT' THEN struct_pack({1}) ELSE CAST({0} AS {2}) END", json,
                     fmt::join(members, ", "), duckdb_name(type));
}

}  // namespace

std::string value_of(std::string_view json, const Type& type) {
  if (!has_spellings(type)) return fmt::format("CAST({} AS {})", json, duckdb_name(type));
  if (type.kind == TypeKind::structure) return structure_of(json, type);
  // A lambda inside a lambda may call its element by the same name: the inner one hides the outer.
  return fmt::format("list_transform(CAST({} AS JSON[]), lambda element: {})", json,
                     value_of("element", type.fields.front().type));
}

std::string value_at(std::string_view json, const std::vector<std::string>& keys, const Type& type) {
  std::vector<std::string> found;
  found.reserve(keys.size());
  for (const std::string& key : keys) {
    const std::string pointer = quote_literal(json_pointer(key));
    found.push_back(type.scalar() ? fmt::format("json_extract_string({}, {})", json, pointer)
                                  : fmt::format("nullif(json_extract({}, {}), 'null'::JSON)", json, pointer));
  }
  const std::string value = fmt::format("coalesce({})", fmt::join(found, ", "));
  return type.scalar() ? fmt::format("CAST({} AS {})", value, duckdb_name(type)) : value_of(value, type);
}

}  // namespace stack::query
