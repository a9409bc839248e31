// An HTTP server on this machine that answers each request as a function says, one connection after another.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/unique_fd.hpp"

namespace stack::aws::testing_support {

class CannedServer {
 public:
  // ANSWER: from a request's text to what is sent back, as it stands; empty: nothing, and the connection stays open.
  using Answer = std::function<std::string(const std::string&)>;

  explicit CannedServer(Answer answer) : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);  // NOLINT: C's way to derive
    ::bind(listener_.get(), raw, size);
    ::getsockname(listener_.get(), raw, &size);
    ::listen(listener_.get(), 8);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;
  ~CannedServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<std::string> requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
  }

  static std::string ok(const std::string& body, const std::string& status = "200 OK") {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

 private:
  void serve() {
    std::vector<UniqueFd> kept;
    for (;;) {
      UniqueFd connection{::accept(listener_.get(), nullptr, nullptr)};
      if (!connection) return;
      const auto request = read_request(connection.get());
      {
        const std::lock_guard lock{mutex_};
        requests_.push_back(request);
      }
      const auto reply = answer_(request);
      (void)!::send(connection.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
      if (reply.empty()) kept.push_back(std::move(connection));
    }
  }

  static std::string read_request(int from) {
    std::string text;
    char piece[4096];
    for (;;) {
      const auto head = text.find("\r\n\r\n");
      if (head != std::string::npos) {
        const auto at = text.find("Content-Length: ");
        const std::size_t body = at == std::string::npos ? 0 : std::stoul(text.substr(at + 16));
        if (text.size() >= head + 4 + body) return text;
      }
      const auto size = ::recv(from, piece, sizeof piece, 0);
      if (size <= 0) return text;
      text.append(piece, static_cast<std::size_t>(size));
    }
  }

  Answer answer_;
  UniqueFd listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace stack::aws::testing_support
