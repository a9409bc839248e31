// Completions of commands, options and their values for bash, zsh and fish, from the tables that --help is made from.
// Thread-safety: free functions over constant data. Never fails.
#pragma once

#include <string>

namespace stack::app {

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

}  // namespace stack::app
