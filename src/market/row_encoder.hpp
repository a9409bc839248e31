// A CSV row as a JSON object under its header's names: numbers as numbers, empty as null, dates and the rest as
// strings. A column without a name is column_<its number>, a second Note is Note_1.
// Thread-safety: const use from any thread. Never fails: rows come from a checked data set.
#pragma once

#include <string>
#include <vector>

#include "market/dataset.hpp"

namespace stack::market {

enum class ColumnNames { as_written, lower_case };

class RowEncoder {
 public:
  RowEncoder(const Dataset& dataset, ColumnNames names);
  // Appends {"Index":"HSI",...}\n.
  void append(const Bar& bar, std::string& out) const;

 private:
  const Dataset& dataset_;
  std::vector<std::string> keys_;  // `"Index":` and so on, escaped
};

}  // namespace stack::market
