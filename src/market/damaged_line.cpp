#include "market/damaged_line.hpp"

#include <cstring>

namespace stack::market {
namespace {

constexpr std::string_view kNotJson = "502 Bad Gateway";  // at most kMostDamage bytes

char* put(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// Where the session's date begins in LINE.
std::size_t date_of(std::string_view line, Encoding encoding) {
  constexpr std::string_view kName = "\"session_date\":\"";
  if (encoding == Encoding::ndjson) return line.find(kName) + kName.size();
  if (line.front() != '"') return line.find(',') + 1;
  std::size_t at = 1;  // a quoted symbol may have commas of its own, and quotes written twice
  while (line[at] != '"' || line[at + 1] == '"') at += line[at] == '"' ? 2U : 1U;
  return at + 2;
}

// The date as a number: 20210528.
char* put_wrong_type(std::string_view line, Encoding encoding, char* out) {
  const std::size_t date = date_of(line, encoding);
  const std::size_t quote = encoding == Encoding::ndjson ? 1 : 0;
  out = put(line.substr(0, date - quote), out);
  out = put(line.substr(date, 4), out);
  out = put(line.substr(date + 5, 2), out);
  out = put(line.substr(date + 8, 2), out);
  return put(line.substr(date + 10 + quote), out);
}

}  // namespace

char* put_damaged(std::string_view line, Encoding encoding, const std::vector<Malformation>& forms,
                  std::uint64_t chance, char* out) {
  const std::uint64_t place = chance >> 8;
  switch (forms[(chance & 0xFFU) % forms.size()]) {
    case Malformation::truncated:
      return put(line.substr(0, 1 + place % (line.size() - 1)), out);
    case Malformation::bad_utf8: {
      const std::size_t at = 1 + place % (line.size() - 1);
      out = put(line.substr(0, at), out);
      *out++ = '\xFF';
      return put(line.substr(at), out);
    }
    case Malformation::wrong_type:
      return put_wrong_type(line, encoding, out);
    case Malformation::empty:
      return out;
    case Malformation::not_json:
      return put(kNotJson, out);
  }
  return out;
}

}  // namespace stack::market
