// Text that is a date or a timestamp: "YYYY-MM-DD" and "YYYY-MM-DD HH:MM:SS[.f]" with dates that exist. The last date
// is remembered: neighbours in a file mostly have the same. Thread-safety: one thread at a time. Never fails.
#pragma once

#include <string_view>

#include "catalog/hive_type.hpp"

namespace stack::catalog {

class DateForm {
 public:
  [[nodiscard]] bool is_date(std::string_view text);
  [[nodiscard]] bool is_timestamp(std::string_view text);

 private:
  char last_[10] = {};
};

// The type of a JSON string's content.
[[nodiscard]] inline TypeKind text_kind(DateForm& dates, std::string_view text) {
  return dates.is_date(text) ? TypeKind::date : dates.is_timestamp(text) ? TypeKind::timestamp : TypeKind::string;
}

}  // namespace stack::catalog
