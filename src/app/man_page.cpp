// stack man [COMMAND] [DIR].
#include "app/man_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "app/command_help.hpp"
#include "app/expected_value.hpp"

namespace stack::app {
namespace {

struct ExitCode {
  int code;
  std::string_view meaning;
};
constexpr std::array kExitCodes = {
    ExitCode{0, "Done. For run and verify: nothing is lost, nothing is there twice."},
    ExitCode{1, "A check did not hold."},
    ExitCode{2, "Wrong usage: unknown option, value out of range, options that contradict each other."},
    ExitCode{3, "The data set is missing, empty or wrong, or no model can be fitted on it."},
    ExitCode{4, "A broker or store could not be reached in time."},
    ExitCode{5, "The lake cannot be read or written."},
    ExitCode{6, "What exists contradicts the request: another feed, other partitions, other columns."},
    ExitCode{7, "The SQL is wrong, or asks for what is locked."},
    ExitCode{8, "A server refuses this client: login, certificate or permission."},
    ExitCode{70, "A defect of the program."},
    ExitCode{130, "Stopped by SIGINT or SIGTERM before its end, in order; the same command goes on from there."},
};

// The character that TEXT, which is UTF-8, begins with, by its number as troff takes it; takes it off TEXT.
std::string take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = std::min<std::size_t>(first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2, text.size());
  std::uint32_t number = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) number = number << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  text.remove_prefix(length);
  return fmt::format("\\[u{:04X}]", number);
}

