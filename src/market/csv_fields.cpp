#include "market/csv_fields.hpp"

#include <algorithm>
#include <cstring>

namespace stack::market {
namespace {

const char* find(const char* begin, const char* end, char c) {
  return static_cast<const char*>(std::memchr(begin, c, static_cast<std::size_t>(end - begin)));
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Behind the closing quote of the field whose opening quote is at OPEN; nullptr: none before LIMIT.
const char* quoted_field_end(const char* open, const char* limit) {
  for (const char* at = open + 1;; at += 2) {
    at = find(at, limit, '"');
    if (at == nullptr) return nullptr;
    if (at + 1 == limit || at[1] != '"') return at + 1;
  }
}

// Where the row that begins at BEGIN, and has a quote on its first line, ends. A quote opens a quoted field at the
// field's start only, and a line end inside such a field belongs to it. Without a sound closing quote (one that a comma
// or a line end follows) before LIMIT, the row ends where its first line does, at LINE_END, so that one stray quote
// takes no other rows with it; split() tells what is wrong.
const char* quoted_row_end(const char* begin, const char* line_end, const char* limit, const char* end) {
  const char* const first_line_end = line_end;
  for (const char* at = begin;; ++at) {
    while (at < line_end && is_blank(*at)) ++at;
    if (at < line_end && *at == '"') {
      at = quoted_field_end(at, limit);
      if (at == nullptr) return first_line_end;
      if (at > line_end) {
        const char* newline = find(at, end, '\n');
        line_end = newline == nullptr ? end : newline;
      }
      while (at < line_end && (is_blank(*at) || (*at == '\r' && at + 1 == line_end))) ++at;
      if (at < line_end && *at != ',') return first_line_end;
    } else {
      const char* comma = find(at, line_end, ',');
      at = comma == nullptr ? line_end : comma;
    }
    if (at >= line_end) return line_end;
  }
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

CsvFields::Extent CsvFields::row_extent(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* const newline = find(begin, end, '\n');
  const char* row_end = newline == nullptr ? end : newline;
  Extent extent;
  if (const char* quote = find(begin, row_end, '"'); quote != nullptr) {
    extent.quoted = true;
    row_end = quoted_row_end(begin, row_end, std::max(row_end, begin + std::min(text.size(), kLongestRow)), end);
  }
  extent.length = static_cast<std::size_t>(row_end - begin);
  extent.with_line_end = extent.length + (row_end == end ? 0 : 1);
  if (extent.length > 0 && begin[extent.length - 1] == '\r') --extent.length;
  return extent;
}

std::string_view CsvFields::split(std::string_view row, bool quoted) {
  fields_.clear();
  if (quoted) return split_quoted(row);
  const char* at = row.data();
  const char* const end = at + row.size();
  for (;;) {
    const char* comma = find(at, end, ',');
    const char* stop = comma == nullptr ? end : comma;
    fields_.push_back(trimmed({at, static_cast<std::size_t>(stop - at)}));
    if (comma == nullptr) return {};
    at = comma + 1;
  }
}

std::string_view CsvFields::split_quoted(std::string_view row) {
  unquoted_.clear();
  unquoted_.reserve(row.size());  // fields point into it: it must not move
  std::size_t i = 0;
  for (;;) {
    while (i < row.size() && is_blank(row[i])) ++i;
    if (i < row.size() && row[i] == '"') {
      const std::size_t start = unquoted_.size();
      for (++i;; ++i) {
        if (i >= row.size()) return "a quoted field has no end";
        if (row[i] == '"') {
          if (i + 1 < row.size() && row[i + 1] == '"')
            ++i;
          else
            break;
        }
        unquoted_ += row[i];
      }
      fields_.emplace_back(unquoted_.data() + start, unquoted_.size() - start);
      for (++i; i < row.size() && row[i] != ','; ++i)
        if (!is_blank(row[i])) return "text follows the end of a quoted field";
    } else {
      std::size_t comma = row.find(',', i);
      if (comma == std::string_view::npos) comma = row.size();
      fields_.push_back(trimmed(row.substr(i, comma - i)));
      i = comma;
    }
    if (i >= row.size()) return {};
    ++i;  // the comma
  }
}

}  // namespace stack::market
