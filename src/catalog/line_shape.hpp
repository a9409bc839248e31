// The shape of a line of NDJSON: the text between its scalars, nested ones included, and the type of each. Lines that
// one program wrote have few shapes, so nearly every line is recognised by comparing a few bytes and scanning its
// values, without a parse. A line that a shape accepts is valid JSON and brings no type that its columns do not hold
// already. Thread-safety: one thread at a time. Never fails; a line that is not accepted says nothing about the line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/hive_type.hpp"

namespace stack::catalog {

// "YYYY-MM-DD" and "YYYY-MM-DD HH:MM:SS[.f]" with dates that exist, the last date remembered.
class DateForm {
 public:
  [[nodiscard]] bool is_date(std::string_view text);
  [[nodiscard]] bool is_timestamp(std::string_view text);

 private:
  std::string last_;
};

// The type of a JSON string's content.
[[nodiscard]] inline TypeKind text_kind(DateForm& dates, std::string_view text) {
  return dates.is_date(text) ? TypeKind::date : dates.is_timestamp(text) ? TypeKind::timestamp : TypeKind::string;
}

class LineShape {
 public:
  // The shape of LINE, which must be a valid JSON object; nothing when a string or a number in it is not plain: with
  // escapes, other than ASCII, or perhaps beyond 64 bits.
  [[nodiscard]] static std::optional<LineShape> of(std::string_view line, DateForm& dates);

  [[nodiscard]] bool accepts(std::string_view line, DateForm& dates) const;
  [[nodiscard]] bool same_keys(const LineShape& other) const;
  // Accepts from now on what either accepts; both must have the same keys.
  void widen(const LineShape& other);

 private:
  struct Slot {
    std::string before;  // from the end of the value before to this one: {"symbol":
    TypeKind kind;
  };
  std::vector<Slot> slots_;
  std::string after_;
};

}  // namespace stack::catalog
