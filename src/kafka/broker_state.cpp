#include "kafka/broker_state.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string>
#include <system_error>

#include "core/unique_fd.hpp"

namespace stack::kafka {
namespace {

std::unexpected<Error> write_error(const std::filesystem::path& path, int error_number) {
  return fail(ErrorKind::storage,
              fmt::format("cannot write {}: {}; free some space or choose another data folder for the local broker",
                          path.native(), std::generic_category().message(error_number)));
}

}  // namespace

std::optional<BrokerState> read_broker_state(const BrokerFolder& folder) {
  std::ifstream file(folder.state());
  BrokerState state;
  std::string name;
  std::uint64_t value = 0;
  while (file >> name >> value) {
    if (name == "pid") state.process.pid = static_cast<pid_t>(value);
    if (name == "start_ticks") state.process.start_ticks = value;
    if (name == "port") state.ports.clients = static_cast<std::uint16_t>(value);
    if (name == "controller_port") state.ports.controller = static_cast<std::uint16_t>(value);
    if (name == "wanted_port") state.wanted_port = static_cast<std::uint16_t>(value);
  }
  if (state.process.pid <= 0 || state.ports.clients == 0) return std::nullopt;
  return state;
}

Result<void> write_broker_state(const BrokerFolder& folder, const BrokerState& state) {
  return write_file(folder.state(), fmt::format("pid {}\nstart_ticks {}\nport {}\ncontroller_port {}\nwanted_port {}\n",
                                                state.process.pid, state.process.start_ticks, state.ports.clients,
                                                state.ports.controller, state.wanted_port));
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path beside = path.native() + ".new";
  const UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return write_error(beside, errno);
  while (!text.empty()) {
    const ssize_t written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR) return write_error(beside, errno);
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd.get()) != 0 || std::rename(beside.c_str(), path.c_str()) != 0) return write_error(path, errno);
  return {};
}

}  // namespace stack::kafka
