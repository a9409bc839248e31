// The schema of NDJSON text. Lines that hold what the lines before them held are recognised without a parse, at about a
// gigabyte a second; any other goes through a JSON parser. Strings of the form YYYY-MM-DD are dates,
// YYYY-MM-DD HH:MM:SS[.f] timestamps; integers beyond 64 bits are doubles. Thread-safety: one thread at a time. Never
// fails: lines that are not JSON objects are counted.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "catalog/file_schema.hpp"
#include "catalog/line_shape.hpp"

namespace stack::catalog {

class NdjsonInference {
 public:
  // Complete lines; the last may lack its newline.
  void add_lines(std::string_view text);
  // A line too long to be looked at.
  void add_malformed_line() { ++schema_.malformed_lines, ++schema_.rows; }
  // What was seen since the last call.
  [[nodiscard]] FileSchema finish();

 private:
  // TEXT is complete lines, each with its newline, and has json_scan::kPadding readable bytes behind it.
  void add_padded(std::string_view text);
  void parse_line(std::string_view line);
  void widen(std::string_view name, const Type& type);
  [[nodiscard]] Type type_of(const simdjson::dom::element& value);

  simdjson::dom::parser parser_;
  std::string last_lines_;  // of a text, with padding
  std::string padded_;      // the line being parsed, with the padding that the parser reads past its end
  LineShape shape_;
  FileSchema schema_;
  std::unordered_map<std::string, std::size_t> index_;  // of schema_.columns by name
};

}  // namespace stack::catalog
