// Columns of typed files (Parquet) and their inference from JSON values: bigint -> double -> string,
// date/timestamp -> string, boolean -> string, nested values as JSON text; null joins anything.
// Thread-safety: values.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace stack::lake {

enum class ColumnType : std::uint8_t { unknown, boolean, bigint, real, date, timestamp, text };

// Hive's names: boolean, bigint, double, date, timestamp, string. A column that was only ever null is a string.
[[nodiscard]] std::string_view hive_name(ColumnType type);
[[nodiscard]] std::optional<ColumnType> parse_hive_name(std::string_view name);
// The narrowest type that holds values of both.
[[nodiscard]] ColumnType join(ColumnType a, ColumnType b);
[[nodiscard]] ColumnType type_of(const simdjson::dom::element& value);

struct Column {
  std::string name;  // as it was first spelt
  ColumnType type = ColumnType::unknown;
  std::vector<std::string> other_spellings;  // upper and lower case: one column to SQL, several fields to JSON
  friend bool operator==(const Column&, const Column&) = default;
};

// The columns of a tick, which are declared and not inferred; of one with a quote, with bid and ask behind them.
[[nodiscard]] const std::vector<Column>& tick_columns();
[[nodiscard]] const std::vector<Column>& quoted_tick_columns();

// The columns of a set of JSON objects, in the order in which their names first appeared.
class ColumnInference {
 public:
  // A record that is a tick, with a quote or without one: no look at its values is needed.
  void add_tick(bool quoted);
  void add(const simdjson::dom::object& record);
  [[nodiscard]] std::vector<Column> columns() const;
  [[nodiscard]] std::size_t size() const { return columns_.size(); }

 private:
  void widen(std::string_view name, ColumnType type);

  std::vector<Column> columns_;
  std::unordered_map<std::string, std::size_t> index_;  // by lower-case name: SQL does not tell "A" from "a"
  bool ticks_declared_ = false;
  bool quotes_declared_ = false;
};

}  // namespace stack::lake
