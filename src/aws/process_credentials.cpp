// Credentials printed by a program that a profile names
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html).
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include "aws/credential_json.hpp"
#include "aws/credential_sources.hpp"
#include "core/stoppable_wait.hpp"
#include "core/unique_fd.hpp"

// NOLINTNEXTLINE(readability-redundant-declaration): POSIX declares it in no header
extern char** environ;

namespace stack::aws {
namespace {

constexpr std::size_t kMostOutput = 1 << 16;
constexpr const char* kShell = "/bin/sh";

// The command as a process group of its own, its standard output in a pipe, its errors where ours go.
std::optional<pid_t> start(const std::string& command, int output) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::array<char*, 4> arguments = {const_cast<char*>("sh"), const_cast<char*>("-c"),  // NOLINT: C's signature
                                    const_cast<char*>(command.c_str()), nullptr};      // NOLINT: C's signature
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, kShell, &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return failed == 0 ? std::optional{pid} : std::nullopt;
}

// What comes until the end of the output; none when the deadline comes first.
// None: it did not end before the deadline, or the stop.
std::optional<std::string> read_all(int from, Deadline deadline, const StopFlag* stop) {
  std::string text;
  std::array<char, 4096> piece{};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd ready{.fd = from, .events = POLLIN, .revents = 0};
    if (left <= 0 || (stop != nullptr && stop->requested())) return std::nullopt;
    if (::poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(left, kStopUnseen.count()))) <= 0) continue;
    const auto size = ::read(from, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0 || text.size() > kMostOutput) return text;
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace

Result<Credentials> process_credentials(const std::string& command, const std::string& profile, Deadline deadline,
                                        const StopFlag* stop) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(ErrorKind::internal,
                fmt::format("credential_process of profile {}: {}", profile, std::strerror(errno)));
  const UniqueFd output{ends[0]};
  std::optional<pid_t> pid;
  {
    const UniqueFd input{ends[1]};
    pid = start(command, input.get());
  }
  if (!pid) return fail(ErrorKind::usage, fmt::format("credential_process of profile {} cannot be started", profile));
  const auto text = read_all(output.get(), deadline, stop);
  if (!text) ::kill(-*pid, SIGKILL);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!text && stop != nullptr && stop->requested())
    return fail(ErrorKind::interrupted, fmt::format("credential_process of profile {}: interrupted", profile));
  if (!text)
    return fail(ErrorKind::unreachable, fmt::format("credential_process of profile {} did not end in time", profile));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(ErrorKind::usage,
                fmt::format("credential_process of profile {} failed with {}; run its command by hand", profile,
                            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)));
  auto found = parse_credentials(*text, fmt::format("credential_process of profile {}", profile));
  if (found) return *std::move(found);
  return fail(ErrorKind::usage,
              fmt::format("credential_process of profile {} printed no credentials: expected JSON with AccessKeyId and "
                          "SecretAccessKey",
                          profile));
}

}  // namespace stack::aws
