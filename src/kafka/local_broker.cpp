#include "kafka/local_broker.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/unique_fd.hpp"
#include "kafka/broker_config.hpp"
#include "kafka/broker_fencing.hpp"
#include "kafka/broker_log.hpp"
#include "kafka/broker_process.hpp"
#include "kafka/broker_state.hpp"
#include "kafka/handles.hpp"

namespace stack::kafka {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr Milliseconds poll_interval{50};

struct Wait {
  SteadyTime deadline;
  const StopFlag* stop = nullptr;

  [[nodiscard]] bool interrupted() const { return stop != nullptr && stop->requested(); }
  [[nodiscard]] bool over() const { return std::chrono::steady_clock::now() >= deadline; }
};

std::unexpected<Error> interrupted_error(std::string_view doing) {
  return fail(ErrorKind::interrupted, fmt::format("interrupted while {}", doing));
}

BrokerFolder folder_at(const std::filesystem::path& data) {
  return BrokerFolder{std::filesystem::absolute(data.empty() ? default_broker_folder() : data).lexically_normal()};
}

BrokerStatus stopped_status(const BrokerFolder& folder) {
  BrokerStatus status;
  status.data = folder.root;
  status.log = folder.log();
  return status;
}

BrokerStatus running_status(const BrokerFolder& folder, const BrokerState& state) {
  auto status = stopped_status(folder);
  status.running = true;
  status.pid = state.process.pid;
  status.port = state.ports.clients;
  status.bootstrap_servers = fmt::format("127.0.0.1:{}", state.ports.clients);
  status.resident_bytes = resident_bytes(state.process.pid);
  return status;
}

std::optional<BrokerState> running_broker(const BrokerFolder& folder) {
  auto state = read_broker_state(folder);
  if (state && !is_alive(state->process)) state.reset();
  return state;
}

// --- the folder and its lock ---

Result<void> make_folder(const BrokerFolder& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder.root, error);
  if (!error) return {};
  return fail(ErrorKind::storage, fmt::format("cannot make the local broker's data folder {}: {}; choose another",
                                              folder.root.native(), error.message()));
}

// Held while a broker is being started or ended, so that two programs never start two on one folder. The kernel drops
// it when its holder dies.
Result<UniqueFd> lock_folder(const BrokerFolder& folder, const Wait& wait) {
  UniqueFd fd(::open(folder.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) {
    return fail(ErrorKind::storage, fmt::format("cannot open {}: {}; choose another data folder for the local broker",
                                                folder.lock().native(), std::generic_category().message(errno)));
  }
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (wait.interrupted()) return interrupted_error("waiting for the local broker's folder");
    if (wait.over()) {
      return fail(ErrorKind::unreachable,
                  fmt::format("another program has been starting or stopping the local broker in {} all this time; "
                              "see `stack kafka status`",
                              folder.root.native()));
    }
    std::this_thread::sleep_for(poll_interval);
  }
  return fd;
}

// The cluster's id, made once.
Result<std::string> kept_cluster_id(const BrokerFolder& folder) {
  std::string id;
  if (std::ifstream file(folder.cluster_id()); file >> id) return id;
  id = random_cluster_id();
  STACK_TRY(write_file(folder.cluster_id(), id + "\n"));
  return id;
}

// --- ports ---

bool is_free(std::uint16_t port) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return false;
  const int yes = 1;  // as Java does, so that connections of a former broker in TIME_WAIT do not count
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
         ::listen(fd.get(), 1) == 0;
}

// The first free port from FIRST on. Not one that the kernel picks: those are also given to outgoing connections, and
// the broker is to have its port again after a restart.
std::optional<std::uint16_t> free_port(unsigned first, std::uint16_t except) {
  constexpr unsigned tries = 500;
  for (unsigned port = first; port < std::min(first + tries, 65536U); ++port) {
    const auto candidate = static_cast<std::uint16_t>(port);
    if (candidate != except && is_free(candidate)) return candidate;
  }
  return std::nullopt;
}

