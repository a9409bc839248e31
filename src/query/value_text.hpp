// DuckDB's values as text: numbers in their shortest exact form, instants as "YYYY-MM-DD HH:MM:SS.ffffff", lists,
// structs and maps as JSON. Thread-safety: one thread at a time. Never fails.
#pragma once

#include <duckdb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "query/engine.hpp"

namespace stack::query {

// The values of one column (or of a nested type's member), whatever its type.
class ValueReader {
 public:
  explicit ValueReader(duckdb_logical_type type);

  // Reads from VECTOR, which must outlive the use of append().
  void bind(duckdb_vector vector);
  [[nodiscard]] bool is_null(std::uint64_t row) const {
    return validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1U) == 0;
  }
  // Appends the value, which must not be NULL.
  void append(std::string& out, std::uint64_t row) const;

  [[nodiscard]] ValueKind kind() const;
  [[nodiscard]] const std::string& type_name() const { return type_name_; }

 private:
  template <class T>
  [[nodiscard]] const T& at(std::uint64_t row) const {
    return static_cast<const T*>(data_)[row];
  }
  void describe(duckdb_logical_type type);
  void append_json(std::string& out, std::uint64_t row) const;
  void append_list(std::string& out, std::uint64_t first, std::uint64_t length) const;
  void append_struct(std::string& out, std::uint64_t row) const;
  void append_map(std::string& out, std::uint64_t row) const;
  void append_decimal(std::string& out, std::uint64_t row) const;
  void append_enum(std::string& out, std::uint64_t row) const;
  void append_number(std::string& out, std::uint64_t row) const;
  void append_time(std::string& out, std::uint64_t row) const;

  duckdb_type id_;
  std::string type_name_;
  bool json_ = false;               // a VARCHAR that holds JSON
  std::uint8_t scale_ = 0;          // of a decimal
  duckdb_type storage_;             // of a decimal or enum
  std::uint64_t array_size_ = 0;    // of a fixed-size array
  std::vector<std::string> names_;  // members of a struct, values of an enum
  std::vector<ValueReader> children_;
  const void* data_ = nullptr;
  const std::uint64_t* validity_ = nullptr;
};

}  // namespace stack::query
