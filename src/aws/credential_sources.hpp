// The places where AWS credentials are looked for, one function each, in the order in which botocore asks them
// (https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html).
// Thread-safety: any thread; calls block until the search's deadline at the longest.
// Failure: a source that is not set up here gives none, and says why in `tried`. One that is set up and fails is an
// Error that ends the search: going on would act as someone else than was meant. No secret appears in either.
// ErrorKind::usage for what is set up wrong, ::access for a service that refuses and where there are no credentials at
// all, ::unreachable for a service that does not answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/credentials.hpp"
#include "aws/environment.hpp"
#include "aws/http_client.hpp"
#include "aws/profile_files.hpp"
#include "aws/sts.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::aws {

struct CredentialSearch {
  const Environment& environment;
  const ProfileFiles& profiles;
  std::optional<std::string> region;  // of STS
  const Clock& clock;
  Deadline deadline;
  const StopFlag* stop = nullptr;       // once set, nothing is waited for
  std::vector<std::string> tried = {};  // "web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set)"
};

using Found = Result<std::optional<Credentials>>;

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
[[nodiscard]] Found environment_credentials(CredentialSearch& search);
// What PROFILE says, by the first of: role_arn with source_profile or credential_source, role_arn with
// web_identity_token_file, sso_*, keys, credential_process.
[[nodiscard]] Found profile_credentials(CredentialSearch& search, const std::string& profile);
// AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, as in Amazon EKS with roles for service accounts.
[[nodiscard]] Found web_identity_credentials(CredentialSearch& search);
// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI: Amazon ECS tasks and Amazon EKS Pod Identity.
[[nodiscard]] Found container_credentials(CredentialSearch& search);
// The role of an Amazon EC2 instance, by IMDSv2. Elsewhere nothing answers: it is given a second.
[[nodiscard]] Found instance_credentials(CredentialSearch& search);

// Sources that a profile names.
[[nodiscard]] Result<Credentials> process_credentials(const std::string& command, const std::string& profile,
                                                      Deadline deadline, const StopFlag* stop);
[[nodiscard]] Result<Credentials> sso_credentials(CredentialSearch& search, const std::string& profile);
// Reads the token anew: it is replaced while the program runs.
[[nodiscard]] Result<Credentials> token_file_credentials(CredentialSearch& search, const AssumedRole& role,
                                                         const std::string& file);

// All of them, in order; an error that lists them when none has credentials.
[[nodiscard]] Result<Credentials> find_credentials(CredentialSearch& search);

}  // namespace stack::aws
