#include "market/row_encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <span>

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
