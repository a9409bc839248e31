// One HTTP/1.1 request and its answer, over the AWS Common Runtime: TLS for https, a proxy where the environment's
// HTTPS_PROXY and NO_PROXY say so.
// Thread-safety: any thread; the caller waits.
// Failure: ErrorKind::unreachable naming host and reason when no answer came before the deadline;
// ErrorKind::interrupted once the caller is to stop; ErrorKind::usage for a URL that is none. An answer of any status
// is no failure. Neither query nor headers appear in messages.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/stop_flag.hpp"

namespace stack::aws {

using Deadline = std::chrono::steady_clock::time_point;

struct HttpRequest {
  std::string method = "GET";
  std::string url;                                                // http:// or https://, its query encoded
  std::vector<std::pair<std::string, std::string>> headers = {};  // Host and Content-Length are added
  std::string body = {};
};

struct HttpResponse {
  int status = 0;
  std::string body;  // its first MiB
};

// Once STOP is set, nobody waits for the answer any more. Null: nothing stops it.
[[nodiscard]] Result<HttpResponse> http_call(const HttpRequest& request, Deadline deadline,
                                             const StopFlag* stop = nullptr);

// The host of a URL with its port, if it names one; empty where it is no URL.
[[nodiscard]] std::string host_of(std::string_view url);

// TEXT as a value of a query or a form: all but RFC 3986's unreserved characters as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace stack::aws