Result<BrokerPorts> choose_ports(std::uint16_t wanted, const std::optional<BrokerState>& last) {
  BrokerPorts ports;
  if (last && last->wanted_port == wanted && is_free(last->ports.clients)) ports = last->ports;
  if (ports.clients == 0) ports.clients = free_port(wanted, 0).value_or(0);
  if (ports.controller == 0 || !is_free(ports.controller)) {
    ports.controller = free_port(ports.clients + 1U, ports.clients).value_or(0);
  }
  if (ports.controller == 0 && ports.clients != 0) ports.controller = free_port(20'000, ports.clients).value_or(0);
  if (ports.clients != 0 && ports.controller != 0) return ports;
  return fail(ErrorKind::conflict,
              fmt::format("no free port for the local broker from {} on; choose another with --port", wanted));
}

// --- does it answer ---

Result<ClientHandle> probing_client(std::uint16_t port) {
  const auto servers = fmt::format("127.0.0.1:{}", port);
  constexpr std::size_t text_size = 256;
  std::array<char, text_size> text{};
  ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  const std::array<std::pair<const char*, const char*>, 4> settings{{{"bootstrap.servers", servers.c_str()},
                                                                     {"reconnect.backoff.ms", "20"},
                                                                     {"reconnect.backoff.max.ms", "100"},
                                                                     {"enable.metrics.push", "false"}}};
  for (const auto& [name, value] : settings) rd_kafka_conf_set(conf.get(), name, value, text.data(), text.size());
  ClientHandle client(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text.data(), text.size()));
  if (!client) return fail(ErrorKind::internal, fmt::format("cannot make a Kafka client: {}", text.data()));
  static_cast<void>(conf.release());  // the client has taken it over
  return client;
}

