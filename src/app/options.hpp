// Every option of the program, once: its name, environment variable, default and help text. Commands pick from
// this table by name, and so do the environment, `.env` and `stack.toml`, whose unknown keys are errors.
// A name means one thing whatever the command, since those layers speak to all commands: where two commands use one
// flag for different things (`--format` of a file of events, and of the lake), they are two options of one spelling.
// Thread-safety: constant data. Never fails.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace stack::app {

struct OptionSpec {
  std::string_view name;      // of the setting; on the command line too, after two dashes, unless `flag` says otherwise
  std::string_view value;     // placeholder of its value; empty for a flag
  std::string_view fallback;  // default as text; empty for "none", or said in `help`
  std::string_view help;
  std::string_view environment = {};  // the standard variable that sets it beside STACK_<NAME>
  bool repeatable = false;            // may be given several times, joined by newlines
  std::string_view flag = {};         // on the command line, without dashes, where that is not `name`
  char letter = '\0';                 // of its short form, as o for -o
};

[[nodiscard]] std::span<const OptionSpec> all_options();
[[nodiscard]] const OptionSpec* find_option(std::string_view name);
// The option that an environment variable sets, by its own or its standard name; null when there is none.
[[nodiscard]] const OptionSpec* find_option_by_environment(std::string_view variable);
// STACK_EVENTS_PER_SESSION for "events-per-session".
[[nodiscard]] std::string environment_name(const OptionSpec& option);
// As users write it: "--limit".
[[nodiscard]] std::string flag_of(const OptionSpec& option);

}  // namespace stack::app
