#include "app/service_notice.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string_view>

namespace stack::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 100ms;      // how soon readiness and the wish to stop are seen
constexpr auto kStatusEvery = 5s;  // a status is for people
// Before it is ready a service may have much to read. It is given another minute as often as it is seen at work.
constexpr std::string_view kMoreTime = "EXTEND_TIMEOUT_USEC=60000000";

Error no_socket(std::string_view name, int number) {
  return {ErrorKind::usage,
          fmt::format("NOTIFY_SOCKET={}: the service manager cannot be told: {}; unset it outside of a service", name,
                      std::strerror(number))};
}

}  // namespace

Result<std::unique_ptr<ServiceNotice>> ServiceNotice::open(std::function<bool()> ready,
                                                           std::function<std::string()> status, const StopFlag& stop) {
  const char* variable = std::getenv("NOTIFY_SOCKET");
  if (variable == nullptr || *variable == '\0') return nullptr;
  const std::string_view name = variable;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof(address.sun_path)) return std::unexpected(no_socket(name, ENAMETOOLONG));
  std::ranges::copy(name, std::begin(address.sun_path));
  if (name.front() == '@') address.sun_path[0] = '\0';  // Linux' abstract names
  UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0)
    return std::unexpected(no_socket(name, errno));
  return std::make_unique<ServiceNotice>(std::move(socket), std::move(ready), std::move(status), stop);
}

ServiceNotice::ServiceNotice(UniqueFd socket, std::function<bool()> ready, std::function<std::string()> status,
                             const StopFlag& stop)
    : socket_(std::move(socket)),
      ready_(std::move(ready)),
      status_(std::move(status)),
      stop_(stop),
      thread_([this](const std::stop_token& gone) { watch(gone); }) {}

void ServiceNotice::watch(const std::stop_token& gone) const {
  std::mutex mutex;
  std::unique_lock lock{mutex};
  std::condition_variable_any wake;
  bool told_ready = false;
  std::string told_status;
  auto status_due = std::chrono::steady_clock::now();
  auto more_time_due = status_due + kStatusEvery;
  while (!gone.stop_requested() && !stop_.requested()) {
    const auto now = std::chrono::steady_clock::now();
    if (!told_ready && ready_()) {
      send("READY=1");
      told_ready = true;
    }
    if (!told_ready && now >= more_time_due) {
      send(std::string{kMoreTime});
      more_time_due = now + kStatusEvery;
    }
    if (told_ready && now >= status_due) {
      if (auto status = status_(); status != told_status) {
        send("STATUS=" + status);
        told_status = std::move(status);
      }
      status_due = now + kStatusEvery;
    }
    wake.wait_for(lock, gone, kLook, [] { return false; });
  }
  if (!told_ready && ready_()) send("READY=1");  // a short feed may be over between two looks
  send("STOPPING=1");
}

void ServiceNotice::send(const std::string& message) const {
  (void)::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace stack::app
