// The command line: which command, which options, or help. Thread-safety: pure.
// Failure: ErrorKind::usage, one line with the nearest known name.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "app/command.hpp"
#include "core/result.hpp"

namespace stack::app {

struct Invocation {
  const Command* command;
  std::map<std::string, std::string> flags;  // option name to value, "true" for flags
  std::vector<std::string> arguments;
};

struct HelpText {
  std::string text;  // for standard output
};

[[nodiscard]] Result<std::variant<Invocation, HelpText>> parse_command_line(std::vector<std::string> arguments);

}  // namespace stack::app
