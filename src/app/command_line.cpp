#include "app/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <optional>

#include "app/command_help.hpp"
#include "app/expected_value.hpp"
#include "app/options.hpp"
#include "core/nearest_name.hpp"

namespace stack::app {
namespace {

constexpr std::string_view kVersion = STACK_VERSION;

// All options of COMMAND, as users write them.
std::vector<std::string> flags_of(const Command& command) {
  std::vector<std::string> flags;
  for (const auto* option : options_of_command(command)) flags.push_back(flag_of(*option));
  return flags;
}

// One subcommand's parser, and where it leaves what it read.
struct Parser {
  CLI::App* app = nullptr;
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> switches;
  std::vector<std::string> arguments;
};

void declare(Parser& parser, const Command& command) {
  auto names = command.options;
  names.insert(names.end(), options_everywhere().begin(), options_everywhere().end());
  for (const auto name : names) {
    const OptionSpec* option = find_option(name);
    if (option == nullptr) throw std::logic_error(fmt::format("command {} names no option {}", command.name, name));
    std::string spelling = flag_of(*option);
    if (option->letter != '\0') spelling.insert(0, fmt::format("-{},", option->letter));
    const std::string help = help_of(*option, command);
    if (option->value.empty()) {
      parser.app->add_flag(spelling, parser.switches[std::string{name}], help);
      continue;
    }
    auto* added = parser.app->add_option(spelling, parser.values[std::string{name}], help);
    added->type_name(std::string{option->value})
        ->expected(1)
        ->allow_extra_args(false)  // what follows a value is an argument
        ->multi_option_policy(option->repeatable ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw);
  }
  if (command.most_arguments > 0) {
    parser.app->add_option("arguments", parser.arguments, std::string{command.arguments})
        ->expected(1, static_cast<int>(command.most_arguments));
  }
  parser.app->footer(footer_of(command));
  parser.app->formatter(formatter_of(command));
}

bool is_number(std::string_view text) { return text.find_first_not_of("-+.0123456789") == std::string_view::npos; }

// The first of ARGUMENTS that looks like an option and is none of COMMAND's, as a message; else nothing.
std::optional<std::string> unknown_option(const Command& command, const std::vector<std::string>& arguments) {
  const auto flags = flags_of(command);
  std::vector<std::string_view> known;
  known.reserve(flags.size());
  for (const std::string_view flag : flags) known.push_back(flag.substr(2));
  for (const auto& argument : arguments) {
    if (!argument.starts_with('-') || is_number(argument)) continue;
    const bool is_long = argument.starts_with("--");
    const auto written = std::string_view{argument}.substr(0, argument.find('='));
    const auto name = written.substr(is_long ? 2 : 1);
    if (name.empty() || name == "help" || (is_long && std::ranges::find(known, name) != known.end())) continue;
    if (!is_long && (name == "h" || std::ranges::any_of(all_options(), [&](const OptionSpec& option) {
                       return option.letter == name.front() && std::ranges::find(flags, flag_of(option)) != flags.end();
                     })))
      continue;
    const auto nearest = name.size() == 1 ? std::string{} : nearest_name(name, known);
    return fmt::format("option {} is unknown{}", written,
                       nearest.empty() ? "" : fmt::format(", did you mean --{}?", nearest));
  }
  return std::nullopt;
}

// What CLI11 says of a number of values that does not fit, in this program's words.
std::string explain_mismatch(const Command& command, std::string_view said) {
  const auto name = said.substr(0, said.find(':'));
  const bool too_many = said.find("At Most") != std::string_view::npos;
  if (name == "arguments") return fmt::format("takes {}, but more arguments were given", command.arguments);
  if (too_many) return fmt::format("option {} is given more than once", name);
  const auto option = std::ranges::find_if(all_options(), [&](const OptionSpec& each) {
    return flag_of(each) == name || (each.letter != '\0' && name == fmt::format("-{}", each.letter));
  });
  return option == all_options().end() ? std::string{said}
                                       : fmt::format("option {} wants a value, {}", name, option->value);
}

std::string explain(const CLI::ParseError& error, const Command& command, const std::vector<std::string>& arguments) {
  std::string what = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) what = explain_mismatch(command, what);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && command.arguments.empty())
    what = "takes no arguments, only options";
  if (const auto unknown = unknown_option(command, arguments)) what = *unknown;
  return fmt::format("{}: {}; see `stack {} --help`", command.name, what, command.name);
}

