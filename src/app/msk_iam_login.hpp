// Logging in to Amazon MSK with IAM: the options that say as whom and where, and the tokens made of them.
// Thread-safety: main thread; the token source that is left in a connection may be called from any.
// Failure: ErrorKind::usage naming option and value; of a token as aws::CredentialProvider.
#pragma once

#include <functional>
#include <string>

#include "app/settings.hpp"
#include "aws/msk_iam_token.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/connection.hpp"

namespace stack::app {

using MskIamTokens = std::function<Result<aws::MskIamToken>()>;

struct MskIamLogin {
  std::string region;
  MskIamTokens tokens;
};

// REGION: of --region; else that in the host name of one of SERVERS, else of AWS_REGION, AWS_DEFAULT_REGION or the
// profile. CLOCK outlives what is made.
[[nodiscard]] Result<MskIamLogin> msk_iam_login(const Settings& settings, const std::string& servers,
                                                const Clock& clock);

// Where the connection's properties name the mechanism AWS_MSK_IAM, as Java's clients do: puts OAUTHBEARER in its
// place, TLS around it, and a token source beside it.
[[nodiscard]] Result<void> use_msk_iam_login(const Settings& settings, kafka::Connection& connection,
                                             const Clock& clock);

}  // namespace stack::app
