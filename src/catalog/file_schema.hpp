// What reading one file said: its columns in the order in which they first appeared, and how much it held.
// Thread-safety: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/hive_type.hpp"

namespace stack::catalog {

struct SchemaColumn {
  std::string name;  // as the file spells it
  Type type;         // may hold null: no value was seen
  friend bool operator==(const SchemaColumn&, const SchemaColumn&) = default;
};
using Schema = std::vector<SchemaColumn>;

struct FileSchema {
  Schema columns;
  std::uint64_t rows = 0;
  std::uint64_t malformed_lines = 0;  // of NDJSON: lines that are neither blank nor a JSON object
  std::uint64_t text_bytes = 0;       // of NDJSON: after decompression
};

}  // namespace stack::catalog
