// SQL text as a row of tokens, as far as it takes to find statements' ends and words outside quotes and comments.
// Thread-safety: values. Never fails: an unfinished quote or comment reaches to the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stack::query {

enum class TokenKind : std::uint8_t { end, word, quoted_name, literal, number, symbol };

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t begin = 0;  // in the text
  std::string_view text;  // as written
};

class SqlWords {
 public:
  explicit SqlWords(std::string_view sql) : sql_(sql) {}
  [[nodiscard]] Token next();

 private:
  void skip_blanks_and_comments();
  [[nodiscard]] std::size_t quoted_end(std::size_t begin, char quote, bool backslashes) const;
  [[nodiscard]] std::size_t dollar_quoted_end(std::size_t begin) const;

  std::string_view sql_;
  std::size_t at_ = 0;
};

}  // namespace stack::query
