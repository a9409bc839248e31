#include "kafka/broker_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "core/unique_fd.hpp"

namespace stack::kafka {
namespace {

struct ProcStat {
  char state = '?';
  std::uint64_t threads = 0;
  std::uint64_t start_ticks = 0;
};

// The fields after the command's name, which may itself hold spaces and parentheses.
std::optional<ProcStat> read_stat(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  ProcStat stat;
  std::string skipped;
  fields >> stat.state;
  for (int field = 4; field < 20; ++field) fields >> skipped;
  fields >> stat.threads >> skipped;
  if (!(fields >> stat.start_ticks)) return std::nullopt;
  return stat;
}

std::unexpected<Error> system_error(std::string_view doing, int error_number) {
  return fail(ErrorKind::internal, fmt::format("cannot {}: {}", doing, std::generic_category().message(error_number)));
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (auto& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What the child of fork() needs, prepared before: afterwards only async-signal-safe calls are allowed, because other
// threads of the parent may have held locks.
struct ChildPlan {
  char* const* arguments;
  char* const* environment;
  const char* working_folder;
  int input;
  int output;
  bool ends_with_parent;
  int go_ahead;  // read end of a pipe: one byte = begin, end of file = the parent has given up
};

void restore_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(const ChildPlan& plan) {
  ::setsid();
  restore_signals();
  if (plan.ends_with_parent) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  char byte = 0;
  ssize_t count = -1;
  do count = ::read(plan.go_ahead, &byte, 1);
  while (count < 0 && errno == EINTR);
  if (count != 1) ::_exit(125);
  if (::chdir(plan.working_folder) != 0) ::_exit(126);
  ::dup2(plan.input, STDIN_FILENO);
  ::dup2(plan.output, STDOUT_FILENO);
  ::dup2(plan.output, STDERR_FILENO);
  ::close_range(3, ~0U, 0);
  ::execve(plan.arguments[0], plan.arguments, plan.environment);
  ::_exit(127);
}

void reap(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

bool is_alive(const ProcessIdentity& process) {
  if (process.pid <= 0) return false;
  const auto stat = read_stat(process.pid);
  if (!stat || stat->start_ticks != process.start_ticks) return false;
  // A dead first thread is no dead process: until the others have ended too, its ports and files are in use.
  if (stat->threads > 1 || (stat->state != 'Z' && stat->state != 'X')) return true;
  int status = 0;
  ::waitpid(process.pid, &status, WNOHANG);  // does nothing unless it is our child
  return false;
}

std::uint64_t resident_bytes(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/statm", pid));
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  if (!(file >> total_pages >> resident_pages)) return 0;
  return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

bool wait_until_gone(const ProcessIdentity& process, Milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (is_alive(process)) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(Milliseconds{20});
  }
  return true;
}

Result<ProcessIdentity> start_detached(const Command& command,
                                       const std::function<Result<void>(const ProcessIdentity&)>& record) {
  auto argument_strings = command.arguments;
  auto environment_strings = command.environment;
  const auto arguments = pointers_to(argument_strings);
  const auto environment = pointers_to(environment_strings);
  const UniqueFd input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd output(::open(command.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!input || !output) return system_error(fmt::format("open {}", command.output.native()), errno);
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return system_error("make a pipe", errno);
  const UniqueFd read_end(pipe[0]);
  UniqueFd write_end(pipe[1]);

  const ChildPlan plan{.arguments = arguments.data(),
                       .environment = environment.data(),
                       .working_folder = command.working_folder.c_str(),
                       .input = input.get(),
                       .output = output.get(),
                       .ends_with_parent = command.ends_with_parent,
                       .go_ahead = read_end.get()};
  const pid_t pid = ::fork();
  if (pid < 0) return system_error(fmt::format("start {}", command.arguments.front()), errno);
  if (pid == 0) {
    ::close(write_end.get());  // else the child would hold its own pipe open and never see the parent's end
    become(plan);
  }

  const auto stat = read_stat(pid);
  const ProcessIdentity identity{.pid = pid, .start_ticks = stat ? stat->start_ticks : 0};
  auto recorded = stat ? record(identity) : Result<void>(system_error(fmt::format("read /proc/{}/stat", pid), ENOENT));
  if (recorded && ::write(write_end.get(), "g", 1) != 1) recorded = system_error("start the process", errno);
  write_end.reset();  // and only now the read end: a write to a child that is gone must not raise SIGPIPE
  if (!recorded) {
    reap(pid);
    return std::unexpected(std::move(recorded).error());
  }
  return identity;
}

Result<int> run_to_end(const Command& command) {
  auto started = start_detached(command, [](const ProcessIdentity&) -> Result<void> { return {}; });
  if (!started) return std::unexpected(std::move(started).error());
  int status = 0;
  while (::waitpid(started->pid, &status, 0) < 0) {
    if (errno != EINTR) return system_error(fmt::format("wait for {}", command.arguments.front()), errno);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace stack::kafka