// Text that troff sets as it stands. A dash is a minus, so that what is copied from the page works.
std::string roff(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const char c = text.front();
    if (static_cast<unsigned char>(c) >= 0x80) {
      result += take_character(text);
      continue;
    }
    text.remove_prefix(1);
    switch (c) {
      case '\\':
        result += "\\e";
        break;
      case '-':
        result += "\\-";
        break;
      case '\n':  // a line of its own begins
        result += "\n.br\n";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '`':
        result += "\\(ga";
        break;
      case '^':
        result += "\\(ha";
        break;
      case '~':
        result += "\\(ti";
        break;
      case '.':  // at a line's start it would be a request
        result += result.empty() || result.back() == '\n' ? "\\&." : ".";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string sentence(std::string_view text) {
  std::string result{text};
  if (!result.empty() && result.front() >= 'a' && result.front() <= 'z')
    result.front() = static_cast<char>(result.front() - 'a' + 'A');
  return result;
}

std::string head(std::string_view title, std::string_view date) {
  std::string upper;
  for (const char c : title) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return fmt::format(".TH {} 1 {} \"stack {}\" \"STACK manual\"\n", upper, date, STACK_VERSION);
}

std::string option_entry(const OptionSpec& option, const Command& command) {
  std::string entry = ".TP\n";
  if (option.letter != '\0') entry += fmt::format("\\fB\\-{}\\fR, ", option.letter);
  entry += fmt::format("\\fB{}\\fR", roff(flag_of(option)));
  if (!option.value.empty()) entry += fmt::format("=\\fI{}\\fR", roff(option.value));
  return fmt::format("{}\n{}\n", entry, roff(sentence(help_of(option, command))));
}

std::string exit_status() {
  std::string text = ".SH EXIT STATUS\n";
  for (const auto& each : kExitCodes) text += fmt::format(".TP\n.B {}\n{}\n", each.code, roff(each.meaning));
  return text;
}

// Options that have a variable of their own beside STACK_<NAME>.
std::string environment() {
  std::string text =
      ".SH ENVIRONMENT\n"
      ".TP\n.BI STACK_ NAME\n"
      "Any option: STACK_EVENTS_PER_SESSION for \\-\\-events\\-per\\-session. A switch is true or false.\n";
  for (const auto& option : all_options())
    if (!option.environment.empty())
      text += fmt::format(".TP\n.B {}\nAs {}.\n", option.environment, roff(flag_of(option)));
  text +=
      ".TP\n.B AWS_REGION\\fR, \\fBAWS_PROFILE\\fR, \\fBAWS_ENDPOINT_URL\\fR, ...\n"
      "As the tools of Amazon Web Services read them.\n"
      ".TP\n.B S3_BUCKET_NAME\nThe bucket of a lake that no option names.\n"
      ".TP\n.B NO_COLOR\nNo colours on a terminal.\n";
  return text;
}

constexpr std::string_view kFiles =
    ".SH FILES\n"
    ".TP\n.I .env\nSettings of a folder, read from the one that the command is run in, as NAME=value.\n"
    ".TP\n.I stack.toml\nSettings by their options\\(aq names, read likewise.\n"
    ".TP\n.I /etc/stack/stack.toml\n.TQ\n.I /etc/stack/*.env\nSettings of the services.\n"
    ".TP\n.I /var/lib/stack\nHome of the services.\n"
    ".TP\n.I ~/.local/share/stack/kafka\nThe local broker\\(aqs data.\n"
    ".PP\nA flag wins over the environment, the environment over .env, .env over stack.toml.\n";

// How the page is dated: as reproducible builds want it, else by the clock.
std::string date_of_page(const Clock& clock) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(clock.now());
  if (const char* said = std::getenv("SOURCE_DATE_EPOCH"); said != nullptr) {
    const std::string_view text = said;
    std::int64_t value = 0;
    if (const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
        end.ec == std::errc{} && end.ptr == text.data() + text.size())
      seconds = decltype(seconds){std::chrono::seconds{value}};
  }
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(seconds)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

Result<void> write_page(const std::filesystem::path& folder, std::string_view name, const std::string& page) {
  const auto path = folder / fmt::format("{}.1", name);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << page;
  file.close();
  if (!file)
    return fail(ErrorKind::storage, fmt::format("{}: cannot be written: check folder and disk", path.native()));
  return {};
}

}  // namespace

std::string man_page(std::string_view date) {
  std::string page = head("stack", date);
  page +=
      ".SH NAME\nstack \\- historical bars to a live feed on Kafka, exactly once into a data lake, and SQL over it\n"
      ".SH SYNOPSIS\n.B stack\n.I COMMAND\n.RI [ OPTIONS ]\n.RI [ ARGUMENTS ]\n.br\n.B stack \\-\\-help\\fR | "
      "\\fB\\-\\-version\n"
      ".SH DESCRIPTION\n"
      "Historical daily bars, a CSV file, become a realistic live feed of price events on Apache Kafka, land exactly "
      "once in a data lake (a folder or a bucket), are catalogued, and answer SQL.\n.SH COMMANDS\n";
  for (const auto& command : all_commands())
    page += fmt::format(".TP\n.BR stack\\-{} (1)\n{}\n", roff(command.name), roff(sentence(command.summary)));
  page += exit_status();
  page += environment();
  page += kFiles;
  return page + ".SH EXAMPLES\n.nf\nstack run prices.csv\n" +
         "stack query \\(dqSELECT symbol, max(price) FROM ticks GROUP BY symbol\\(dq\n.fi\n";
}

std::string man_page(const Command& command, std::string_view date) {
  const auto name = fmt::format("stack-{}", command.name);
  std::string page = head(name, date);
  page += fmt::format(".SH NAME\n{} \\- {}\n", roff(name), roff(command.summary));
  page += fmt::format(".SH SYNOPSIS\n.B stack {}\n.RI [ OPTIONS ]\n", roff(command.name));
  if (!command.arguments.empty()) page += fmt::format(".I {}\n", roff(command.arguments));
  page += fmt::format(".SH DESCRIPTION\n{}.\n", roff(sentence(command.summary)));
  if (!command.arguments_help.empty()) page += fmt::format(".PP\n{}\n", roff(command.arguments_help));
  page += ".SH OPTIONS\n";
  const auto options = options_of_command(command);
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (i == command.options.size()) page += ".SS Of every command\n";
    page += option_entry(*options[i], command);
  }
  page += ".TP\n.B \\-\\-help\nHow to use it, in short.\n";
  page +=
      ".SH EXIT STATUS\n0 when all is done; what other codes mean is in\n.BR stack (1).\n"
      ".SH ENVIRONMENT\n"
      "Every option can be set in the environment as well, as STACK_SEED=7 for \\-\\-seed 7, and in files:\nsee\n.BR "
      "stack (1).\n";
  return page + fmt::format(".SH EXAMPLES\n.nf\n{}\n.fi\n.SH SEE ALSO\n.BR stack (1)\n", roff(command.example));
}

Result<int> man_command(Context& context) {
  const auto date = date_of_page(context.clock);
  const auto& arguments = context.arguments;
  if (arguments.empty()) {
    fmt::print("{}", man_page(date));
    return 0;
  }
  if (arguments.front() == "all") {
    if (arguments.size() < 2)
      return fail(ErrorKind::usage, "man: all wants the folder to write to, as in `stack man all DIR`");
    STACK_TRY(write_page(arguments[1], "stack", man_page(date)));
    for (const auto& command : all_commands())
      STACK_TRY(write_page(arguments[1], fmt::format("stack-{}", command.name), man_page(command, date)));
    return 0;
  }
  const auto command = std::ranges::find(all_commands(), std::string_view{arguments.front()}, &Command::name);
  if (command == all_commands().end())
    return fail(ErrorKind::usage, fmt::format("man: {} is no command; see `stack --help`", arguments.front()));
  if (arguments.size() > 1)
    return fail(ErrorKind::usage, fmt::format("man: a folder comes after all, not after {}", arguments.front()));
  fmt::print("{}", man_page(*command, date));
  return 0;
}

}  // namespace stack::app
