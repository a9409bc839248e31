// Values of DuckDB's vectors as text: what a cell of a result shows. Nested values come as JSON, all others as DuckDB's
// own CAST to VARCHAR has them. Thread-safety: const after construction; may be used by several threads.
// Failure: supported() says whether every part of the type can be shown; append() never fails.
#pragma once

#include <duckdb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "query/engine.hpp"

namespace stack::query {

class ValueText {
 public:
  explicit ValueText(duckdb_logical_type type);

  [[nodiscard]] bool supported() const;
  [[nodiscard]] ValueKind kind() const;
  // As users write it: BIGINT, DECIMAL(18,3), STRUCT(a BIGINT)[].
  [[nodiscard]] std::string type_name() const;

  // The value at ROW, which is not NULL.
  void append(std::string& out, duckdb_vector vector, idx_t row) const;

 private:
  [[nodiscard]] std::string members_name(const char* word) const;
  void append_number(std::string& out, duckdb_vector vector, idx_t row) const;
  void append_time_or_text(std::string& out, duckdb_vector vector, idx_t row) const;
  void append_nested(std::string& out, duckdb_vector vector, idx_t row) const;
  void append_json(std::string& out, duckdb_vector vector, idx_t row) const;
  void append_list(std::string& out, duckdb_vector child, idx_t begin, idx_t length) const;
  void append_struct(std::string& out, duckdb_vector vector, idx_t row) const;
  void append_map(std::string& out, duckdb_vector vector, idx_t row) const;
  void append_union(std::string& out, duckdb_vector vector, idx_t row) const;

  duckdb_type id_;
  std::string alias_;                         // "JSON"
  std::uint8_t width_ = 0;                    // of a decimal
  std::uint8_t scale_ = 0;                    // of a decimal
  duckdb_type stored_ = DUCKDB_TYPE_INVALID;  // integer type that holds a decimal or an enum
  idx_t array_size_ = 0;
  std::vector<std::string> names_;   // of members, or an enum's values
  std::vector<ValueText> children_;  // element; members; key and value
};

}  // namespace stack::query
