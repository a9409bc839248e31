// Manual pages, as troff's man macros, from the tables that --help is made from.
// Thread-safety: free functions over constant data. Never fails.
#pragma once

#include <string>
#include <string_view>

#include "app/command.hpp"

namespace stack::app {

// DATE, YYYY-MM-DD, stands at the foot of each page.
[[nodiscard]] std::string man_page(std::string_view date);                          // stack(1)
[[nodiscard]] std::string man_page(const Command& command, std::string_view date);  // stack-COMMAND(1)

}  // namespace stack::app
