// Whether the caller may do what a role has to: each permission of the role's policy is asked for, by a call that
// changes nothing, else by IAM's simulation. Thread-safety: one caller. Never fails: what could not be asked is told.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/caller_identity.hpp"
#include "aws/s3_client.hpp"
#include "aws/s3_place.hpp"
#include "aws/service_client.hpp"
#include "core/result.hpp"
#include "iam/permission.hpp"
#include "iam/role_policies.hpp"

namespace stack::iam {

// How the services are reached.
struct Openers {
  std::function<Result<std::unique_ptr<aws::S3Client>>(const aws::S3Place&)> s3;
  std::function<Result<std::unique_ptr<aws::ServiceClient>>(const aws::Service&)> service;
};

struct RoleAnswers {
  std::vector<Permission> permissions;
  std::vector<std::string> troubles;  // of services that cannot be asked at all
  std::string not_simulated;          // why IAM gave no verdict; empty: it did, or was not asked
};

[[nodiscard]] RoleAnswers ask_permissions(Role role, const PolicyScope& scope, const aws::CallerIdentity& caller,
                                          const Openers& open);

}  // namespace stack::iam
