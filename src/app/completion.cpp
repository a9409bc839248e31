// stack completion bash|zsh|fish.
#include "app/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/command.hpp"
#include "app/expected_value.hpp"

namespace stack::app {
namespace {

using Kind = ExpectedValue::Kind;

constexpr std::size_t kHintLength = 72;

// The front of a help text, as one line of a menu.
std::string hint(std::string_view help) {
  if (help.size() <= kHintLength) return std::string{help};
  return fmt::format("{}...", help.substr(0, help.rfind(' ', kHintLength)));
}

std::string replaced(std::string_view text, std::string_view characters, std::string_view before) {
  std::string result;
  for (const char c : text) {
    if (characters.find(c) != std::string_view::npos) result += before;
    result += c;
  }
  return result;
}

// Inside single quotes of bash and zsh.
std::string shell_quoted(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result;
}

// How an option may be written, "-o" before "--output".
std::vector<std::string> spellings_of(const OptionSpec& option) {
  std::vector<std::string> spellings;
  if (option.letter != '\0') spellings.push_back(fmt::format("-{}", option.letter));
  spellings.push_back(flag_of(option));
  return spellings;
}

// bash: what is to be offered, as the assignment that the script's end goes by.
std::string bash_offer(const ExpectedValue& expected) {
  switch (expected.kind) {
    case Kind::words:
      return fmt::format("words='{}'", fmt::join(expected.words, " "));
    case Kind::file:
      return "files=-f";
    case Kind::folder:
      return "files=-d";
    case Kind::any:
      break;
  }
  return ":";
}

std::string bash_command(const Command& command) {
  std::vector<std::string> all{"--help"};
  std::vector<std::string> with_value;
  std::string values;
  for (const auto* option : options_of_command(command)) {
    const auto spellings = spellings_of(*option);
    all.insert(all.end(), spellings.begin(), spellings.end());
    if (option->value.empty()) continue;
    with_value.insert(with_value.end(), spellings.begin(), spellings.end());
    const auto expected = expected_value(*option);
    if (expected.kind != Kind::any)
      values += fmt::format("          {}) {} ;;\n", fmt::join(spellings, "|"), bash_offer(expected));
  }
  std::string arguments;
  const auto expected = expected_arguments(command);
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (expected[i].kind != Kind::any) arguments += fmt::format("          {}) {} ;;\n", i, bash_offer(expected[i]));
  return fmt::format(R"sh(    {})
      options='{}'
      with_value=' {} '
      if [[ $with_value == *" $option "* ]]; then
        case $option in
{}          *) ;;
        esac
      else
        _stack_position
        case $position in
{}          *) ;;
        esac
      fi
      ;;
)sh",
                     command.name, fmt::join(all, " "), fmt::join(with_value, " "), values, arguments);
}

// zsh: ":message:action" of a value or an argument.
std::string zsh_action(std::string_view placeholder, const ExpectedValue& expected) {
  const auto message = shell_quoted(replaced(placeholder.empty() ? "argument" : placeholder, ":\\", "\\"));
  switch (expected.kind) {
    case Kind::words:
      return fmt::format(":{}:({})", message, fmt::join(expected.words, " "));
    case Kind::file:
      return fmt::format(":{}:_files", message);
    case Kind::folder:
      return fmt::format(":{}:_files -/", message);
    case Kind::any:
      break;
  }
  return fmt::format(":{}: ", message);
}

std::string zsh_command(const Command& command) {
  std::string specs = "        '(- *)--help[how to use it]' \\\n";
  for (const auto* option : options_of_command(command)) {
    const auto help = shell_quoted(replaced(hint(option->help), "[]\\", "\\"));
    for (const auto& spelling : spellings_of(*option)) {
      specs += fmt::format("        '{}{}{}[{}]{}' \\\n", option->repeatable ? "*" : "", spelling,
                           option->value.empty() ? ""
                           : spelling.size() > 2 ? "="
                                                 : "+",
                           help, option->value.empty() ? "" : zsh_action(option->value, expected_value(*option)));
    }
  }
  std::size_t position = 1;
  for (const auto& expected : expected_arguments(command))
    specs += fmt::format("        '{}:{}' \\\n", position++, zsh_action({}, expected).substr(1));
  return fmt::format("      {})\n        _arguments -s -S \\\n{}          && return ;;\n", command.name, specs);
}

std::string fish_offer(const ExpectedValue& expected) {
  switch (expected.kind) {
    case Kind::words:
      return fmt::format("-xa '{}'", fmt::join(expected.words, " "));
    case Kind::file:
      return "-rF";
    case Kind::folder:
      return "-xa '(__fish_complete_directories)'";
    case Kind::any:
      break;
  }
  return "-x";
}

// Inside single quotes of fish, where a backslash stands before what would end them.
std::string fish_quoted(std::string_view text) { return replaced(text, "'\\", "\\"); }

