#include "market/row_encoder.hpp"

#include <cctype>
#include <utility>

#include "market/csv_fields.hpp"
#include "market/json_text.hpp"

namespace stack::market {
namespace {

// The fields of the bar's row; valid until the thread's next call.
const CsvFields& fields_of(const Dataset& dataset, const Bar& bar) {
  thread_local CsvFields fields;
  const std::string_view row = dataset.row_text(bar);
  // A checked row splits without a reason and has as many fields as the header.
  (void)fields.split(row, row.find('"') != std::string_view::npos);
  return fields;
}

}  // namespace

RowEncoder::RowEncoder(const Dataset& dataset, ColumnNames names) : dataset_(dataset) {
  for (const std::string& column : dataset.columns()) {
    std::string name = column;
    if (names == ColumnNames::lower_case)
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::string& key = keys_.emplace_back();
    if (name.empty()) continue;
    append_json_string(name, key);
    key += ':';
  }
}

void RowEncoder::append(const Bar& bar, std::string& out) const {
  const CsvFields& fields = fields_of(dataset_, bar);
  char before = '{';
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].empty()) continue;
    out += std::exchange(before, ',');
    out += keys_[i];
    append_value(i, fields[i], out);
  }
  out += "}\n";
}

void RowEncoder::append_value(std::size_t column, std::string_view value, std::string& out) const {
  if (column == dataset_.symbol_column()) return append_json_string(trimmed(value), out);
  if (column == dataset_.date_column()) return append_json_string(value, out);
  const auto zeros = dataset_.is_bar_value(column) ? LeadingZeros::are_dropped : LeadingZeros::make_text;
  if (value.empty())
    out += "null";
  else if (!append_json_number(value, zeros, out))
    append_json_string(value, out);
}

void RowEncoder::append_csv(const Bar& bar, std::string& out) const {
  const CsvFields& fields = fields_of(dataset_, bar);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (i > 0) out += ',';
    append_csv_field(i == dataset_.symbol_column() ? trimmed(fields[i]) : fields[i], out);
  }
  out += '\n';
}

void append_csv_field(std::string_view text, std::string& out) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  out += '"';
}

}  // namespace stack::market
