// What the lines of a file are known to hold: their keys, in the order in which they came, and the type of each. Lines
// that one program wrote are much alike, so nearly every line is recognised by scanning it once against that, without a
// parse: keys may be missing or stand elsewhere, arrays be of any length. A line that a shape accepts is valid JSON and
// brings no type that its columns do not hold already.
// Thread-safety: one thread at a time. Never fails; a line that is not accepted says nothing about the line.
#pragma once

#include <memory>
#include <string_view>

#include "catalog/hive_type.hpp"
#include "catalog/json_scan.hpp"

namespace stack::catalog {

class LineShape {
 public:
  LineShape();
  LineShape(LineShape&&) noexcept;
  LineShape& operator=(LineShape&&) noexcept;
  ~LineShape();

  // The column NAME, new or known, holds TYPE from now on.
  void set(std::string_view name, const Type& type);
  // The newline of the line that begins at LINE, or null if it is not accepted. Learns the order of the keys as it
  // goes. The text is as json_scan has it.
  [[nodiscard]] const char* accept(const char* line, json_scan::Utf8 utf8);

  struct Members;

 private:
  std::unique_ptr<Members> columns_;
};

}  // namespace stack::catalog
