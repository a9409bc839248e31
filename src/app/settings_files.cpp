// The layers below the command line: environment, `.env`, `stack.toml`.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "app/options.hpp"
#include "app/settings.hpp"
#include "core/nearest_name.hpp"

namespace stack::app {
namespace {

// STACK_ variables that are read elsewhere than through the option table: by scripts and tests, by the broker and by
// the sink's crash steps; and the two of Haskell's tool of the same name, which are none of our business.
constexpr std::array<std::string_view, 9> kOwnVariables = {"STACK_CACHE",      "STACK_KAFKA_JARS", "STACK_CRASH_AT",
                                                           "STACK_TEST_DATA",  "STACK_PROGRAM",    "STACK_TEST_PYTHON",
                                                           "STACK_SOURCE_DIR", "STACK_ROOT",       "STACK_YAML"};

bool is_own_variable(std::string_view name) { return std::ranges::find(kOwnVariables, name) != kOwnVariables.end(); }

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const auto nearest = nearest_name(name, views);
  return nearest.empty() ? std::string{} : fmt::format("; did you mean {}?", nearest);
}

std::vector<std::string> known_variables() {
  std::vector<std::string> names;
  for (const auto& option : all_options()) {
    names.push_back(environment_name(option));
    if (!option.environment.empty()) names.emplace_back(option.environment);
  }
  return names;
}

// Whether TEXT begins with the name of a Kafka property and "=".
bool begins_property(std::string_view text) {
  const auto equals = text.find('=');
  return equals != std::string_view::npos &&
         std::ranges::binary_search(kafka::property_names(), text.substr(0, equals));
}

// Repeatable options may be set once in a file or variable, their values apart by newlines or commas. The values of
// Kafka properties have commas of their own: there it takes another property's name behind the comma.
std::string as_lines(const OptionSpec& option, std::string value) {
  if (!option.repeatable) return value;
  const bool properties = option.name == "kafka-property";
  for (std::size_t i = 0; i < value.size(); ++i)
    if (value[i] == ',' && (!properties || begins_property(std::string_view{value}.substr(i + 1)))) value[i] = '\n';
  return value;
}

std::string toml_scalar(const toml::node& node) {
  if (const auto text = node.value<std::string>(); node.is_string()) return *text;
  if (node.is_boolean()) return *node.value<bool>() ? "true" : "false";
  if (node.is_integer()) return fmt::format("{}", *node.value<std::int64_t>());
  if (node.is_floating_point()) return fmt::format("{}", *node.value<double>());
  if (const auto* date = node.as_date()) {
    const auto& value = date->get();
    return fmt::format("{:04}-{:02}-{:02}", value.year, static_cast<int>(value.month), static_cast<int>(value.day));
  }
  return {};
}

// The entries of the table [kafka]: "sasl.username" = "x", and what comes to the same, sasl.username = "x".
Result<void> flatten(const toml::table& table, const std::string& prefix, const std::string& file,
                     kafka::Properties& properties) {
  for (const auto& [key, node] : table) {
    const auto name = prefix + std::string{key.str()};
    const auto origin = fmt::format("{}:{}", file, node.source().begin.line);
    if (const auto* inner = node.as_table()) {
      STACK_TRY(flatten(*inner, name + ".", file, properties));
      continue;
    }
    if (!node.is_value())
      return fail(ErrorKind::usage, fmt::format("{}: {} wants a text, a number, true or false", origin, name));
    auto value = toml_scalar(node);
    STACK_TRY(kafka::check_property(name, value, origin));
    properties.emplace_back(name, std::move(value));
  }
  return {};
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The variable that LINE, which lacks a "=", seems to be about. Of any other line nothing is shown: it may be a secret.
std::string named_at_front(std::string_view line) {
  const auto word = line.substr(0, line.find_first_of(" \t:"));
  return find_option_by_environment(word) == nullptr ? std::string{} : fmt::format(": {}", word);
}

// Without a comment at its end: a '#' at the front or behind a blank.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i)
    if (value[i] == '#' && (i == 0 || value[i - 1] == ' ' || value[i - 1] == '\t')) return trim(value.substr(0, i));
  return trim(value);
}

// The value of a `.env` line: bare up to a comment, or quoted and taken as it stands; none where a quote does not close
// it.
std::optional<std::string_view> unquote(std::string_view value) {
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) return without_comment(value);
  const auto end = value.find(value.front(), 1);
  if (end == std::string_view::npos || !without_comment(value.substr(end + 1)).empty()) return std::nullopt;
  return value.substr(1, end - 1);
}

}  // namespace

