#include "query/query_error.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace stack::query {
namespace {

namespace dom = simdjson::dom;

// Lines of a message as clauses of one.
std::string one_line(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '!')) line.remove_suffix(1);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    if (line.empty()) continue;
    if (!out.empty()) out += "; ";
    out += line;
  }
  return out;
}

std::string position_text(std::string_view sql, std::size_t position) {
  const std::string_view before = sql.substr(0, std::min(position, sql.size()));
  const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
  const std::size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  const std::string_view in_line = before.substr(line_begin);
  const auto column = in_line.size() - static_cast<std::size_t>(std::ranges::count_if(in_line, continuation)) + 1;
  return fmt::format("line {}, column {}", line, column);
}

// What DuckDB writes of its own settings says nothing to a user of the lake.
std::string without_jargon(std::string message) {
  if (message.find("file system operations are disabled by configuration") != std::string::npos)
    return message.substr(0, message.find(" - ")) + ": queries read files of the lake alone";
  return message;
}

}  // namespace

Error readable(Error error, std::string_view sql) {
  const std::size_t brace = error.message.find('{');
  dom::parser parser;
  dom::object object;
  std::string_view message;
  if (brace == std::string::npos ||
      parser.parse(std::string_view(error.message).substr(brace)).get(object) != simdjson::SUCCESS ||
      object["exception_message"].get(message) != simdjson::SUCCESS)
    return {error.kind, without_jargon(one_line(error.message))};
  const std::string text = without_jargon(one_line(message));
  std::string_view digits;
  std::size_t position = 0;
  if (object["position"].get(digits) != simdjson::SUCCESS ||
      std::from_chars(digits.data(), digits.data() + digits.size(), position).ec != std::errc{})
    return {error.kind, "SQL: " + text};
  return {error.kind, fmt::format("SQL, {}: {}", position_text(sql, position), text)};
}

}  // namespace stack::query
