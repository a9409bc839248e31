// A request in the form that the AWS Common Runtime sends and signs.
// Thread-safety: one owner at a time. Failure: ErrorKind::usage for a URL that is none.
#pragma once

#include <aws/common/byte_buf.h>
#include <aws/common/uri.h>
#include <aws/http/request_response.h>
#include <aws/io/stream.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/http_client.hpp"
#include "core/result.hpp"

namespace stack::aws {

struct MessageDeleter {
  void operator()(aws_http_message* message) const { aws_http_message_release(message); }
  void operator()(aws_input_stream* stream) const { aws_input_stream_release(stream); }
};

inline aws_byte_cursor cursor_of(std::string_view text) { return aws_byte_cursor_from_array(text.data(), text.size()); }
inline std::string text_of(aws_byte_cursor bytes) {
  return {reinterpret_cast<const char*>(bytes.ptr), bytes.len};  // NOLINT: bytes are text here
}

struct UrlParts {
  bool tls = false;
  std::string host;
  std::uint32_t port = 0;      // the scheme's where the URL names none
  std::string authority;       // host[:port] as written
  std::string path_and_query;  // at least "/"
};
[[nodiscard]] Result<UrlParts> parse_url(std::string_view url);

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// PATH with its query, encoded. The message borrows BODY.
[[nodiscard]] std::unique_ptr<aws_http_message, MessageDeleter> make_message(std::string_view method,
                                                                             std::string_view authority,
                                                                             std::string_view path,
                                                                             const HttpHeaders& headers,
                                                                             std::string_view body);
// The message borrows REQUEST's body.
[[nodiscard]] std::unique_ptr<aws_http_message, MessageDeleter> make_message(const HttpRequest& request,
                                                                             const UrlParts& url);

}  // namespace stack::aws
