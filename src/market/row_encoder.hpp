// A CSV row as a JSON object under its header's names: numbers as numbers, empty as null, the symbol without blanks
// around it as in ticks, dates and the rest as strings. A column without a name is column_<its number>, a second Note
// is Note_1. Or as a CSV line again.
// Thread-safety: const use from any thread. Never fails: rows come from a checked data set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "market/dataset.hpp"

namespace stack::market {

enum class ColumnNames { as_written, lower_case };

class RowEncoder {
 public:
  RowEncoder(const Dataset& dataset, ColumnNames names);
  // Appends {"Index":"HSI",...}\n.
  void append(const Bar& bar, std::string& out) const;
  // Appends HSI,...\n: the row's fields, quoted where they must be.
  void append_csv(const Bar& bar, std::string& out) const;

 private:
  void append_value(std::size_t column, std::string_view value, std::string& out) const;

  const Dataset& dataset_;
  std::vector<std::string> keys_;  // `"Index":` and so on, escaped
};

// Appends TEXT as a field of a CSV line.
void append_csv_field(std::string_view text, std::string& out);

}  // namespace stack::market
