#include "aws/http_message.hpp"

#include <fmt/format.h>

#include "aws/runtime.hpp"

namespace stack::aws {

Result<UrlParts> parse_url(std::string_view url) {
  const bool tls = url.starts_with("https://");
  const auto bytes = cursor_of(url);
  aws_uri uri{};
  const bool sound = (tls || url.starts_with("http://")) && aws_uri_init_parse(&uri, Runtime::allocator(), &bytes) == 0;
  UrlParts parts;
  if (sound) {
    parts.tls = tls;
    parts.host = text_of(*aws_uri_host_name(&uri));
    parts.port = aws_uri_port(&uri) != 0 ? aws_uri_port(&uri) : (tls ? 443 : 80);
    parts.authority = text_of(*aws_uri_authority(&uri));
    parts.path_and_query = text_of(*aws_uri_path_and_query(&uri));
    if (parts.path_and_query.empty() || parts.path_and_query.front() != '/')
      parts.path_and_query = fmt::format("/{}", parts.path_and_query);
    aws_uri_clean_up(&uri);
  }
  if (parts.host.empty())
    return fail(ErrorKind::usage, fmt::format("\"{}\" is not an http or https URL", url.substr(0, url.find('?'))));
  // An IPv6 address is written in brackets, and looked up without.
  if (parts.host.front() == '[' && parts.host.back() == ']') parts.host = parts.host.substr(1, parts.host.size() - 2);
  return parts;
}

std::unique_ptr<aws_http_message, MessageDeleter> make_message(const HttpRequest& request, const UrlParts& url) {
  std::unique_ptr<aws_http_message, MessageDeleter> message{aws_http_message_new_request(Runtime::allocator())};
  aws_http_message_set_request_method(message.get(), cursor_of(request.method));
  aws_http_message_set_request_path(message.get(), cursor_of(url.path_and_query));
  const auto add = [&](std::string_view name, std::string_view value) {
    aws_http_header header{};
    header.name = cursor_of(name);
    header.value = cursor_of(value);
    aws_http_message_add_header(message.get(), header);
  };
  add("Host", url.authority);
  for (const auto& [name, value] : request.headers) add(name, value);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
    add("Content-Length", std::to_string(request.body.size()));
  if (!request.body.empty()) {
    const auto bytes = cursor_of(request.body);
    const std::unique_ptr<aws_input_stream, MessageDeleter> body{
        aws_input_stream_new_from_cursor(Runtime::allocator(), &bytes)};
    aws_http_message_set_body_stream(message.get(), body.get());
  }
  return message;
}

}  // namespace stack::aws
