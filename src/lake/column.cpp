#include "lake/column.hpp"

#include <algorithm>
#include <array>

#include "core/time.hpp"

namespace stack::lake {
namespace {

constexpr std::array<std::string_view, 7> kHiveNames{"string", "boolean",   "bigint", "double",
                                                     "date",   "timestamp", "string"};

std::string lower_case(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

ColumnType type_of_text(std::string_view text) {
  if (text.size() == 10 && parse_date(text)) return ColumnType::date;
  if (text.size() >= 19 && parse_micros(text)) return ColumnType::timestamp;
  return ColumnType::text;
}

}  // namespace

std::string_view hive_name(ColumnType type) { return kHiveNames.at(static_cast<std::size_t>(type)); }

std::optional<ColumnType> parse_hive_name(std::string_view name) {
  for (std::size_t i = 1; i < kHiveNames.size(); ++i) {
    if (kHiveNames[i] == name) return static_cast<ColumnType>(i);
  }
  return std::nullopt;
}

ColumnType join(ColumnType a, ColumnType b) {
  if (a == b || b == ColumnType::unknown) return a;
  if (a == ColumnType::unknown) return b;
  const auto is_number = [](ColumnType t) { return t == ColumnType::bigint || t == ColumnType::real; };
  return is_number(a) && is_number(b) ? ColumnType::real : ColumnType::text;
}

ColumnType type_of(const simdjson::dom::element& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::NULL_VALUE:
      return ColumnType::unknown;
    case simdjson::dom::element_type::BOOL:
      return ColumnType::boolean;
    case simdjson::dom::element_type::INT64:
      return ColumnType::bigint;
    case simdjson::dom::element_type::UINT64:  // beyond 63 bits: neither a bigint nor an exact double
      return ColumnType::text;
    case simdjson::dom::element_type::DOUBLE:
      return ColumnType::real;
    case simdjson::dom::element_type::STRING:
      return type_of_text(value.get_string().value_unsafe());
    default:
      return ColumnType::text;
  }
}

const std::vector<Column>& tick_columns() {
  static const std::vector<Column> columns{
      {"symbol", ColumnType::text, {}},          {"session_date", ColumnType::date, {}},
      {"event_time", ColumnType::timestamp, {}}, {"seq", ColumnType::bigint, {}},
      {"price", ColumnType::real, {}},           {"size", ColumnType::bigint, {}}};
  return columns;
}

const std::vector<Column>& quoted_tick_columns() {
  static const std::vector<Column> columns = [] {
    std::vector<Column> quoted = tick_columns();
    quoted.push_back({"bid", ColumnType::real, {}});
    quoted.push_back({"ask", ColumnType::real, {}});
    return quoted;
  }();
  return columns;
}

void ColumnInference::add_tick(bool quoted) {
  if (quoted ? quotes_declared_ : ticks_declared_) return;
  (quoted ? quotes_declared_ : ticks_declared_) = true;
  for (const Column& column : quoted ? quoted_tick_columns() : tick_columns()) widen(column.name, column.type);
}

void ColumnInference::add(const simdjson::dom::object& record) {
  for (const auto& [name, value] : record) widen(name, type_of(value));
}

void ColumnInference::widen(std::string_view name, ColumnType type) {
  const auto [at, is_new] = index_.try_emplace(lower_case(name), columns_.size());
  if (is_new) {
    columns_.push_back({std::string(name), type, {}});
  } else {
    Column& column = columns_[at->second];
    column.type = join(column.type, type);
    auto& others = column.other_spellings;
    if (name != column.name && std::ranges::find(others, name) == others.end()) others.emplace_back(name);
  }
}

std::vector<Column> ColumnInference::columns() const {
  std::vector<Column> columns = columns_;
  for (Column& column : columns) {
    if (column.type == ColumnType::unknown) column.type = ColumnType::text;
  }
  return columns;
}

}  // namespace stack::lake
