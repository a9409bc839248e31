// SQL that makes a value of a catalog type from JSON, whichever of several spellings its keys have: DuckDB, unlike Hive
// and Athena, tells "Bid" from "bid". Thread-safety: free functions. Never fails; values that do not fit their type are
// an error of the query.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/hive_type.hpp"

namespace stack::query {

// JSON, an expression of type JSON, as a value of TYPE, an array or a structure.
[[nodiscard]] std::string value_of(std::string_view json, const catalog::Type& type);

// The value of TYPE in JSON, an object, under the first of KEYS that holds one.
[[nodiscard]] std::string value_at(std::string_view json, const std::vector<std::string>& keys,
                                   const catalog::Type& type);

}  // namespace stack::query
