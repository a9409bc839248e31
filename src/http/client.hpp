// One request to a listener, and its answer: for commands that speak to a running one.
// Thread-safety: a free function. Failure: ErrorKind::unreachable when nobody answers at the address within the time.
#pragma once

#include <chrono>

#include "core/result.hpp"
#include "http/address.hpp"
#include "http/listener.hpp"

namespace stack::http {

[[nodiscard]] Result<Response> ask(const Address& address, const Request& request,
                                   std::chrono::milliseconds patience = std::chrono::seconds{10});

}  // namespace stack::http
