// The token that `aws sso login` leaves in ~/.aws/sso/cache, renewed where it can be: one of an [sso-session] has a
// refresh token beside it (https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html).
// Thread-safety: any thread; two processes may renew at once, the later file stands.
// Failure: ErrorKind::access with the command to run when there is no token, or it has expired for good.
#pragma once

#include <string>

#include "aws/credential_sources.hpp"
#include "core/result.hpp"

namespace stack::aws {

struct SsoSession {
  std::string profile;
  std::string cache_key;  // the session's name, or the start URL of a profile without one
  std::string region;
};

[[nodiscard]] Result<std::string> sso_access_token(CredentialSearch& search, const SsoSession& session);

}  // namespace stack::aws
