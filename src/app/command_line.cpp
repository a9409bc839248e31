#include "app/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/options.hpp"

namespace stack::app {
namespace {

constexpr std::string_view kVersion = STACK_VERSION;

const std::vector<std::string_view>& options_everywhere() {
  static const std::vector<std::string_view> names = {"json", "env-file", "config", "no-progress", "verbose", "quiet"};
  return names;
}

std::string_view short_name(std::string_view option, std::string_view command) {
  if (option == "output") return command == "simulate" ? "-o,--output" : "--output";
  if (option == "file") return "-f,--file";
  if (option == "verbose") return "-v,--verbose";
  if (option == "quiet") return "-q,--quiet";
  return {};
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
    const auto shown = short_name(name, command.name);
    const std::string spelling = shown.empty() ? fmt::format("--{}", name) : std::string{shown};
    std::string help{option->help};
    if (!option->fallback.empty()) help += fmt::format(" (default: {})", option->fallback);
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
  parser.app->footer(fmt::format("Example:\n  {}", command.example));
}

// What CLI11 says of an unknown option, with the nearest known one.
std::string explain(const CLI::ParseError& error, const Command* command, const std::vector<std::string>& arguments) {
  std::vector<std::string_view> known;
  if (command != nullptr) {
    known = command->options;
    known.insert(known.end(), options_everywhere().begin(), options_everywhere().end());
  }
  for (const auto& argument : arguments) {
    if (command == nullptr || !argument.starts_with("--")) continue;
    const auto name = std::string_view{argument}.substr(
        2, argument.find('=') == std::string::npos ? std::string::npos : argument.find('=') - 2);
    if (name.empty() || name == "help" || std::ranges::find(known, name) != known.end()) continue;
    const auto nearest = nearest_name(name, known);
    return fmt::format("{}: option --{} is unknown{}; see `stack {} --help`", command->name, name,
                       nearest.empty() ? "" : fmt::format(", did you mean --{}?", nearest), command->name);
  }
  return command == nullptr ? error.what()
                            : fmt::format("{}: {}; see `stack {} --help`", command->name, error.what(), command->name);
}

}  // namespace

Result<std::variant<Invocation, HelpText>> parse_command_line(std::vector<std::string> arguments) {
  const std::vector<std::string> given = arguments;
  CLI::App app{"STACK: historical bars to a live feed on Kafka, exactly once into a data lake, and SQL over it.",
               "stack"};
  app.set_version_flag("--version", std::string{kVersion});
  app.require_subcommand(1);
  app.footer("Example:\n  stack run prices.csv\n`stack COMMAND --help` tells a command's options.");
  std::vector<Parser> parsers(all_commands().size());
  for (std::size_t i = 0; i < parsers.size(); ++i) {
    const Command& command = all_commands()[i];
    parsers[i].app = app.add_subcommand(std::string{command.name}, std::string{command.summary});
    declare(parsers[i], command);
  }

  const Command* chosen = nullptr;
  for (const auto& argument : given) {
    const auto it = std::ranges::find(all_commands(), std::string_view{argument}, &Command::name);
    if (it != all_commands().end()) {
      chosen = &*it;
      break;
    }
    if (!argument.starts_with("-")) {
      std::vector<std::string_view> names;
      for (const auto& command : all_commands()) names.push_back(command.name);
      const auto nearest = nearest_name(argument, names);
      return fail(ErrorKind::usage, fmt::format("{} is no command{}; the commands are {}", argument,
                                                nearest.empty() ? "" : fmt::format(", did you mean {}?", nearest),
                                                fmt::join(names, ", ")));
    }
  }
  if (arguments.empty())
    return fail(ErrorKind::usage, "which command? `stack --help` lists them; `stack run` is the main one");
  try {
    std::ranges::reverse(arguments);
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return HelpText{chosen == nullptr ? app.help() : app.get_subcommand(std::string{chosen->name})->help()};
  } catch (const CLI::CallForVersion&) {
    return HelpText{fmt::format("stack {}\n", kVersion)};
  } catch (const CLI::ParseError& error) {
    return fail(ErrorKind::usage, explain(error, chosen, given));
  }

  Invocation invocation{chosen, {}, {}};
  auto& parser = parsers[static_cast<std::size_t>(chosen - all_commands().data())];
  for (const auto& [name, value] : parser.values)
    if (!value.empty()) invocation.flags[name] = fmt::format("{}", fmt::join(value, "\n"));
  for (const auto& [name, on] : parser.switches)
    if (on) invocation.flags[name] = "true";
  invocation.arguments = parser.arguments;
  if (invocation.arguments.size() < chosen->least_arguments)
    return fail(ErrorKind::usage,
                fmt::format("{} wants {}; see `stack {} --help`", chosen->name, chosen->arguments, chosen->name));
  return invocation;
}

}  // namespace stack::app
