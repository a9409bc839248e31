// A terminal's width, and text that is broken to fit it.
// Thread-safety: any thread. Never fails.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace stack::app {

// Columns of the terminal that DESCRIPTOR is open on; none where it is no terminal, or one that does not tell.
[[nodiscard]] std::optional<std::size_t> terminal_width(int descriptor);

// TEXT with no line of more than WIDTH bytes, as far as blanks allow. A line that is broken goes on below where its
// second column begins, two blanks or more after the first, or below its own beginning; lines without indentation are
// filled up from the next ones. Commands to be copied, which are indented and begin with "stack", stay whole.
[[nodiscard]] std::string broken_to_fit(std::string_view text, std::size_t width);

}  // namespace stack::app
