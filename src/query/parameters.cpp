#include "query/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/time.hpp"

namespace stack::query {
namespace {

std::size_t digits(std::string_view text, std::size_t at) {
  const auto end = text.find_first_not_of("0123456789", at);
  return (end == std::string_view::npos ? text.size() : end) - at;
}

// JSON's grammar of numbers, which every engine reads.
bool is_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits(text, ++at);
    if (fraction == 0) return false;
    at += fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const std::size_t exponent = digits(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

// What stands in TEXT's quotes; nothing where it is not one quoted text.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '\'' || text.back() != '\'') return std::nullopt;
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\'' && (++i + 1 >= text.size() || text[i] != '\'')) return std::nullopt;
    out += text[i];
  }
  return out;
}

// What is quoted after KEYWORD, in any case, and blanks.
std::optional<std::string> after_keyword(std::string_view text, std::string_view keyword) {
  const bool starts = text.size() > keyword.size() &&
                      std::ranges::equal(text.substr(0, keyword.size()), keyword, {},
                                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (!starts) return std::nullopt;
  text.remove_prefix(keyword.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  return unquoted(text);
}

std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + '\'';
}

}  // namespace

Result<Parameter> parse_parameter(std::string_view written) {
  using Kind = Parameter::Kind;
  if (is_number(written)) return Parameter{Kind::number, std::string(written)};
  if (auto text = unquoted(written)) return Parameter{Kind::text, *std::move(text)};
  if (auto date = after_keyword(written, "DATE")) {
    if (!parse_date(*date)) return fail(ErrorKind::usage, fmt::format("{} is no date, DATE 'YYYY-MM-DD'", written));
    return Parameter{Kind::date, *std::move(date)};
  }
  if (auto time = after_keyword(written, "TIMESTAMP")) {
    const auto instant = parse_micros(*time);
    if (!instant)
      return fail(ErrorKind::usage, fmt::format("{} is no time, TIMESTAMP 'YYYY-MM-DD HH:MM:SS.ffffff'", written));
    return Parameter{Kind::timestamp, format_micros(*instant)};
  }
  return Parameter{Kind::text, std::string(written)};
}

std::string sql_literal(const Parameter& parameter) {
  switch (parameter.kind) {
    case Parameter::Kind::number:
      return parameter.value;
    case Parameter::Kind::date:
      return "DATE " + literal(parameter.value);
    case Parameter::Kind::timestamp:
      return "TIMESTAMP " + literal(parameter.value);
    case Parameter::Kind::text:
      break;
  }
  return literal(parameter.value);
}

Error wrong_count(std::size_t wanted, std::size_t given) {
  if (given == 0)
    return {ErrorKind::query, "the SQL has parameters ('?') but no values for them were given: --param VALUE for each"};
  return {
      ErrorKind::query,
      fmt::format("the SQL has {} '?', and the values given are {}: --param VALUE for each, in order", wanted, given)};
}

}  // namespace stack::query
