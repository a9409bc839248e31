// Processes of the local broker: started detached from their parent, recognised over time by pid and start time, so
// that another process with a recycled pid is never taken for the broker.
// Thread-safety: free functions without shared state. Linux: they read /proc.
// Failure: ErrorKind::internal with errno's text where the system refuses a process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::kafka {

struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  // /proc/<pid>/stat field 22, clock ticks since boot

  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

// That very process exists and has not ended. A dead child of this program is reaped on the way.
[[nodiscard]] bool is_alive(const ProcessIdentity& process);

[[nodiscard]] std::uint64_t resident_bytes(pid_t pid);

// False if it is still there after the timeout.
[[nodiscard]] bool wait_until_gone(const ProcessIdentity& process, Milliseconds timeout);

struct Command {
  std::vector<std::string> arguments;    // the first is the program's path
  std::vector<std::string> environment;  // "NAME=value": all that the process gets
  std::filesystem::path working_folder;
  std::filesystem::path output;   // standard output and error are appended to it
  bool ends_with_parent = false;  // killed when the thread that started it ends
};

// Starts COMMAND in a session of its own with no descriptor of ours. RECORD gets its identity before the program
// proper begins; if RECORD fails or this program dies before RECORD is done, the process ends without having begun.
[[nodiscard]] Result<ProcessIdentity> start_detached(const Command& command,
                                                     const std::function<Result<void>(const ProcessIdentity&)>& record);

// Runs COMMAND to its end and returns its exit status (128 + signal if a signal ended it).
[[nodiscard]] Result<int> run_to_end(const Command& command);

}  // namespace stack::kafka
