// JSON strings from arbitrary bytes. Thread-safety: pure. Never fails: what is not UTF-8 becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace stack::market {

[[nodiscard]] bool is_utf8(std::string_view text);
// Appends TEXT as a JSON string with its quotes.
void append_json_string(std::string_view text, std::string& out);
// Whether TEXT as it stands is a JSON number.
[[nodiscard]] bool is_json_number(std::string_view text);

}  // namespace stack::market
