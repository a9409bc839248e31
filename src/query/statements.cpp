#include "query/statements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace stack::query {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c < 0;
}

// Walks over SQL in the units that matter here: quoted text and comments are one unit each.
class Scanner {
 public:
  explicit Scanner(std::string_view sql, SqlDialect dialect = SqlDialect::duckdb) : sql_(sql), dialect_(dialect) {}

  [[nodiscard]] bool done() const { return at_ >= sql_.size(); }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] char peek() const { return sql_[at_]; }

  void skip_blanks_and_comments() {
    while (!done() && (is_blank(peek()) || skip_comment())) {
      if (!done() && is_blank(peek())) ++at_;
    }
  }

  // One character, or a whole comment, string, quoted name or dollar-quoted text.
  void step() {
    if (skip_comment()) return;
    const char c = peek();
    if (c == '\'' || c == '"') {
      const bool escapes = dialect_ == SqlDialect::duckdb && c == '\'' && at_ > 0 &&
                           (sql_[at_ - 1] == 'e' || sql_[at_ - 1] == 'E') && (at_ < 2 || !is_word(sql_[at_ - 2]));
      skip_quoted(c, escapes);
    } else if (dialect_ == SqlDialect::duckdb && c == '$' && (at_ == 0 || !is_word(sql_[at_ - 1]))) {
      skip_dollar_quoted();
    } else {
      ++at_;
    }
  }

  // The word here in upper case, eaten; empty when there is none.
  std::string word() {
    std::string out;
    for (; !done() && is_word(peek()); ++at_) {
      const char c = peek();
      out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
  }

  bool take(char c) {
    if (done() || peek() != c) return false;
    ++at_;
    return true;
  }

  // The name here, bare or in double quotes, in upper case, eaten; empty when there is none.
  std::string name() {
    if (done() || peek() != '"') return word();
    const std::size_t begin = at_ + 1;
    step();
    Scanner inside(sql_.substr(begin, at_ - begin - (sql_[at_ - 1] == '"' ? 1 : 0)));
    return inside.word();
  }

  // A parenthesised text, nested ones included.
  void skip_parenthesised() {
    std::size_t depth = 0;
    do {
      const char c = peek();
      step();
      if (c == '(') ++depth;
      if (c == ')') --depth;
    } while (!done() && depth > 0);
  }

 private:
  [[nodiscard]] bool starts(std::string_view token) const { return sql_.substr(at_).starts_with(token); }

  bool skip_comment() {
    if (starts("--")) {
      at_ = std::min(sql_.find_first_of("\r\n", at_), sql_.size());
      return true;
    }
    if (!starts("/*")) return false;
    const bool nests = dialect_ == SqlDialect::duckdb;  // as PostgreSQL's
    std::size_t depth = 0;
    do {
      if (starts("/*") && (nests || depth == 0)) {
        ++depth, at_ += 2;
      } else if (starts("*/")) {
        --depth, at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && !done());
    return true;
  }

  void skip_quoted(char quote, bool escapes) {
    ++at_;
    while (!done()) {
      const char c = sql_[at_++];
      if (escapes && c == '\\' && !done()) {
        ++at_;
      } else if (c == quote) {
        if (done() || peek() != quote) return;
        ++at_;
      }
    }
  }

  void skip_dollar_quoted() {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && is_word(sql_[end])) ++end;
    const bool numbered = end > at_ + 1 && is_digit(sql_[at_ + 1]);  // "$1", a parameter
    if (end >= sql_.size() || sql_[end] != '$' || numbered) {
      ++at_;
      return;
    }
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    const std::size_t close = sql_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? sql_.size() : close + tag.size();
  }

  std::string_view sql_;
  SqlDialect dialect_;
  std::size_t at_ = 0;
};

bool says_something(std::string_view statement, SqlDialect dialect) {
  Scanner scanner(statement, dialect);
  scanner.skip_blanks_and_comments();
  return !scanner.done();
}

std::string first_word(Scanner& scanner) {
  scanner.skip_blanks_and_comments();
  while (scanner.take('(')) scanner.skip_blanks_and_comments();
  return scanner.word();
}

bool reads(std::string_view word) {
  static constexpr std::array<std::string_view, 10> words{"SELECT",   "WITH", "FROM", "VALUES",    "EXPLAIN",
                                                          "DESCRIBE", "DESC", "SHOW", "SUMMARIZE", "TABLE"};
  return std::ranges::find(words, word) != words.end();
}

// Functions that a SELECT can call and that do more than read: some write files or change settings, the others run SQL
// given as text, in which this check could not see.
bool does_more_than_read(std::string_view function) {
  static constexpr std::array<std::string_view, 12> functions{"ENABLE_LOGGING",       "DISABLE_LOGGING",
                                                              "TRUNCATE_DUCKDB_LOGS", "ENABLE_PROFILING",
                                                              "DISABLE_PROFILING",    "ENABLE_PEG_PARSER",
                                                              "DISABLE_PEG_PARSER",   "CHECKPOINT",
                                                              "FORCE_CHECKPOINT",     "QUERY",
                                                              "QUERY_TABLE",          "JSON_EXECUTE_SERIALIZED_SQL"};
  return std::ranges::find(functions, function) != functions.end();
}

