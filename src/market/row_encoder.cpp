#include "market/row_encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <span>
#include <utility>

#include "market/csv_fields.hpp"
#include "market/json_text.hpp"

namespace stack::market {
namespace {

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// A column's name where it can be one: the index that pandas writes has none, and no table's name breaks its line.
std::string plain_name(std::string name, std::size_t column) {
  if (name.empty()) return fmt::format("column_{}", column + 1);
  std::ranges::replace_if(
      name, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '_');
  return name;
}

// The header's names as a table's columns can have them, which differ in more than case: a second Note is Note_1.
std::vector<std::string> table_names(std::span<const std::string> columns) {
  std::set<std::string> taken;
  for (const std::string& column : columns) taken.insert(lower_case(column));
  std::set<std::string> kept;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::string& name = names.emplace_back(plain_name(columns[i], i));
    if (name == columns[i] && kept.insert(lower_case(name)).second) continue;
    const std::string stem = name;
    for (int n = 1; !taken.insert(lower_case(name)).second; ++n) name = fmt::format("{}_{}", stem, n);
  }
  return names;
}

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
  for (std::string name : table_names(dataset.columns())) {
    if (names == ColumnNames::lower_case) name = lower_case(std::move(name));
    std::string& key = keys_.emplace_back();
    append_json_string(name, key);
    key += ':';
  }
}

void RowEncoder::append(const Bar& bar, std::string& out) const {
  const CsvFields& fields = fields_of(dataset_, bar);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    out += i == 0 ? '{' : ',';
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
