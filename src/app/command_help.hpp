// How a command's options and arguments are shown by --help. Thread-safety: pure. Never fails.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "app/command.hpp"
#include "app/options.hpp"

namespace stack::app {

// What the option is for, its default with this command, and the variable that sets it where that is not plain.
[[nodiscard]] std::string help_of(const OptionSpec& option, const Command& command);
// What stands below the options: arguments, other ways to set an option, an example.
[[nodiscard]] std::string footer_of(const Command& command);
// Usage lines with the command's own placeholders.
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> formatter_of(const Command& command);

}  // namespace stack::app
