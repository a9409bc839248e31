#include "query/duckdb_parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <variant>

#include "core/time.hpp"
#include "query/scalar_text.hpp"

namespace stack::query {
namespace {

constexpr std::size_t kMostDigits = 38;  // of DuckDB's decimals, and of Athena's

// TEXT, digits with a point and a sign, as exactly what it says.
duckdb_decimal decimal_of(std::string_view text, std::size_t digits) {
  const std::size_t point = text.find('.');
  Int128 value = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') value = value * 10 + (c - '0');
  }
  if (text.starts_with('-')) value = -value;
  const auto scale = point == std::string_view::npos ? 0 : text.size() - point - 1;
  return {.width = static_cast<std::uint8_t>(digits),
          .scale = static_cast<std::uint8_t>(scale),
          .value = {.lower = static_cast<std::uint64_t>(value), .upper = static_cast<std::int64_t>(value >> 64)}};
}

using Number = std::variant<std::int64_t, duckdb_decimal, double>;

Number number_of(const std::string& text) {
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(text.data(), end, whole); read.ec == std::errc{} && read.ptr == end)
    return whole;
  const auto digits =
      static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; }));
  if (text.find_first_of("eE") == std::string::npos && digits <= kMostDigits) return decimal_of(text, digits);
  double number = 0;
  std::from_chars(text.data(), end, number);
  return number;
}

std::string type_name(const Number& number) {
  if (const auto* decimal = std::get_if<duckdb_decimal>(&number))
    return fmt::format("DECIMAL({}, {})", decimal->width, decimal->scale);
  return std::holds_alternative<double>(number) ? "DOUBLE" : "BIGINT";
}

Result<void> bind_one(duckdb_embedded::PreparedStatement& statement, std::size_t at, const Parameter& parameter) {
  switch (parameter.kind) {
    case Parameter::Kind::number:
      return std::visit([&](const auto& value) { return statement.bind(at, value); }, number_of(parameter.value));
    case Parameter::Kind::date:
      return statement.bind(
          at, duckdb_date{static_cast<std::int32_t>(parse_date(parameter.value)->time_since_epoch().count())});
    case Parameter::Kind::timestamp:
      return statement.bind(at, duckdb_timestamp{parse_micros(parameter.value)->time_since_epoch().count()});
    case Parameter::Kind::text:
      break;
  }
  return statement.bind(at, std::string_view(parameter.value));
}

std::string literal_of(const Parameter& parameter) {
  switch (parameter.kind) {
    case Parameter::Kind::number:
      return fmt::format("CAST('{}' AS {})", parameter.value, type_name(number_of(parameter.value)));
    case Parameter::Kind::date:
    case Parameter::Kind::timestamp:
      return sql_literal(parameter);
    case Parameter::Kind::text:
      break;
  }
  return fmt::format("CAST({} AS VARCHAR)", sql_literal(parameter));
}

}  // namespace

Result<void> bind_parameters(duckdb_embedded::PreparedStatement& statement, std::span<const Parameter> parameters) {
  if (statement.parameter_count() != parameters.size())
    return std::unexpected(wrong_count(statement.parameter_count(), parameters.size()));
  for (std::size_t i = 0; i < parameters.size(); ++i) STACK_TRY(bind_one(statement, i + 1, parameters[i]));
  return {};
}

std::vector<std::string> duckdb_literals(std::span<const Parameter> parameters) {
  std::vector<std::string> out;
  out.reserve(parameters.size());
  for (const Parameter& parameter : parameters) out.push_back(literal_of(parameter));
  return out;
}

}  // namespace stack::query