// A node of our own cluster is there and serves. An open port alone does not say so: it may be another broker's that
// took the port first.
bool answers(rd_kafka_t* client, const std::string& cluster_id) {
  const rd_kafka_metadata_t* raw = nullptr;
  constexpr int patience_ms = 200;
  if (rd_kafka_metadata(client, 0, nullptr, &raw, patience_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  const Handle<const rd_kafka_metadata_t> metadata(raw);
  const std::unique_ptr<char, decltype(&std::free)> found(rd_kafka_clusterid(client, patience_ms), &std::free);
  return metadata->broker_cnt > 0 && found != nullptr && cluster_id == found.get();
}

Result<void> wait_until_it_answers(const BrokerFolder& folder, const BrokerState& state, const Wait& wait) {
  STACK_TRY_ASSIGN(client, probing_client(state.ports.clients));
  STACK_TRY_ASSIGN(cluster_id, kept_cluster_id(folder));
  while (!answers(client.get(), cluster_id)) {
    if (!is_alive(state.process)) {
      return fail(ErrorKind::unreachable, fmt::format("the local broker died at its start: {}", why_it_died(folder)));
    }
    if (wait.interrupted()) return interrupted_error("the local broker was starting; it goes on doing so");
    if (wait.over()) {
      return fail(ErrorKind::unreachable,
                  fmt::format("the local broker (pid {}) does not answer at 127.0.0.1:{} yet; it goes on starting: try "
                              "again, or see {}",
                              state.process.pid, state.ports.clients, folder.log().native()));
    }
    std::this_thread::sleep_for(poll_interval);
  }
  return {};
}

// --- starting ---

struct Programs {
  std::filesystem::path java;
  std::filesystem::path jars;
};

Result<Programs> find_programs() {
  STACK_TRY_ASSIGN(java, find_java());
  STACK_TRY_ASSIGN(jars, find_kafka_jars());
  return Programs{std::move(java), std::move(jars)};
}

Command java_command(std::vector<std::string> arguments, const BrokerFolder& folder) {
  return Command{.arguments = std::move(arguments),
                 .environment = java_environment(),
                 .working_folder = folder.root,
                 .output = folder.output(),
                 .ends_with_parent = false};
}

// Formats the records' folder once. It is done beside and renamed, so that a crash in the middle leaves nothing that
// looks formatted.
Result<void> format_once(const BrokerFolder& folder, const Programs& programs, BrokerPorts ports) {
  std::error_code error;
  if (std::filesystem::exists(folder.records() / "meta.properties", error)) return {};
  STACK_TRY_ASSIGN(cluster_id, kept_cluster_id(folder));
  const auto beside = folder.root / "records.new";
  std::filesystem::remove_all(beside, error);
  const auto properties = folder.root / "format.properties";
  STACK_TRY(write_file(properties, server_properties(beside, ports)));
  STACK_TRY_ASSIGN(
      status, run_to_end(java_command(format_command(programs.java, programs.jars, properties, cluster_id), folder)));
  if (status != 0) {
    return fail(ErrorKind::unreachable,
                fmt::format("cannot format the local broker's folder: {}", why_it_died(folder)));
  }
  std::filesystem::remove(properties, error);
  std::filesystem::rename(beside, folder.records(), error);
  if (!error) return {};
  return fail(ErrorKind::storage,
              fmt::format("cannot rename {} to {}: {}", beside.native(), folder.records().native(), error.message()));
}

Result<BrokerState> start(const BrokerFolder& folder, const Programs& programs, std::uint16_t wanted,
                          const Wait& wait) {
  STACK_TRY_ASSIGN(ports, choose_ports(wanted, read_broker_state(folder)));
  STACK_TRY(forget_old_output(folder));
  STACK_TRY(format_once(folder, programs, ports));
  if (was_killed(folder)) {
    STACK_TRY(fence_former_broker(programs.java, programs.jars, folder, ports, wait.deadline, wait.stop));
  }
  STACK_TRY(write_file(folder.properties(), server_properties(folder.records(), ports)));
  STACK_TRY(write_file(folder.logging(), logging_properties(folder.log())));
  BrokerState state{.process = {}, .ports = ports, .wanted_port = wanted};
  const auto record = [&](const ProcessIdentity& process) {
    state.process = process;
    return write_broker_state(folder, state);
  };
  STACK_TRY(start_detached(java_command(broker_command(programs.java, programs.jars, folder), folder), record));
  return state;
}

}  // namespace

std::filesystem::path default_broker_folder() {
  const char* data_home = std::getenv("XDG_DATA_HOME");
  if (data_home != nullptr && *data_home != '\0') return std::filesystem::path(data_home) / "stack" / "kafka";
  const char* home = std::getenv("HOME");
  const std::filesystem::path base = home != nullptr && *home != '\0' ? home : ".";
  return base / ".local" / "share" / "stack" / "kafka";
}

Result<BrokerStatus> broker_up(const LocalBrokerOptions& options, const StopFlag* stop) {
  const auto folder = folder_at(options.data);
  const Wait wait{.deadline = std::chrono::steady_clock::now() + options.start_timeout, .stop = stop};
  STACK_TRY(make_folder(folder));
  STACK_TRY_ASSIGN(lock, lock_folder(folder, wait));

  if (const auto running = running_broker(folder)) {
    const auto answered = wait_until_it_answers(folder, *running, wait);
    if (answered) return running_status(folder, *running);
    // A broker that was just killed is still a process for a moment.
    if (is_alive(running->process)) return std::unexpected(answered.error());
  }
  STACK_TRY_ASSIGN(programs, find_programs());
  // A port that was free a moment ago may be taken by the time that Java gets to it.
  for (int attempt = 1;; ++attempt) {
    Error failure;
    bool alive = false;
    if (const auto state = start(folder, programs, options.port, wait); !state) {
      failure = state.error();
    } else if (const auto answered = wait_until_it_answers(folder, *state, wait); !answered) {
      failure = answered.error();
      alive = is_alive(state->process);
    } else {
      auto status = running_status(folder, *state);
      status.started_now = true;
      return status;
    }
    constexpr int most_attempts = 3;
    if (attempt == most_attempts || alive || !lost_its_port(folder)) return std::unexpected(std::move(failure));
  }
}

Result<BrokerStatus> broker_down(const std::filesystem::path& data, Milliseconds timeout) {
  const auto folder = folder_at(data);
  std::error_code error;
  if (!std::filesystem::exists(folder.root, error)) return stopped_status(folder);
  const Wait wait{.deadline = std::chrono::steady_clock::now() + timeout, .stop = nullptr};
  STACK_TRY_ASSIGN(lock, lock_folder(folder, wait));
  const auto running = running_broker(folder);
  if (!running) return stopped_status(folder);
  if (::kill(running->process.pid, SIGTERM) != 0 && errno != ESRCH) {
    return fail(ErrorKind::storage, fmt::format("cannot stop the local broker (pid {}): {}", running->process.pid,
                                                std::generic_category().message(errno)));
  }
  if (!wait_until_gone(running->process, timeout)) {
    return fail(ErrorKind::unreachable,
                fmt::format("the local broker (pid {}) has not ended {} s after SIGTERM; see {}. `kill -9 {}` is safe: "
                            "the next start recovers what was acknowledged",
                            running->process.pid, timeout.count() / 1000, folder.log().native(), running->process.pid));
  }
  return stopped_status(folder);
}

Result<BrokerStatus> broker_status(const std::filesystem::path& data) {
  const auto folder = folder_at(data);
  const auto running = running_broker(folder);
  return running ? running_status(folder, *running) : stopped_status(folder);
}

Result<BrokerInstallation> check_broker_installation() {
  STACK_TRY_ASSIGN(programs, find_programs());
  STACK_TRY_ASSIGN(version, java_version(programs.java));
  return BrokerInstallation{.java = programs.java, .java_version = version, .jars = programs.jars};
}

}  // namespace stack::kafka
