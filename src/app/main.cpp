// Start of the program: reads the command line and the settings, runs one command, turns its error into one line on
// standard error and the documented exit code.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <system_error>

#include "app/command_line.hpp"

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

int report(const stack::Error& error) {
  std::fflush(stdout);
  // Not fmt::print, which throws when standard error cannot be written.
  std::fputs(fmt::format("stack: {}\n", error.message).c_str(), stderr);
  return static_cast<int>(error.kind);
}

int run(int argc, char** argv) {
  auto parsed = stack::app::parse_command_line({argv + 1, argv + argc});
  if (!parsed) return report(parsed.error());
  if (const auto* help = std::get_if<stack::app::HelpText>(&*parsed)) {
    fmt::print("{}", help->text);
    return 0;
  }
  auto& invocation = std::get<stack::app::Invocation>(*parsed);
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  auto settings = stack::app::Settings::load(invocation.flags, variables, ".");
  if (!settings) return report(settings.error());

  install_signal_handlers();
  const stack::SystemClock clock;
  stack::app::Context context{*settings, std::move(invocation.arguments), stop_flag, clock};
  auto code = invocation.command->body(context);
  if (!code) return report(code.error());
  if (std::fflush(stdout) != 0 && errno != EPIPE)  // a reader that has enough, as head, is no error
    return report({stack::ErrorKind::storage, "standard output cannot be written: check the disk or the reader"});
  return *code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::system_error& error) {
    // Of standard output: a reader that has enough, as head, is no error.
    if (error.code() == std::errc::broken_pipe) return 0;
    return report({stack::ErrorKind::internal, fmt::format("internal error: {}; please report it", error.what())});
  } catch (const std::exception& exception) {
    return report({stack::ErrorKind::internal, fmt::format("internal error: {}; please report it", exception.what())});
  }
}
