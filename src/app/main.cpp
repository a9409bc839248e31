// Start of the program: reads the command line and the settings, runs one command, turns its error into one line on
// standard error and the documented exit code.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "app/command_line.hpp"
#include "app/log_record.hpp"
#include "app/terminal.hpp"

namespace {

stack::StopFlag stop_flag;

// The first signal asks for an orderly end, the second ends at once.
extern "C" void on_stop_signal(int signal) {
  if (stop_flag.requested()) ::_exit(128 + signal);
  stop_flag.request();
}

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of the write
}

// Tells how the command ended, in the form that was asked for.
class Reporter {
 public:
  // Until the settings are read the form is what the command line or the environment says.
  Reporter(const std::vector<std::string>& arguments, const std::vector<std::string>& variables) {
    const std::string_view option = "--log-format";
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const bool next = arguments[i] == option && i + 1 < arguments.size() && arguments[i + 1] == "json";
      json_ = json_ || next || arguments[i] == fmt::format("{}=json", option);
    }
    json_ = json_ || std::ranges::find(variables, "STACK_LOG_FORMAT=json") != variables.end();
  }
  void heed(const stack::app::Settings& settings) {
    json_ = settings.text("log-format") == "json";
    command_ = settings.command();
  }

  // The exit code. Not fmt::print, which throws when standard error cannot be written.
  [[nodiscard]] int failed(const stack::Error& error) const {
    std::fflush(stdout);
    const int code = static_cast<int>(error.kind);
    if (json_) {
      auto record = stack::app::log_record(stack::SystemClock{}.now(), "error", command_, error.message);
      record.text("event", "failed").text("kind", stack::app::kind_name(error.kind)).number("exit_code", code);
      std::fputs((record.str() + "\n").c_str(), stderr);
    } else {
      std::fputs(fmt::format("stack: {}\n", error.message).c_str(), stderr);
    }
    return code;
  }

 private:
  bool json_ = false;
  std::string command_;
};

int run(const std::vector<std::string>& arguments, const std::vector<std::string>& variables, Reporter& reporter) {
  auto parsed = stack::app::parse_command_line(arguments);
  if (!parsed) return reporter.failed(parsed.error());
  if (const auto* help = std::get_if<stack::app::HelpText>(&*parsed)) {
    const auto width = stack::app::terminal_width(STDOUT_FILENO);
    fmt::print("{}", width ? stack::app::broken_to_fit(help->text, *width) : help->text);
    return 0;
  }
  auto& invocation = std::get<stack::app::Invocation>(*parsed);
  auto settings = stack::app::Settings::load(invocation.flags, variables, ".");
  if (!settings) return reporter.failed(settings.error());
  settings->set_command(invocation.command->name);
  if (auto format = settings->choice("log-format", {"text", "json"}); !format) return reporter.failed(format.error());
  reporter.heed(*settings);

  install_signal_handlers();
  const stack::SystemClock clock;
  stack::app::Context context{*settings, std::move(invocation.arguments), stop_flag, clock};
  auto code = invocation.command->body(context);
  if (!code) return reporter.failed(code.error());
  if (std::fflush(stdout) != 0 && errno != EPIPE)  // a reader that has enough, as head, is no error
    return reporter.failed(
        {stack::ErrorKind::storage, "standard output cannot be written: check the disk or the reader"});
  return *code;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  Reporter reporter{arguments, variables};
  const auto internal = [&](const std::exception& exception) {
    return reporter.failed(
        {stack::ErrorKind::internal, fmt::format("internal error: {}; please report it", exception.what())});
  };
  try {
    return run(arguments, variables, reporter);
  } catch (const std::system_error& error) {
    // Of standard output: a reader that has enough, as head, is no error.
    return error.code() == std::errc::broken_pipe ? 0 : internal(error);
  } catch (const std::exception& exception) {
    return internal(exception);
  }
}