std::string with_nearest(std::string_view misspelt, std::span<const std::string_view> known) {
  const auto nearest = nearest_name(misspelt, known);
  return nearest.empty() ? std::string{} : fmt::format(", did you mean {}?", nearest);
}

// The command that ARGUMENTS name; null where they ask about the program itself.
Result<const Command*> command_of(const std::vector<std::string>& arguments) {
  if (arguments.empty())
    return fail(ErrorKind::usage, "which command? `stack --help` lists them; `stack run` is the main one");
  const auto& first = arguments.front();
  static constexpr std::array<std::string_view, 3> kOwn = {"-h", "--help", "--version"};
  if (std::ranges::find(kOwn, std::string_view{first}) != kOwn.end()) return nullptr;
  if (first.starts_with("-") && find_option(first.substr(std::min<std::size_t>(2, first.size()))) != nullptr)
    return fail(ErrorKind::usage, fmt::format("{} comes after the command, as in `stack run {}`", first, first));
  if (first.starts_with("-"))
    return fail(ErrorKind::usage, fmt::format("option {} is unknown{}; see `stack --help`", first,
                                              first.size() > 2 ? with_nearest(first, kOwn) : std::string{}));
  const auto it = std::ranges::find(all_commands(), std::string_view{first}, &Command::name);
  if (it != all_commands().end()) return &*it;
  std::vector<std::string_view> names;
  names.reserve(all_commands().size());
  for (const auto& command : all_commands()) names.push_back(command.name);
  return fail(ErrorKind::usage, fmt::format("{} is no command{}; the commands are {}", first,
                                            with_nearest(first, names), fmt::join(names, ", ")));
}

}  // namespace

Result<std::variant<Invocation, HelpText>> parse_command_line(std::vector<std::string> arguments) {
  const std::vector<std::string> given = arguments;
  CLI::App app{"STACK: historical bars to a live feed on Kafka, exactly once into a data lake, and SQL over it.",
               "stack"};
  app.set_version_flag("--version", std::string{kVersion});
  app.require_subcommand(1);
  app.footer("Example:\n  stack run prices.csv\n\n`stack COMMAND --help` tells a command's options.");
  std::vector<Parser> parsers(all_commands().size());
  for (std::size_t i = 0; i < parsers.size(); ++i) {
    const Command& command = all_commands()[i];
    parsers[i].app = app.add_subcommand(std::string{command.name}, std::string{command.summary});
    declare(parsers[i], command);
  }

  STACK_TRY_ASSIGN(chosen, command_of(given));
  try {
    std::ranges::reverse(arguments);
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return HelpText{chosen == nullptr ? app.help() : app.get_subcommand(std::string{chosen->name})->help()};
  } catch (const CLI::CallForVersion&) {
    return HelpText{fmt::format("stack {}\n", kVersion)};
  } catch (const CLI::ParseError& error) {
    return fail(ErrorKind::usage, chosen == nullptr ? error.what() : explain(error, *chosen, given));
  }

  Invocation invocation{chosen, {}, {}};
  auto& parser = parsers[static_cast<std::size_t>(chosen - all_commands().data())];
  // Values of an option that may be repeated are lines from here on.
  for (const auto& [name, values] : parser.values)
    if (find_option(name)->repeatable &&
        std::ranges::any_of(values, [](const std::string& value) { return value.find('\n') != std::string::npos; }))
      return fail(ErrorKind::usage, fmt::format("{}: {}: a value is one line; in SQL, chr(10) is a line break",
                                                chosen->name, flag_of(*find_option(name))));
  for (const auto& [name, value] : parser.values)
    if (!value.empty()) invocation.flags[name] = fmt::format("{}", fmt::join(value, "\n"));
  for (const auto& [name, value] : invocation.flags)
    if (value.empty())
      return fail(ErrorKind::usage, fmt::format("{}: {} is given no value; leave it out or name one", chosen->name,
                                                flag_of(*find_option(name))));
  for (const auto& [name, on] : parser.switches)
    if (on) invocation.flags[name] = "true";
  invocation.arguments = parser.arguments;
  if (invocation.arguments.size() < chosen->least_arguments)
    return fail(ErrorKind::usage,
                fmt::format("{} wants {}; see `stack {} --help`", chosen->name, chosen->arguments, chosen->name));
  return invocation;
}

}  // namespace stack::app
