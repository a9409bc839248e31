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

enum class LeadingZeros { are_dropped, make_text };  // 007: a number, or a name such as a postal code
// Appends the number that TEXT spells, in JSON's spelling: ".5" as 0.5, "+5" and "5." as 5, what is JSON as it stands.
// False, and nothing appended, when TEXT is none, or one that neither a 64-bit integer nor a double can hold.
[[nodiscard]] bool append_json_number(std::string_view text, LeadingZeros zeros, std::string& out);

}  // namespace stack::market
