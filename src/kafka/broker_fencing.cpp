#include "kafka/broker_fencing.hpp"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "kafka/broker_log.hpp"
#include "kafka/broker_process.hpp"
#include "kafka/broker_state.hpp"

namespace stack::kafka {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds poll_interval{20};
// A session takes 200 ms to end; a controller that has fenced nobody after this has nobody to fence.
constexpr Milliseconds patience_after_start{3'000};

// The log has lines with these texts, one after the other.
bool has_in_order(const std::filesystem::path& log, std::span<const std::string_view> texts) {
  std::ifstream stream(log);
  for (std::string line; !texts.empty() && std::getline(stream, line);) {
    if (line.find(texts.front()) != std::string::npos) texts = texts.subspan(1);
  }
  return texts.empty();
}

bool has_started(const BrokerFolder& folder) {
  constexpr std::array<std::string_view, 1> started = {"Kafka Server started"};
  return has_in_order(folder.fencing_log(), started);
}

// What the controller decides is durable only once committed: a record made after it has been.
bool has_fenced(const BrokerFolder& folder) {
  constexpr std::array<std::string_view, 3> fenced = {"handleBrokerFenced: ", "writeNoOpRecord generated",
                                                      "Processed writeNoOpRecord("};
  return has_in_order(folder.fencing_log(), fenced);
}

// Until the former broker is fenced, or it is clear that it was already.
Result<void> wait_until_fenced(const BrokerFolder& folder, const ProcessIdentity& controller,
                               steady_clock::time_point deadline, const StopFlag* stop) {
  std::optional<steady_clock::time_point> started;
  for (;;) {
    if (has_fenced(folder)) return {};
    const auto now = steady_clock::now();
    if (!started && has_started(folder)) started = now;
    if (started && now >= *started + patience_after_start) return {};
    if (!is_alive(controller)) {
      return fail(ErrorKind::unreachable,
                  fmt::format("the local broker, which was killed before, cannot be started: {}", why_it_died(folder)));
    }
    if (stop != nullptr && stop->requested()) {
      return fail(ErrorKind::interrupted, "interrupted while the local broker was starting");
    }
    if (now >= deadline) {
      return fail(ErrorKind::unreachable,
                  fmt::format("the local broker, which was killed before, is not ready to start yet; try again, or see "
                              "{}",
                              folder.fencing_log().native()));
    }
    std::this_thread::sleep_for(poll_interval);
  }
}

}  // namespace

bool was_killed(const BrokerFolder& folder) {
  std::error_code error;
  return std::filesystem::exists(folder.records() / "__cluster_metadata-0", error) &&
         !std::filesystem::exists(folder.records() / ".kafka_cleanshutdown", error);
}

Result<void> fence_former_broker(const std::filesystem::path& java, const std::filesystem::path& jars,
                                 const BrokerFolder& folder, BrokerPorts ports, steady_clock::time_point deadline,
                                 const StopFlag* stop) {
  std::error_code error;
  std::filesystem::remove(folder.fencing_log(), error);
  STACK_TRY(write_file(folder.fencing_properties(), fencing_properties(folder.records(), ports)));
  STACK_TRY(write_file(folder.fencing_logging(), fencing_logging_properties(folder.fencing_log())));
  const Command command{.arguments = fencing_command(java, jars, folder),
                        .environment = java_environment(),
                        .working_folder = folder.root,
                        .output = folder.output(),
                        .ends_with_parent = true};
  STACK_TRY_ASSIGN(controller, start_detached(command, [](const ProcessIdentity&) -> Result<void> { return {}; }));
  auto fenced = wait_until_fenced(folder, controller, deadline, stop);
  ::kill(controller.pid, SIGTERM);
  constexpr Milliseconds clean_end{10'000};
  if (!wait_until_gone(controller, clean_end)) {
    ::kill(controller.pid, SIGKILL);
    static_cast<void>(wait_until_gone(controller, clean_end));
  }
  return fenced;
}

}  // namespace stack::kafka
