// "Did you mean": the known name that a misspelt one is nearest to. Thread-safety: pure. Never fails.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace stack {

// Empty when nothing is near.
[[nodiscard]] std::string nearest_name(std::string_view misspelt, std::span<const std::string_view> known);

}  // namespace stack
