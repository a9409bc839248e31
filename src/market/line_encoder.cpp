#include "market/line_encoder.hpp"

#include "market/json_text.hpp"

namespace stack::market {

std::string line_prefix(Encoding encoding, std::string_view symbol, Date session) {
  std::string prefix;
  if (encoding == Encoding::ndjson) {
    prefix = "{\"symbol\":";
    append_json_string(symbol, prefix);
    prefix += ",\"session_date\":\"" + format_date(session) + "\",\"event_time\":\"";
    return prefix;
  }
  if (symbol.find_first_of(",\"\r\n") == std::string_view::npos) {
    prefix = symbol;
  } else {
    prefix = '"';
    for (const char c : symbol) prefix.append(c == '"' ? 2 : 1, c);
    prefix += '"';
  }
  prefix += ',' + format_date(session) + ',';
  return prefix;
}

}  // namespace stack::market
