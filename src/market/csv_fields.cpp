#include "market/csv_fields.hpp"

#include <cstring>

namespace stack::market {
namespace {

const char* find(const char* begin, const char* end, char c) {
  return static_cast<const char*>(std::memchr(begin, c, static_cast<std::size_t>(end - begin)));
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

CsvFields::Extent CsvFields::row_extent(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* newline = find(begin, end, '\n');
  const char* row_end = newline == nullptr ? end : newline;
  Extent extent;
  if (const char* quote = find(begin, row_end, '"'); quote != nullptr) {
    extent.quoted = true;
    // Quotes come in pairs: a line end inside an open pair belongs to the field. Without a closing one, the row ends
    // where its line does, and split() says so.
    bool open = false;
    const char* limit = row_end;
    for (const char* at = quote;; ++at) {
      at = find(at, limit, '"');
      if (at != nullptr) {
        open = !open;
        continue;
      }
      if (!open || limit == end) break;
      const char* close = find(limit, end, '"');
      if (close == nullptr) break;
      open = false;
      at = close;
      const char* next = find(close, end, '\n');
      limit = next == nullptr ? end : next;
    }
    if (!open) row_end = limit;
    newline = row_end == end ? nullptr : row_end;
  }
  extent.length = static_cast<std::size_t>(row_end - begin);
  extent.with_line_end = extent.length + (newline == nullptr ? 0 : 1);
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
    while (i < row.size() && (row[i] == ' ' || row[i] == '\t')) ++i;
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
        if (row[i] != ' ' && row[i] != '\t') return "text follows the end of a quoted field";
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
