// Where a listener listens, as users write it.
// Thread-safety: values. Failure: ErrorKind::usage, with what was written and what is wanted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace stack::http {

struct Address {
  std::string host = "127.0.0.1";  // a name, or an IP address without brackets
  std::uint16_t port = 0;          // 0: a free one

  // "127.0.0.1:9464", "[::1]:9464": as parse_address takes it.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;
};

// "HOST:PORT", ":PORT" or "PORT"; without a host it is 127.0.0.1. An IPv6 address stands in brackets.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

}  // namespace stack::http
