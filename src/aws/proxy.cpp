#include "aws/proxy.hpp"

#include <aws/common/string.h>
#include <aws/http/http.h>
#include <aws/io/uri.h>
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "aws/environment.hpp"
#include "aws/runtime.hpp"

// The runtime's own reading of NO_PROXY: its library exports it, its headers leave it out.
extern "C" bool aws_http_host_matches_no_proxy(aws_allocator* allocator, aws_byte_cursor host, aws_string* no_proxy);

namespace stack::aws {
namespace {

// The first of two spellings that is set, and its value.
std::optional<std::pair<std::string, std::string>> variable(const char* first, const char* second) {
  const Environment environment;
  for (const char* name : {first, second})
    if (auto value = environment.get(name)) return std::pair{std::string{name}, *std::move(value)};
  return std::nullopt;
}

bool is_spared(const std::string& host) {
  const auto hosts = variable("no_proxy", "NO_PROXY");
  if (!hosts) return false;
  aws_string* text = aws_string_new_from_c_str(Runtime::allocator(), hosts->second.c_str());
  const bool spared = aws_http_host_matches_no_proxy(Runtime::allocator(), cursor_of(host), text);
  aws_string_destroy(text);
  return spared;
}

// HOST:PORT of a proxy's URL, whose scheme may be left out; empty where it is none.
std::string authority_of(std::string_view text) {
  const auto bytes = cursor_of(text);
  aws_uri uri{};
  if (aws_uri_init_parse(&uri, Runtime::allocator(), &bytes) != AWS_OP_SUCCESS) return {};
  const auto scheme = text_of(*aws_uri_scheme(&uri));
  std::string authority{text_of(*aws_uri_authority(&uri))};
  const bool sound = (scheme.empty() || scheme == "http" || scheme == "https") && aws_uri_host_name(&uri)->len > 0;
  aws_uri_clean_up(&uri);
  authority.erase(0, authority.rfind('@') + 1);
  return sound ? authority : std::string{};
}

}  // namespace

Result<std::optional<Proxy>> proxy_of(const UrlParts& url) {
  if (!url.tls) return std::nullopt;
  const auto set = variable("https_proxy", "HTTPS_PROXY");
  if (!set || is_spared(url.host)) return std::nullopt;
  auto authority = authority_of(set->second);
  if (!authority.empty()) return Proxy{.variable = set->first, .authority = std::move(authority)};
  return fail(ErrorKind::usage, fmt::format("{}: \"{}\" is no URL of a proxy (http://HOST:PORT)", set->first,
                                            set->second.substr(set->second.rfind('@') + 1)));
}

std::string way_to(const UrlParts& url, const std::optional<Proxy>& proxy) {
  if (!proxy) return url.authority;
  return fmt::format("{} by way of the proxy {} ({})", url.authority, proxy->authority, proxy->variable);
}

}  // namespace stack::aws
