// The token by which a client of Amazon MSK with IAM access control logs in over SASL/OAUTHBEARER: a presigned request
// for kafka-cluster:Connect, in base64url without padding
// (https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html; the signers that AWS publishes).
// Thread-safety: any thread. Failure: ErrorKind::usage for a region that cannot be one; ErrorKind::internal otherwise.
#pragma once

#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::aws {

struct MskIamToken {
  std::string text;
  Micros expires;  // 900 s after signing, or with the credentials if they end before
};

// NOW: the time of signing; the broker takes 5 minutes more or less than its own clock. USER_AGENT tells the broker's
// log who signed; it is no part of the signature.
[[nodiscard]] Result<MskIamToken> sign_msk_iam_token(const Credentials& credentials, std::string_view region,
                                                     Micros now, std::string_view user_agent = "stack");

// Base64 with '-' and '_', without padding (RFC 4648, 5).
[[nodiscard]] std::string base64url(std::string_view bytes);

}  // namespace stack::aws