Result<void> check_functions(std::string_view sql, SqlDialect dialect) {
  Scanner scanner(sql, dialect);
  while (!scanner.done()) {
    const std::size_t begin = scanner.at();
    const std::string name = scanner.name();
    if (name.empty()) {
      if (scanner.at() == begin) scanner.step();
      continue;
    }
    Scanner ahead = scanner;
    ahead.skip_blanks_and_comments();
    if (!ahead.done() && ahead.peek() == '(' && does_more_than_read(name))
      return std::unexpected(not_allowed(fmt::format("the function {}", name)));
  }
  return {};
}

Result<void> check_word(const std::string& word) {
  if (reads(word)) return {};
  return std::unexpected(not_allowed(word.empty() ? "this" : word));
}

// Goes over "ANALYZE", "VERBOSE" and "(options)" after EXPLAIN.
void skip_explain_options(Scanner& scanner) {
  while (true) {
    scanner.skip_blanks_and_comments();
    if (scanner.done()) return;
    Scanner ahead = scanner;
    if (scanner.peek() == '(') {
      // "(SELECT …)" is what is explained, "(ANALYZE, FORMAT json)" are options.
      if (reads(first_word(ahead))) return;
      scanner.skip_parenthesised();
      continue;
    }
    const std::string word = ahead.word();
    if (word != "ANALYZE" && word != "ANALYSE" && word != "VERBOSE") return;
    scanner = ahead;
  }
}

}  // namespace

std::vector<std::string> split_statements(std::string_view sql, SqlDialect dialect) {
  std::vector<std::string> statements;
  std::size_t begin = 0;
  const auto add = [&](std::size_t end) {
    const std::string_view statement = sql.substr(begin, end - begin);
    if (says_something(statement, dialect)) statements.emplace_back(statement);
    begin = end + 1;
  };
  Scanner scanner(sql, dialect);
  while (!scanner.done()) {
    if (scanner.peek() == ';') add(scanner.at());
    scanner.step();
  }
  if (begin < sql.size()) add(sql.size());
  return statements;
}

namespace {

// The number that SQL has at AT, and how many digits it takes; 0 and 0 where there is none.
std::pair<std::size_t, std::size_t> number_at(std::string_view sql, std::size_t at) {
  std::size_t end = at;
  while (end < sql.size() && is_digit(sql[end])) ++end;
  std::size_t number = 0;
  const auto read = std::from_chars(sql.data() + at, sql.data() + end, number);
  return {read.ec == std::errc{} ? number : 0, end - at};
}

}  // namespace

std::optional<std::string> with_literals(std::string_view sql, std::span<const std::string> literals) {
  std::string out;
  std::size_t in_order = 0;
  bool numbered = false;
  Scanner scanner(sql);
  while (!scanner.done()) {
    const std::size_t begin = scanner.at();
    const char c = scanner.peek();
    const bool in_word = begin > 0 && is_word(sql[begin - 1]);
    scanner.step();
    const bool alone = scanner.at() == begin + 1;  // not the begin of $$…$$
    if (!alone || (c != '?' && (c != '$' || in_word))) {
      out += sql.substr(begin, scanner.at() - begin);
      continue;
    }
    const auto [number, digits] = number_at(sql, scanner.at());
    if (digits == 0 && c == '$') return std::nullopt;  // "$name"
    if (digits > 0) numbered = true;
    const std::size_t which = digits > 0 ? number : ++in_order;
    if (which == 0 || which > literals.size()) return std::nullopt;
    for (std::size_t i = 0; i < digits; ++i) scanner.step();
    out += '(';
    out += literals[which - 1];
    out += ')';
  }
  if (numbered ? in_order > 0 : in_order != literals.size()) return std::nullopt;
  return out;
}

std::string with_function(std::string_view sql, std::string_view from, std::string_view to) {
  std::string out(sql);
  std::string upper(from);
  std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  Scanner scanner(sql);
  while (!scanner.done()) {
    const std::size_t begin = scanner.at();
    const std::string word = scanner.word();
    if (word.empty()) {
      scanner.step();
      continue;
    }
    Scanner ahead = scanner;
    ahead.skip_blanks_and_comments();
    if (word != upper || ahead.done() || ahead.peek() != '(') continue;
    out.replace(begin, word.size(), word.size(), ' ');
    out.replace(begin, to.size(), to);
  }
  return out;
}

Error not_allowed(std::string_view what) {
  return {ErrorKind::query,
          fmt::format("{} is not allowed: the lake can only be read, with {}", what, kAllowedStatements)};
}

Result<ReadStatement> read_statement(std::string_view sql, SqlDialect dialect) {
  if (sql.find('\0') != std::string_view::npos) return fail(ErrorKind::query, "the SQL holds a zero byte");
  std::vector<std::string> statements = split_statements(sql, dialect);
  if (statements.empty()) return fail(ErrorKind::query, "there is no SQL statement; try: SHOW TABLES");
  if (statements.size() > 1)
    return fail(ErrorKind::query,
                fmt::format("{} statements at once: one at a time, or a file of them with -f", statements.size()));
  ReadStatement out{.text = std::move(statements.front()), .explained = {}};
  Scanner scanner(out.text, dialect);
  const std::string word = first_word(scanner);
  STACK_TRY(check_word(word));
  STACK_TRY(check_functions(out.text, dialect));
  if (word != "EXPLAIN") return out;
  skip_explain_options(scanner);
  out.explained = out.text.substr(scanner.at());
  const std::string explained = first_word(scanner);
  STACK_TRY(check_word(explained));
  if (explained == "EXPLAIN") return std::unexpected(not_allowed("EXPLAIN of EXPLAIN"));
  return out;
}

}  // namespace stack::query
