#include "app/command_help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace stack::app {
namespace {

constexpr std::size_t kOptionColumn = 38;

// Defaults that a command gives itself.
struct CommandDefault {
  std::string_view command;
  std::string_view option;
  std::string_view text;
};

constexpr std::string_view kLatestLake = "the latest under ./stack-lake";

constexpr std::array kDefaults = {
    CommandDefault{"run", "topic", "stock-events-<feed id>"},
    CommandDefault{"run", "lake", "stack-lake/<feed id>"},
    CommandDefault{"run", "speed", "max"},
    CommandDefault{"simulate", "speed", "max"},
    CommandDefault{
        "produce", "speed",
        "60x, and the last 5 sessions, of a model the first 5; max with --limit and with --from or --to, of a "
        "model with --sessions"},
    CommandDefault{"produce", "rate", "none; 1 with --mode sample"},
    CommandDefault{"sink", "lake", "stack-lake/<topic>"},
    CommandDefault{"crawl", "lake", kLatestLake},
    CommandDefault{"crawl", "engine", "stack"},
    CommandDefault{"query", "engine", "duckdb"},
    CommandDefault{"query", "lake", kLatestLake},
    CommandDefault{"catalog", "lake", kLatestLake},
    CommandDefault{"verify", "lake", kLatestLake},
    CommandDefault{"doctor", "lake", "stack-lake"},
};

std::string_view default_of(const OptionSpec& option, const Command& command) {
  for (const auto& own : kDefaults)
    if (own.command == command.name && own.option == option.name) return own.text;
  return option.fallback;
}

class Formatter : public CLI::Formatter {
 public:
  explicit Formatter(const Command& command) : command_(command) { column_width(kOptionColumn); }

  std::string make_usage(const CLI::App* /*app*/, std::string /*name*/) const override {
    return fmt::format("Usage: stack {} [OPTIONS]{}{}\n", command_.name, command_.arguments.empty() ? "" : " ",
                       command_.arguments);
  }
  // The usage line and the footer tell of them.
  std::string make_positionals(const CLI::App* /*app*/) const override { return {}; }

 private:
  const Command& command_;
};

}  // namespace

std::string help_of(const OptionSpec& option, const Command& command) {
  std::string help{option.help};
  if (const auto value = default_of(option, command); !value.empty()) help += fmt::format(" (default: {})", value);
  if (!option.environment.empty()) {
    help += fmt::format(" [{}]", option.environment);
  } else if (!option.flag.empty()) {
    help += fmt::format(" [{}]", environment_name(option));
  }
  return help;
}

std::string footer_of(const Command& command) {
  std::string footer;
  if (!command.arguments_help.empty()) footer += fmt::format("{}\n\n", command.arguments_help);
  footer +=
      "Every option can be set in the environment or in .env too, as STACK_SEED=7 for --seed 7 (or as the name in\n"
      "brackets says), and in stack.toml, as seed = 7. A command passes over the options that it does not have.\n\n";
  std::string_view left = command.example;
  footer += left.find('\n') == std::string_view::npos ? "Example:" : "Examples:";
  while (!left.empty()) {
    const auto line = left.substr(0, left.find('\n'));
    footer += fmt::format("\n  {}", line);
    left.remove_prefix(std::min(left.size(), line.size() + 1));
  }
  return footer;
}

std::shared_ptr<CLI::FormatterBase> formatter_of(const Command& command) {
  return std::make_shared<Formatter>(command);
}

}  // namespace stack::app