std::string fish_command(const Command& command) {
  std::string lines;
  const auto when = fmt::format("complete -c stack -n '__stack_is {}", command.name);
  for (const auto* option : options_of_command(command)) {
    lines += fmt::format(
        "{}'{} -l {}{} -d '{}'\n", when, option->letter == '\0' ? "" : fmt::format(" -s {}", option->letter),
        flag_of(*option).substr(2), option->value.empty() ? "" : " " + fish_offer(expected_value(*option)),
        fish_quoted(hint(option->help)));
  }
  std::string with_value;  // what stands behind one of these is no argument
  for (const auto* option : options_of_command(command))
    if (!option->value.empty())
      for (const auto& spelling : spellings_of(*option)) with_value += " " + spelling;
  std::size_t position = 0;
  for (const auto& expected : expected_arguments(command)) {
    if (expected.kind == Kind::words)
      lines += fmt::format("{} {}{}' -a '{}'\n", when, position, with_value, fmt::join(expected.words, " "));
    if (expected.kind == Kind::file || expected.kind == Kind::folder)
      lines += fmt::format("{} {}{}' -F\n", when, position, with_value);
    ++position;
  }
  return lines;
}

}  // namespace

std::string bash_completion() {
  std::vector<std::string_view> names;
  std::string commands;
  for (const auto& command : all_commands()) {
    names.push_back(command.name);
    commands += bash_command(command);
  }
  return fmt::format(R"sh(# bash completions of stack; made by `stack completion bash`.

# Counts the arguments before the word at the cursor: neither options nor their values.
_stack_position() {{
  local i word value_follows=
  position=0
  for ((i = 2; i < COMP_CWORD; ++i)); do
    word=${{COMP_WORDS[i]}}
    if [[ $word == = ]]; then
      value_follows=1
    elif [[ -n $value_follows ]]; then
      value_follows=
    elif [[ $word == -* ]]; then
      [[ $with_value != *" $word "* ]] || value_follows=1
      [[ ${{COMP_WORDS[i + 1]-}} != = ]] || value_follows=
    else
      ((++position))
    fi
  done
}}

_stack() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} option=${{COMP_WORDS[COMP_CWORD - 1]}}
  local options= with_value= words= files= position=0
  COMPREPLY=()
  # bash makes words of `--format=x`: the option, `=` and the value.
  if [[ $current == = ]]; then
    current=
  elif [[ $option == = ]]; then
    option=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W '{} --help --version' -- "$current")
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}    *) return ;;
  esac
  if [[ $with_value != *" $option "* && $current == -* ]]; then
    words=$options files=
  fi
  if [[ -n $words ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  elif [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$files" -- "$current")
  fi
}}
complete -F _stack stack
)sh",
                     fmt::join(names, " "), commands);
}

std::string zsh_completion() {
  std::string names;
  std::string commands;
  for (const auto& command : all_commands()) {
    names += fmt::format("    '{}:{}'\n", command.name, shell_quoted(replaced(hint(command.summary), ":\\", "\\")));
    commands += zsh_command(command);
  }
  return fmt::format(R"sh(#compdef stack
# zsh completions of stack; made by `stack completion zsh`.

_stack() {{
  local curcontext=$curcontext state line
  local -a commands
  commands=(
{})
  _arguments -C '(- *)--help[how to use it]' '(- *)--version[which version it is]' \
    '1:command:->command' '*::argument:->argument' && return
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
{}      esac ;;
  esac
}}

if [[ $funcstack[1] == _stack ]]; then
  _stack "$@"
else
  compdef _stack stack
fi
)sh",
                     names, commands);
}

std::string fish_completion() {
  std::string script = R"sh(# fish completions of stack; made by `stack completion fish`.

# Whether the line is one of the command $argv[1]; with $argv[2], whether so many arguments stand before the cursor, which
# the values of the options $argv[3..-1] are not.
function __stack_is
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test "$words[2]" = "$argv[1]"; or return 1
    test (count $argv) -ge 2; or return 0
    set -l position 0
    set -l value_follows no
    for word in $words[3..-1]
        if test $value_follows = yes
            set value_follows no
        else if contains -- $word $argv[3..-1]
            set value_follows yes
        else if not string match -q -- '-*' $word
            set position (math $position + 1)
        end
    end
    test $position -eq $argv[2]
end

complete -c stack -f
complete -c stack -l help -d 'how to use it'
complete -c stack -n __fish_use_subcommand -l version -d 'which version it is'
)sh";
  for (const auto& command : all_commands())
    script += fmt::format("complete -c stack -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                          fish_quoted(hint(command.summary)));
  for (const auto& command : all_commands()) script += fish_command(command);
  return script;
}

Result<int> completion_command(Context& context) {
  const auto& shell = context.arguments.front();
  if (shell == "bash") {
    fmt::print("{}", bash_completion());
  } else if (shell == "zsh") {
    fmt::print("{}", zsh_completion());
  } else if (shell == "fish") {
    fmt::print("{}", fish_completion());
  } else {
    return fail(ErrorKind::usage, fmt::format("completion: {} is none of bash, zsh, fish", shell));
  }
  return 0;
}

}  // namespace stack::app
