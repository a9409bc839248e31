#include "query/sql_error.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <optional>
#include <string>

namespace stack::query {
namespace {

// Lines joined, so that an error is one line.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '\n' && c != '\r') {
      out += c;
    } else if (!out.empty() && !out.ends_with("; ")) {
      out += "; ";
    }
  }
  while (out.ends_with("; ")) out.resize(out.size() - 2);
  return out;
}

std::string place_of(std::string_view position, std::string_view sql) {
  std::size_t at = 0;
  const auto [end, failed] = std::from_chars(position.data(), position.data() + position.size(), at);
  if (failed != std::errc{} || at > sql.size()) return {};
  const std::string_view before = sql.substr(0, at);
  std::size_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == '\n') ++line, line_start = i + 1;
  }
  return fmt::format(" at line {}, column {}", line, at - line_start + 1);
}

ErrorKind kind_of(std::string_view type, ErrorKind otherwise) {
  if (type == "IO" || type == "Out of Memory") return ErrorKind::storage;
  if (type == "INTERRUPT") return ErrorKind::interrupted;
  if (type == "INTERNAL" || type == "FATAL") return ErrorKind::internal;
  return otherwise;
}

// DuckDB proposes its own system tables for names that are like none of the lake's.
std::string_view without_system_tables(std::string_view message) {
  const std::size_t proposal = message.find("\nDid you mean \"");
  if (proposal == std::string_view::npos) return message;
  const std::string_view rest = message.substr(proposal);
  const auto proposes = [rest](std::string_view prefix) { return rest.find(prefix) != std::string_view::npos; };
  const bool system = proposes("\"pg_") || proposes("\"duckdb_") || proposes("\"sqlite_") ||
                      proposes("information_schema") || proposes("pg_catalog") || proposes("\"pragma_");
  return system ? message.substr(0, proposal) : message;
}

// What to do, for errors whose own text does not say so.
std::string_view advice(std::string_view type, std::string_view message) {
  if (type == "Permission" && message.starts_with("Cannot access")) return "; queries read the lake's own files only";
  if (message.find("Malformed JSON") != std::string_view::npos)
    return "; `stack crawl` notes such lines, and queries then pass them over";
  if (message.find("JSON transform error") != std::string_view::npos)
    return "; `stack crawl` widens the column's type to what its files hold";
  if (message.starts_with("Table with name"))
    return "; SHOW TABLES lists the tables, `stack crawl` registers what is new in the lake";
  return {};
}

// What setting errors_as_json makes of an error.
class ErrorDocument {
 public:
  explicit ErrorDocument(const Error& error) {
    const std::size_t brace = error.message.find('{');
    understood_ =
        brace != std::string::npos &&
        parser_.parse(error.message.data() + brace, error.message.size() - brace).get(object_) == simdjson::SUCCESS;
  }
  [[nodiscard]] std::optional<std::string_view> member(std::string_view name) const {
    std::string_view text;
    if (!understood_ || object_[name].get(text) != simdjson::SUCCESS) return std::nullopt;
    return text;
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::object object_;
  bool understood_ = false;
};

}  // namespace

Error sql_error(const Error& error, std::string_view sql) {
  if (error.kind == ErrorKind::interrupted) return {ErrorKind::interrupted, "the query was interrupted"};
  const ErrorDocument document(error);
  const auto type = document.member("exception_type");
  const auto message = document.member("exception_message");
  if (!type || !message) return {error.kind, one_line(error.message)};
  const ErrorKind kind = kind_of(*type, error.kind);
  if (kind == ErrorKind::interrupted) return {kind, "the query was interrupted"};
  const auto position = document.member("position");
  return {kind, fmt::format("SQL error{}: {}{}", position ? place_of(*position, sql) : "",
                            one_line(without_system_tables(*message)), advice(*type, *message))};
}

std::string missing_table(const Error& error) {
  const ErrorDocument document(error);
  if (document.member("error_subtype") != "MISSING_ENTRY") return {};
  return std::string(document.member("name").value_or(""));
}

}  // namespace stack::query
