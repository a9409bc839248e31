// Roles assumed at the AWS Security Token Service (https://docs.aws.amazon.com/STS/latest/APIReference). aws-c-auth's
// own provider speaks to port 443 alone and drops the service's reason for a refusal, hence calls of ours.
// Thread-safety: any thread; calls block until the deadline, or until STOP, which may be null, is set.
// Failure: ErrorKind::access for what STS refuses, with its reason and what to check; ::unreachable when it does not
// answer in time or fails itself; ::interrupted once STOP is set. No secret appears.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "aws/credentials.hpp"
#include "aws/endpoint.hpp"
#include "aws/environment.hpp"
#include "aws/http_client.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::aws {

struct AssumedRole {
  std::string arn;
  std::string session_name = {};  // empty: "stack"
  std::string external_id = {};   // what the role's trust policy may ask of callers from other accounts; empty: none
  // 900 s up to the role's own maximum; one hour at most for a caller that is a role itself.
  std::chrono::seconds duration{3'600};
};

// As endpoint_of(); without a region AWS's global one.
[[nodiscard]] Result<Endpoint> sts_endpoint(const Environment& environment, const std::optional<std::string>& region);

[[nodiscard]] Result<Credentials> assume_role(const AssumedRole& role, const Credentials& caller,
                                              const Endpoint& endpoint, const Clock& clock, Deadline deadline,
                                              const StopFlag* stop);

// The caller is who TOKEN, an OIDC identity token, says; the call is not signed.
[[nodiscard]] Result<Credentials> assume_role_with_web_identity(const AssumedRole& role, const std::string& token,
                                                                const Endpoint& endpoint, Deadline deadline,
                                                                const StopFlag* stop);

}  // namespace stack::aws