Result<void> Settings::add_value(const OptionSpec& option, std::string value, std::string origin) {
  value = as_lines(option, std::move(value));
  if (option.name == "kafka-property") STACK_TRY(add_kafka_properties(value, origin));
  add(option.name, std::move(value), std::move(origin));
  return {};
}

Result<void> Settings::add_environment(const std::vector<std::string>& variables) {
  for (const auto& variable : variables) {
    const auto equals = variable.find('=');
    if (equals == std::string::npos) continue;
    const auto name = variable.substr(0, equals);
    if (const OptionSpec* option = find_option_by_environment(name); option != nullptr) {
      if (equals + 1 < variable.size()) STACK_TRY(add_value(*option, variable.substr(equals + 1), name));
    } else if (name.starts_with("STACK_") && !is_own_variable(name)) {
      return fail(ErrorKind::usage,
                  fmt::format("environment variable {} is unknown{}", name, did_you_mean(name, known_variables())));
    }
  }
  return {};
}

Result<void> Settings::add_env_file(const std::filesystem::path& file) {
  std::ifstream in{file};
  if (!in) return fail(ErrorKind::usage, fmt::format("{}: cannot be read; check its permissions", file.string()));
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    auto text = trim(line);
    if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text = trim(text.substr(3));
    if (text.empty() || text.front() == '#') continue;
    if (text.starts_with("export ") || text.starts_with("export\t")) text = trim(text.substr(7));
    const auto equals = text.find('=');
    const auto origin = fmt::format("{}:{}", file.filename().string(), number);
    if (equals == std::string_view::npos)
      return fail(ErrorKind::usage, fmt::format("{}: not NAME=VALUE{}", origin, named_at_front(text)));
    const std::string name{trim(text.substr(0, equals))};
    const auto unquoted = unquote(trim(text.substr(equals + 1)));
    if (!unquoted)
      return fail(ErrorKind::usage,
                  fmt::format("{}: the value of {} wants a closing quote, and nothing behind it but a "
                              "comment",
                              origin, name));
    const std::string value{*unquoted};
    if (const OptionSpec* option = find_option_by_environment(name); option != nullptr) {
      if (!value.empty()) STACK_TRY(add_value(*option, value, origin));
    } else if (name.starts_with("AWS_") || name == "S3_BUCKET_NAME" || is_own_variable(name)) {
      ::setenv(name.c_str(), value.c_str(), 0);
    } else {
      return fail(ErrorKind::usage,
                  fmt::format("{}: {} is unknown{}", origin, name, did_you_mean(name, known_variables())));
    }
  }
  return {};
}

Result<void> Settings::add_toml(const std::filesystem::path& file) {
  toml::table table;
  try {
    table = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    return fail(ErrorKind::usage, fmt::format("{}:{}: {}", file.filename().string(), error.source().begin.line,
                                              std::string{error.description()}));
  }
  for (const auto& [key, node] : table) {
    const auto origin = fmt::format("{}:{}", file.filename().string(), node.source().begin.line);
    if (key.str() == "kafka" && node.is_table()) {
      kafka::Properties properties;
      STACK_TRY(flatten(*node.as_table(), "", file.filename().string(), properties));
      add_layer(std::move(properties));
      continue;
    }
    std::string name{key.str()};
    std::ranges::replace(name, '_', '-');
    const OptionSpec* option = find_option(name);
    if (option == nullptr) {
      std::vector<std::string> known;
      for (const auto& each : all_options()) known.emplace_back(each.name);
      return fail(ErrorKind::usage,
                  fmt::format("{}: key {} is unknown{}", origin, std::string{key.str()}, did_you_mean(name, known)));
    }
    std::string value;
    if (const auto* array = node.as_array()) {
      for (const auto& each : *array) value += (value.empty() ? "" : ",") + toml_scalar(each);
    } else {
      value = toml_scalar(node);
    }
    if (value.empty())
      return fail(ErrorKind::usage, fmt::format("{}: {} wants a text, a number, true or false", origin, name));
    STACK_TRY(add_value(*option, std::move(value), origin));
  }
  return {};
}

}  // namespace stack::app
