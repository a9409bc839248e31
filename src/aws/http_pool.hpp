// Requests to one HTTP/1.1 endpoint over connections that are kept and used again. Bodies are borrowed, never copied.
// Thread-safety: send() from any thread, also from several at once; each waits for its own answer.
// Failure: ErrorKind::unreachable naming the host and the reason: no connection, no answer before the deadline, a
// connection lost on the way, an endpoint that neither takes nor gives bytes for 10 s; ErrorKind::interrupted once the
// caller is to stop. An answer of any status is no failure.
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

class HttpPool {
 public:
  // For the scheme, host and port of ENDPOINT. Nothing is connected yet.
  [[nodiscard]] static Result<std::unique_ptr<HttpPool>> open(std::string_view endpoint, std::size_t most_connections);
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;
  ~HttpPool();

  [[nodiscard]] const UrlParts& endpoint() const { return url_; }
  // MESSAGE's body must live until the call returns. Once STOP is set, nobody waits for the answer any more; what was
  // sent may have been done. Null: nothing stops it.
  [[nodiscard]] Result<PooledResponse> send(aws_http_message& message, Deadline deadline,
                                            const StopFlag* stop = nullptr);

 private:
  HttpPool(UrlParts url, aws_http_connection_manager* connections) : url_(std::move(url)), connections_(connections) {}

  UrlParts url_;
  aws_http_connection_manager* connections_;
};

}  // namespace stack::aws
