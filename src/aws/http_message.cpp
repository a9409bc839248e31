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

std::unique_ptr<aws_http_message, MessageDeleter> make_message(std::string_view method, std::string_view authority,
                                                               std::string_view path, const HttpHeaders& headers,
                                                               std::string_view body) {
  std::unique_ptr<aws_http_message, MessageDeleter> message{aws_http_message_new_request(Runtime::allocator())};
  aws_http_message_set_request_method(message.get(), cursor_of(method));
  aws_http_message_set_request_path(message.get(), cursor_of(path));
  const auto add = [&](std::string_view name, std::string_view value) {
    aws_http_header header{};
    header.name = cursor_of(name);
    header.value = cursor_of(value);
    aws_http_message_add_header(message.get(), header);
  };
  add("Host", authority);
  for (const auto& [name, value] : headers) add(name, value);
  if (!body.empty() || method == "POST" || method == "PUT") add("Content-Length", std::to_string(body.size()));
  if (!body.empty()) {
    const auto bytes = cursor_of(body);
    const std::unique_ptr<aws_input_stream, MessageDeleter> stream{
        aws_input_stream_new_from_cursor(Runtime::allocator(), &bytes)};
    aws_http_message_set_body_stream(message.get(), stream.get());
  }
  return message;
}

std::unique_ptr<aws_http_message, MessageDeleter> make_message(const HttpRequest& request, const UrlParts& url) {
  return make_message(request.method, url.authority, url.path_and_query, request.headers, request.body);
}

}  // namespace stack::aws
