#include "app/expected_value.hpp"

#include <algorithm>
#include <array>

namespace stack::app {
namespace {

using Kind = ExpectedValue::Kind;

// Options whose placeholder is a word, since their values would not fit into the line.
struct NamedValues {
  std::string_view option;
  std::string_view values;
};
constexpr std::array kNamedValues = {
    NamedValues{"mode", "replay|sample|bootstrap|fhs|gbm|heston|jump"},
    NamedValues{"kafka-auth", "none|tls|plain|scram-sha-256|scram-sha-512|oauthbearer|msk-iam"},
};

bool is_literal(std::string_view word) {
  return !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// "a|b|c" are words; "N|p:N" is not, nor is a placeholder such as FILE.
ExpectedValue of_placeholder(std::string_view placeholder) {
  const auto parts = split(placeholder, '|');
  if (parts.size() > 1 && std::ranges::all_of(parts, is_literal)) return {Kind::words, parts};
  if (placeholder.starts_with("FILE") || placeholder == "DATA.csv") return {Kind::file, {}};
  if (placeholder == "DIR" || placeholder == "URI") return {Kind::folder, {}};
  if (placeholder == "COMMAND") {
    ExpectedValue commands{Kind::words, {}};
    for (const auto& command : all_commands()) commands.words.push_back(command.name);
    return commands;
  }
  return {};
}

std::string_view without_brackets(std::string_view text) {
  if (text.starts_with('[')) text.remove_prefix(1);
  if (text.ends_with(']')) text.remove_suffix(1);
  return text;
}

}  // namespace

ExpectedValue expected_value(const OptionSpec& option) {
  const auto* named = std::ranges::find(kNamedValues, option.name, &NamedValues::option);
  return of_placeholder(named == kNamedValues.end() ? option.value : named->values);
}

std::vector<ExpectedValue> expected_arguments(const Command& command) {
  std::vector<ExpectedValue> expected;
  std::string_view rest = command.arguments;
  while (!rest.empty() && expected.size() < command.most_arguments) {
    const auto end = std::min(rest.find(' '), rest.size());
    const auto word = rest.substr(0, end);
    if (word.find('|') != std::string_view::npos && rest.find('|', end) != std::string_view::npos) {
      // "pause|speed X|stop": alternatives with values of their own; their first words are offered.
      ExpectedValue first_words{Kind::words, {}};
      for (const auto alternative : split(rest, '|'))
        first_words.words.push_back(alternative.substr(0, alternative.find(' ')));
      expected.push_back(std::move(first_words));
      break;
    }
    expected.push_back(of_placeholder(without_brackets(word)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return expected;
}

std::vector<const OptionSpec*> options_of_command(const Command& command) {
  std::vector<const OptionSpec*> options;
  for (const auto& names : {std::span<const std::string_view>{command.options}, options_everywhere()})
    for (const auto name : names) options.push_back(find_option(name));
  return options;
}

}  // namespace stack::app
