// AWS Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html) by aws-c-auth:
// requests signed by header, and URLs signed by query, which anyone may use until they expire. Thread-safety: any
// thread. Failure: ErrorKind::usage for a URL that is none; ErrorKind::internal otherwise.
#pragma once

#include <aws/http/request_response.h>

#include <chrono>
#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "aws/http_client.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::aws {

// What a signature is good for.
struct SigningScope {
  std::string region;
  std::string service;
  Micros time;  // whole seconds count; the service takes 5 minutes more or less than its own clock
};

// Adds X-Amz-Date, X-Amz-Security-Token and Authorization.
[[nodiscard]] Result<void> sign(HttpRequest& request, const Credentials& credentials, const SigningScope& scope);

enum class Payload {
  hashed,    // the body's SHA-256 is signed
  unsigned_  // for TLS, which protects it
};
// Signs MESSAGE in place as S3 wants it: its path is taken as it is, and the payload's hash is a header.
[[nodiscard]] Result<void> sign_s3(aws_http_message& message, Payload payload, const Credentials& credentials,
                                   const SigningScope& scope);

// A GET of URL, whose query is encoded, with the parameters of its signature behind the query.
[[nodiscard]] Result<std::string> presign(std::string_view url, std::chrono::seconds valid,
                                          const Credentials& credentials, const SigningScope& scope);

}  // namespace stack::aws
