#include "aws/signing.hpp"

#include <aws/auth/credentials.h>
#include <aws/auth/signable.h>
#include <aws/auth/signing.h>
#include <aws/auth/signing_config.h>
#include <aws/auth/signing_result.h>
#include <fmt/format.h>

#include <functional>
#include <memory>

#include "aws/http_message.hpp"
#include "aws/runtime.hpp"

namespace stack::aws {
namespace {

struct SigningDeleter {
  void operator()(aws_credentials* credentials) const { aws_credentials_release(credentials); }
  void operator()(aws_signable* signable) const { aws_signable_destroy(signable); }
};

struct Outcome {
  aws_http_message* message = nullptr;
  int code = 0;
};

void on_signed(aws_signing_result* result, int code, void* user_data) {
  auto& outcome = *static_cast<Outcome*>(user_data);
  outcome.code = code;
  if (code == 0 &&
      aws_apply_signing_result_to_http_request(outcome.message, Runtime::allocator(), result) != AWS_OP_SUCCESS)
    outcome.code = aws_last_error();
}

// With credentials at hand, and this algorithm, the runtime signs before the call returns.
Result<void> sign_message(aws_http_message* message, const Credentials& credentials, const SigningScope& scope,
                          const std::function<void(aws_signing_config_aws&)>& adjust) {
  const std::unique_ptr<aws_credentials, SigningDeleter> keys{
      aws_credentials_new(Runtime::allocator(), cursor_of(credentials.access_key_id),
                          cursor_of(credentials.secret_access_key), cursor_of(credentials.session_token), UINT64_MAX)};
  const std::unique_ptr<aws_signable, SigningDeleter> signable{
      aws_signable_new_http_request(Runtime::allocator(), message)};
  if (!keys || !signable)
    return fail(ErrorKind::internal, fmt::format("signing for {}: {}", scope.service, aws_error_str(aws_last_error())));
  aws_signing_config_aws config{};
  config.config_type = AWS_SIGNING_CONFIG_AWS;
  config.algorithm = AWS_SIGNING_ALGORITHM_V4;
  config.region = cursor_of(scope.region);
  config.service = cursor_of(scope.service);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(scope.time.time_since_epoch());
  aws_date_time_init_epoch_millis(&config.date, static_cast<std::uint64_t>(seconds.count()) * 1000);
  config.flags.use_double_uri_encode = 1;
  config.flags.should_normalize_uri_path = 1;
  config.credentials = keys.get();
  adjust(config);
  Outcome outcome{.message = message};
  const auto* base = reinterpret_cast<const aws_signing_config_base*>(&config);  // NOLINT: C's way to derive
  if (aws_sign_request_aws(Runtime::allocator(), signable.get(), base, on_signed, &outcome) != AWS_OP_SUCCESS)
    outcome.code = aws_last_error();
  if (outcome.code == 0) return {};
  return fail(ErrorKind::internal, fmt::format("signing for {}: {}", scope.service, aws_error_str(outcome.code)));
}

// The runtime writes X-Amz-Expires behind X-Amz-SignedHeaders, AWS's other signers before; a signature is made over the
// sorted parameters, so that both are right, and a URL of ours is the same text as one of theirs.
std::string in_usual_order(std::string path) {
  const auto headers = path.find("&X-Amz-SignedHeaders=");
  const auto expires = path.find("&X-Amz-Expires=");
  if (headers == std::string::npos || expires == std::string::npos || expires < headers) return path;
  const auto moved = path.substr(expires, path.find('&', expires + 1) - expires);
  path.erase(expires, moved.size());
  return path.insert(headers, moved);
}

}  // namespace

Result<void> sign(HttpRequest& request, const Credentials& credentials, const SigningScope& scope) {
  STACK_TRY_ASSIGN(url, parse_url(request.url));
  Runtime::instance();
  const auto message = make_message(request, url);
  STACK_TRY(sign_message(message.get(), credentials, scope,
                         [](aws_signing_config_aws& config) { config.signature_type = AWS_ST_HTTP_REQUEST_HEADERS; }));
  request.headers.clear();
  for (std::size_t i = 0; i < aws_http_message_get_header_count(message.get()); ++i) {
    aws_http_header header{};
    aws_http_message_get_header(message.get(), &header, i);
    auto name = text_of(header.name);
    if (name != "Host" && name != "Content-Length")
      request.headers.emplace_back(std::move(name), text_of(header.value));
  }
  return {};
}

Result<void> sign_s3(aws_http_message& message, Payload payload, const Credentials& credentials,
                     const SigningScope& scope) {
  Runtime::instance();
  return sign_message(&message, credentials, scope, [&](aws_signing_config_aws& config) {
    config.signature_type = AWS_ST_HTTP_REQUEST_HEADERS;
    config.flags.use_double_uri_encode = 0;
    config.flags.should_normalize_uri_path = 0;
    config.signed_body_header = AWS_SBHT_X_AMZ_CONTENT_SHA256;
    if (payload == Payload::unsigned_) config.signed_body_value = g_aws_signed_body_value_unsigned_payload;
  });
}

Result<std::string> presign(std::string_view url, std::chrono::seconds valid, const Credentials& credentials,
                            const SigningScope& scope) {
  STACK_TRY_ASSIGN(parts, parse_url(url));
  Runtime::instance();
  const auto message = make_message({.url = std::string{url}}, parts);
  STACK_TRY(sign_message(message.get(), credentials, scope, [&](aws_signing_config_aws& config) {
    config.signature_type = AWS_ST_HTTP_REQUEST_QUERY_PARAMS;
    config.expiration_in_seconds = static_cast<std::uint64_t>(valid.count());
  }));
  aws_byte_cursor path{};
  aws_http_message_get_request_path(message.get(), &path);
  return fmt::format("{}://{}{}", parts.tls ? "https" : "http", parts.authority, in_usual_order(text_of(path)));
}

}  // namespace stack::aws
