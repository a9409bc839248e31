// Who AWS takes this process for
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html): what nobody needs a permission for.
// Thread-safety: as ServiceClient. Failure: the client's; ErrorKind::storage for an answer that names nobody.
#pragma once

#include <string>

#include "aws/service_client.hpp"
#include "core/result.hpp"

namespace stack::aws {

struct CallerIdentity {
  std::string account;
  std::string arn;  // of a user, or of a role's session

  // Whose policies IAM keeps: the user, or the role of the session; empty for the account's root and for others that
  // have none. The path of a role's name is not in its sessions' ARN, and so not here.
  [[nodiscard]] std::string policy_holder() const;
};

// STS: a client of kSts.
[[nodiscard]] Result<CallerIdentity> caller_identity(ServiceClient& sts);

}  // namespace stack::aws
