// What may stand as the value of an option or as an argument, read from the tables that --help is made from: for the
// completions of shells.
// Thread-safety: free functions over constant data. Never fails.
#pragma once

#include <string_view>
#include <vector>

#include "app/command.hpp"
#include "app/options.hpp"

namespace stack::app {

struct ExpectedValue {
  enum class Kind { any, words, file, folder };
  Kind kind = Kind::any;
  std::vector<std::string_view> words;  // of Kind::words
};

[[nodiscard]] ExpectedValue expected_value(const OptionSpec& option);
// One for each argument that the command takes.
[[nodiscard]] std::vector<ExpectedValue> expected_arguments(const Command& command);

// Options of COMMAND, those that every command has at the end.
[[nodiscard]] std::vector<const OptionSpec*> options_of_command(const Command& command);

}  // namespace stack::app
