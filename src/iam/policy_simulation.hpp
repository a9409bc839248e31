// What IAM itself says that a user or role may do
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html): of its own policies and
// boundaries, not of buckets' policies and an organization's.
// Thread-safety: as the client. Failure: the client's; ErrorKind::access where asking is not allowed.
#pragma once

#include <span>
#include <string>

#include "aws/service_client.hpp"
#include "core/result.hpp"
#include "iam/permission.hpp"

namespace stack::iam {

// Gives those of PERMISSIONS a verdict that have none. IAM: a client of kIam; HOLDER: ARN of the user or role.
[[nodiscard]] Result<void> simulate(aws::ServiceClient& iam, const std::string& holder,
                                    std::span<Permission> permissions);

}  // namespace stack::iam
