// A server that gives its answers in turn, and the last one for ever.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "canned_server.hpp"

namespace stack::aws::testing_support {

inline std::string http_answer(const std::string& status, const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class ScriptedServer {
 public:
  explicit ScriptedServer(std::deque<std::string> answers)
      : answers_(std::move(answers)), server_([this](const std::string&) {
          const std::lock_guard lock{mutex_};
          const std::string next = answers_.front();
          if (answers_.size() > 1) answers_.pop_front();
          return next;
        }) {}
  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] std::vector<std::string> requests() const { return server_.requests(); }

 private:
  std::mutex mutex_;
  std::deque<std::string> answers_;
  CannedServer server_;
};

// Of a request; empty where it has none.
inline std::string header_of(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 4;
  return request.substr(from, request.find("\r\n", from) - from);
}

}  // namespace stack::aws::testing_support
