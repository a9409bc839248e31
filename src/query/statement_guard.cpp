#include "query/statement_guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/hive_type.hpp"
#include "query/sql_words.hpp"

namespace stack::query {
namespace {

constexpr std::array<std::string_view, 12> kReading = {"select",  "with",     "from", "values", "table",     "pivot",
                                                       "unpivot", "describe", "desc", "show",   "summarize", "explain"};

// Table functions that write (a log or profile, even into the lake), change what later statements do, or run SQL that
// is text here and so was not checked.
constexpr std::array<std::string_view, 12> kForbidden = {"enable_logging",       "disable_logging",
                                                         "truncate_duckdb_logs", "enable_profiling",
                                                         "disable_profiling",    "enable_peg_parser",
                                                         "disable_peg_parser",   "checkpoint",
                                                         "force_checkpoint",     "query",
                                                         "query_table",          "json_execute_serialized_sql"};

std::string name_of(const Token& token) {
  if (token.kind == TokenKind::quoted_name && token.text.size() >= 2) {
    std::string name;
    const std::string_view inner = token.text.substr(1, token.text.size() - 2);
    for (std::size_t i = 0; i < inner.size(); ++i) {
      name += inner[i];
      if (inner[i] == '"') ++i;
    }
    return catalog::lower_case(name);
  }
  return catalog::lower_case(token.text);
}

bool names_something(const Token& token) {
  return token.kind == TokenKind::word || token.kind == TokenKind::quoted_name;
}

std::unexpected<Error> not_allowed(std::string_view what) {
  return fail(
      ErrorKind::query,
      fmt::format("{} is not allowed: queries read the lake and change nothing; use SELECT, WITH, FROM, VALUES, "
                  "EXPLAIN, DESCRIBE, SHOW or SUMMARIZE",
                  what));
}

std::string upper_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

Token first_word(std::string_view sql) {
  SqlWords words(sql);
  Token token = words.next();
  while (token.text == "(") token = words.next();
  return token;
}

Result<void> check_first_word(std::string_view sql) {
  const Token token = first_word(sql);
  if (token.kind == TokenKind::end) return fail(ErrorKind::query, "the statement is empty");
  const std::string word = catalog::lower_case(token.text);
  if (token.kind == TokenKind::word && std::ranges::find(kReading, word) != kReading.end()) return {};
  if (token.kind == TokenKind::word) return not_allowed(upper_case(token.text));
  return not_allowed(fmt::format("a statement that begins with '{}'", token.text));
}

Result<void> check_functions(std::string_view sql) {
  SqlWords words(sql);
  Token before;
  for (Token token = words.next(); token.kind != TokenKind::end; token = words.next()) {
    if (token.text == ";" && words.next().kind != TokenKind::end)
      return fail(ErrorKind::query, "one statement at a time: something follows the ';'");
    if (token.text == "(" && names_something(before)) {
      const std::string name = name_of(before);
      if (std::ranges::find(kForbidden, name) != kForbidden.end())
        return not_allowed(fmt::format("the function {}()", name));
    }
    // U&"…" spells names by code points, which would hide them from the check above.
    if (token.kind == TokenKind::symbol && token.text == "&" && before.kind == TokenKind::word &&
        catalog::lower_case(before.text) == "u")
      return not_allowed("a name by code points (U&\"…\")");
    before = token;
  }
  return {};
}

}  // namespace

std::string_view explained(std::string_view sql) {
  SqlWords words(sql);
  const Token first = words.next();
  if (first.kind != TokenKind::word || catalog::lower_case(first.text) != "explain") return sql;
  Token token = words.next();
  if (token.kind == TokenKind::word && catalog::lower_case(token.text) == "analyze") token = words.next();
  if (token.text == "(") {  // options, or a SELECT in brackets
    const std::string_view inner = sql.substr(token.begin);
    const std::string word = catalog::lower_case(first_word(inner).text);
    if (word != "format" && word != "analyze") return inner;
    while (token.kind != TokenKind::end && token.text != ")") token = words.next();
    token = words.next();
    if (token.kind == TokenKind::word && catalog::lower_case(token.text) == "analyze") token = words.next();
  }
  return sql.substr(token.begin);
}

Result<void> check_read_only(std::string_view sql) {
  STACK_TRY(check_first_word(sql));
  const std::string_view inner = explained(sql);
  if (inner.data() != sql.data()) {
    STACK_TRY(check_first_word(inner));
    if (catalog::lower_case(first_word(inner).text) == "explain") return not_allowed("EXPLAIN of an EXPLAIN");
  }
  return check_functions(sql);
}

}  // namespace stack::query
