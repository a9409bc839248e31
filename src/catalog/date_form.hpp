// Text that is a date or a timestamp: "YYYY-MM-DD" and "YYYY-MM-DD HH:MM:SS[.f]" with dates that exist.
// Thread-safety: free functions. Never fail.
#pragma once

#include <string_view>

#include "catalog/hive_type.hpp"

namespace stack::catalog {

[[nodiscard]] bool is_date(std::string_view text);
[[nodiscard]] bool is_timestamp(std::string_view text);

// The type of a JSON string's content.
[[nodiscard]] inline TypeKind text_kind(std::string_view text) {
  return is_date(text) ? TypeKind::date : is_timestamp(text) ? TypeKind::timestamp : TypeKind::string;
}

}  // namespace stack::catalog
