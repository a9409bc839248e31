// One CSV row cut into fields, as RFC 4180 has it; blanks around a field do not count. A quote inside a field that does
// not begin with one is a character like any other.
// Thread-safety: one thread at a time (it keeps a buffer for unquoted text).
// Failure: a quoted field without an end, or text after a closing quote, is reported as a reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stack::market {

class CsvFields {
 public:
  static constexpr std::size_t kLongestRow = std::size_t{1} << 20;

  // Where the row that starts at the front of TEXT ends: the length without its line end, and with it. A quoted field
  // may hold line ends, if it closes within kLongestRow.
  struct Extent {
    std::size_t length = 0;
    std::size_t with_line_end = 0;
    bool quoted = false;  // it has a quote somewhere
  };
  [[nodiscard]] static Extent row_extent(std::string_view text);

  // Cuts ROW (without its line end). Returns the reason when it is malformed, else an empty text.
  [[nodiscard]] std::string_view split(std::string_view row, bool quoted);
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t i) const { return fields_[i]; }

 private:
  std::string_view split_quoted(std::string_view row);

  std::vector<std::string_view> fields_;
  std::string unquoted_;
};

// Without spaces and tabs at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace stack::market
