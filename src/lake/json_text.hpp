// Writing JSON strings. Thread-safety: free functions. Never fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stack::lake {

// Appends TEXT, which must be UTF-8, as a quoted JSON string.
void append_json_string(std::string& out, std::string_view text);
[[nodiscard]] std::string json_string(std::string_view text);
// ["a","b"]
[[nodiscard]] std::string json_array(const std::vector<std::string>& texts);

}  // namespace stack::lake
