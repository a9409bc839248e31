#include "market/row_encoder.hpp"

#include <cctype>

#include "market/csv_fields.hpp"
#include "market/json_text.hpp"

namespace stack::market {

RowEncoder::RowEncoder(const Dataset& dataset, ColumnNames names) : dataset_(dataset) {
  for (const std::string& column : dataset.columns()) {
    std::string name = column;
    if (names == ColumnNames::lower_case)
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::string& key = keys_.emplace_back();
    append_json_string(name, key);
    key += ':';
  }
}

void RowEncoder::append(const Bar& bar, std::string& out) const {
  thread_local CsvFields fields;
  const std::string_view row = dataset_.row_text(bar);
  // A checked row splits without a reason and has as many fields as the header.
  if (!fields.split(row, row.find('"') != std::string_view::npos).empty()) return;
  for (std::size_t i = 0; i < keys_.size() && i < fields.size(); ++i) {
    out += i == 0 ? '{' : ',';
    out += keys_[i];
    const std::string_view value = fields[i];
    const bool text = i == dataset_.symbol_column() || i == dataset_.date_column();
    if (value.empty())
      out += "null";
    else if (!text && is_json_number(value))
      out += value;
    else
      append_json_string(value, out);
  }
  out += "}\n";
}

}  // namespace stack::market
