// Requests to one HTTP/1.1 endpoint over connections that are kept and used again. Bodies are borrowed, never copied.
// Thread-safety: send() from any thread, also from several at once; each waits for its own answer.
// Failure: ErrorKind::unreachable naming the host and the reason: no connection, no answer before the deadline, a
// connection lost on the way, an endpoint that neither takes nor gives bytes for 10 s; ErrorKind::interrupted once the
// caller is to stop; ErrorKind::usage for an endpoint or a proxy of the environment that is none. An answer of any
// status is no failure.
#pragma once

#include <aws/http/connection_manager.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/http_message.hpp"
#include "aws/proxy.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::aws {

struct PooledResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // Of the header NAME, in any case; empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// When ANSWER's server says it was; none where it does not.
[[nodiscard]] std::optional<Micros> date_of(const PooledResponse& answer);

// What send() may be told, and tell, beside the request.
struct Sending {
  std::optional<Milliseconds> silence = {};  // after which the answer must have begun; none: by the deadline
  bool* sent = nullptr;                      // set once the endpoint may have got something of the request
};

class HttpPool {
 public:
  // For the scheme, host and port of ENDPOINT. Nothing is connected yet. PATIENCE: with a connection, 10 s at most.
  [[nodiscard]] static Result<std::unique_ptr<HttpPool>> open(std::string_view endpoint, std::size_t most_connections,
                                                              Milliseconds patience = Milliseconds{10'000});
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;
  ~HttpPool();

  [[nodiscard]] const UrlParts& endpoint() const { return url_; }
  [[nodiscard]] const std::optional<Proxy>& proxy() const { return proxy_; }
  // MESSAGE's body must live until the call returns. Once STOP is set, nobody waits for the answer any more; what was
  // sent may have been done. Null: nothing stops it.
  [[nodiscard]] Result<PooledResponse> send(aws_http_message& message, Deadline deadline,
                                            const StopFlag* stop = nullptr, Sending sending = {});

 private:
  HttpPool(UrlParts url, std::optional<Proxy> proxy, aws_http_connection_manager* connections)
      : url_(std::move(url)), proxy_(std::move(proxy)), connections_(connections) {}

  UrlParts url_;
  std::optional<Proxy> proxy_;
  aws_http_connection_manager* connections_;
};

}  // namespace stack::aws
