// A small HTTP/1.1 server for what runs beside the work: metrics, health, control. It has no TLS and asks nobody who
// they are, so it is meant for the loopback address; requests that a web page sends (they carry an Origin) are refused.
// Thread-safety: all members may be called from any thread. The handler is called on the listener's one thread, one
// request at a time, so it must be quick; while it waits for bytes of one client it serves the others.
// Failure: ErrorKind::usage when the address cannot be listened on; a handler that throws is a 500 to its client. What
// clients do wrong is theirs to hear: 400, 413, 431, or a closed connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "http/address.hpp"

namespace stack::http {

struct Request {
  std::string method;  // "GET"
  std::string target;  // "/metrics?x=1", as it was sent
  std::string body;
  std::string host;  // as the client names us: "127.0.0.1:9464"; empty where it did not say

  // The target without its query.
  [[nodiscard]] std::string_view path() const { return std::string_view{target}.substr(0, target.find('?')); }
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

using Handler = std::function<Response(const Request&)>;

struct Limits {
  std::uint32_t header_bytes = 8 * 1024;
  std::size_t body_bytes = std::size_t{64} * 1024;
  // At this many, the connection that has waited longest for a request is closed for the next one's sake.
  std::size_t connections = 64;
  std::chrono::milliseconds request_time{10'000};  // from connecting, or a request's first byte, to its last
  std::chrono::milliseconds idle_time{75'000};     // between two requests of one connection
};

class Listener {
 public:
  // Listens when it returns. A host name is looked up.
  [[nodiscard]] static Result<std::unique_ptr<Listener>> open(const Address& address, Handler handler,
                                                              const Limits& limits = {});
  // Closes all connections; the handler is not called any more when this returns.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] const Address& address() const;  // as an IP address and the port that was found
  [[nodiscard]] bool is_loopback() const;        // out of other machines' reach

 private:
  struct Server;
  class Session;
  explicit Listener(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace stack::http
