#include "market/line_encoder.hpp"

#include "market/json_text.hpp"
#include "market/row_encoder.hpp"

namespace stack::market {

std::string line_prefix(Encoding encoding, std::string_view symbol, Date session) {
  std::string prefix;
  if (encoding == Encoding::ndjson) {
    prefix = "{\"symbol\":";
    append_json_string(symbol, prefix);
    prefix += ",\"session_date\":\"" + format_date(session) + "\",\"event_time\":\"";
    return prefix;
  }
  append_csv_field(symbol, prefix);
  prefix += ',' + format_date(session) + ',';
  return prefix;
}

}  // namespace stack::market
