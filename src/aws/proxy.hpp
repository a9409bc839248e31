// The proxy through which an https host is reached: what HTTPS_PROXY names, or https_proxy, which goes before it,
// unless NO_PROXY or no_proxy has the host. It is the runtime that goes through it; this tells which it is.
// Thread-safety: any thread; reads the process's environment, which must not be changed meanwhile.
// Failure: ErrorKind::usage naming the variable, without a login that its value may have.
#pragma once

#include <optional>
#include <string>

#include "aws/http_message.hpp"
#include "core/result.hpp"

namespace stack::aws {

struct Proxy {
  std::string variable;   // "HTTPS_PROXY"
  std::string authority;  // HOST:PORT, without the login
};

// None where URL's host is reached without one.
[[nodiscard]] Result<std::optional<Proxy>> proxy_of(const UrlParts& url);

// URL's host for messages, and by way of what.
[[nodiscard]] std::string way_to(const UrlParts& url, const std::optional<Proxy>& proxy);

}  // namespace stack::aws
