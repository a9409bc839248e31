#include "query/sql_words.hpp"

#include <algorithm>

#include "query/engine.hpp"

namespace stack::query {
namespace {

bool word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool word_part(char c) { return word_start(c) || (c >= '0' && c <= '9') || c == '$'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

void SqlWords::skip_blanks_and_comments() {
  while (at_ < sql_.size()) {
    const std::string_view rest = sql_.substr(at_);
    if (blank(rest.front())) {
      ++at_;
    } else if (rest.starts_with("--")) {
      at_ += std::min(rest.find('\n'), rest.size());
    } else if (rest.starts_with("/*")) {
      // Block comments nest.
      std::size_t depth = 1;
      at_ += 2;
      while (at_ < sql_.size() && depth > 0) {
        const std::string_view inside = sql_.substr(at_, 2);
        depth = inside == "/*" ? depth + 1 : inside == "*/" ? depth - 1 : depth;
        at_ += inside == "/*" || inside == "*/" ? 2 : 1;
      }
    } else {
      return;
    }
  }
}

std::size_t SqlWords::quoted_end(std::size_t begin, char quote, bool backslashes) const {
  std::size_t at = begin + 1;
  while (at < sql_.size()) {
    if (backslashes && sql_[at] == '\\') {
      at += 2;
    } else if (sql_[at] != quote) {
      ++at;
    } else if (at + 1 < sql_.size() && sql_[at + 1] == quote) {
      at += 2;
    } else {
      return at + 1;
    }
  }
  return sql_.size();
}

std::size_t SqlWords::dollar_quoted_end(std::size_t begin) const {
  const std::size_t tag_end = sql_.find('$', begin + 1);
  if (tag_end == std::string_view::npos) return begin + 1;
  const std::string_view tag = sql_.substr(begin, tag_end - begin + 1);
  for (const char c : tag.substr(1, tag.size() - 2)) {
    if (!word_part(c) || c == '$') return begin + 1;
  }
  const std::size_t close = sql_.find(tag, tag_end + 1);
  return close == std::string_view::npos ? sql_.size() : close + tag.size();
}

Token SqlWords::next() {
  skip_blanks_and_comments();
  const std::size_t begin = at_;
  if (begin >= sql_.size()) return {TokenKind::end, sql_.size(), {}};
  const char c = sql_[begin];
  TokenKind kind = TokenKind::symbol;
  const bool escapes = (c == 'e' || c == 'E') && begin + 1 < sql_.size() && sql_[begin + 1] == '\'';
  if (c == '\'' || escapes) {
    kind = TokenKind::literal;
    at_ = quoted_end(escapes ? begin + 1 : begin, '\'', escapes);
  } else if (c == '"') {
    kind = TokenKind::quoted_name;
    at_ = quoted_end(begin, '"', false);
  } else if (c == '$' && dollar_quoted_end(begin) > begin + 1) {
    kind = TokenKind::literal;
    at_ = dollar_quoted_end(begin);
  } else if (word_start(c)) {
    kind = TokenKind::word;
    while (at_ < sql_.size() && word_part(sql_[at_])) ++at_;
  } else if (digit(c)) {
    kind = TokenKind::number;
    while (at_ < sql_.size() && word_part(sql_[at_])) ++at_;
  } else {
    ++at_;
  }
  at_ = std::min(at_, sql_.size());
  return {kind, begin, sql_.substr(begin, at_ - begin)};
}

std::vector<std::string> split_statements(std::string_view sql) {
  std::vector<std::string> statements;
  SqlWords words(sql);
  std::size_t begin = 0;
  bool any = false;
  for (Token token = words.next();; token = words.next()) {
    const bool ends = token.kind == TokenKind::end || token.text == ";";
    if (!ends) {
      if (!any) begin = token.begin;
      any = true;
      continue;
    }
    if (any) statements.emplace_back(sql.substr(begin, token.begin - begin));
    any = false;
    if (token.kind == TokenKind::end) return statements;
  }
}

}  // namespace stack::query
