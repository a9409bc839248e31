// Tells a service manager how the program is: ready, what it is at, ending. The protocol is systemd's sd_notify: one
// datagram a message to the socket that $NOTIFY_SOCKET names. Without that variable nothing is done.
// There is no watchdog: a broker that is away is waited for, and a restart would not bring it back; /healthz of
// --metrics tells who wants to act on it. Thread-safety: a thread of its own, which calls what open() is given until
// the notice goes. Failure: ErrorKind::usage, when the socket cannot be opened at the start; a message that is lost
// later is no error.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/unique_fd.hpp"

namespace stack::app {

class ServiceNotice {
 public:
  // READY() turns true when the service works; STATUS() is one line of what it is at. Null without $NOTIFY_SOCKET.
  [[nodiscard]] static Result<std::unique_ptr<ServiceNotice>> open(std::function<bool()> ready,
                                                                   std::function<std::string()> status,
                                                                   const StopFlag& stop);
  ServiceNotice(UniqueFd socket, std::function<bool()> ready, std::function<std::string()> status,
                const StopFlag& stop);

 private:
  void watch(const std::stop_token& gone) const;
  void send(const std::string& message) const;

  UniqueFd socket_;
  std::function<bool()> ready_;
  std::function<std::string()> status_;
  const StopFlag& stop_;
  std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace stack::app
