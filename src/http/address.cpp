#include "http/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace stack::http {
namespace {

bool is_name(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

// Brackets are for IPv6 alone, which has colons of its own.
bool is_bracketed_ip(std::string_view host) {
  return host.size() > 4 && host.front() == '[' && host.back() == ']' && host.find(':') != std::string_view::npos &&
         host.find_first_of(" /[", 1) == std::string_view::npos;
}

}  // namespace

std::string Address::text() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", ipv6 ? "[" : "", host, ipv6 ? "]" : "", port);
}

Result<Address> parse_address(std::string_view text) {
  Address address;
  const auto colon = text.rfind(':');
  const auto host = colon == std::string_view::npos ? std::string_view{} : text.substr(0, colon);
  const auto port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  const bool ported = error == std::errc{} && end == port.data() + port.size() && !port.empty();
  if (!ported || (!host.empty() && !is_name(host) && !is_bracketed_ip(host)))
    return fail(ErrorKind::usage,
                fmt::format("\"{}\" is not HOST:PORT, as 127.0.0.1:9464 or [::1]:9464 (port 0: a free one)", text));
  if (!host.empty()) address.host = host.front() == '[' ? host.substr(1, host.size() - 2) : host;
  return address;
}

}  // namespace stack::http
