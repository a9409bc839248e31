// The user's own things that a role's policy is about, from the settings. Thread-safety: as Settings.
// Failure: ErrorKind::usage naming the option that is missing or wrong.
#pragma once

#include "app/settings.hpp"
#include "core/result.hpp"
#include "iam/role_policies.hpp"

namespace stack::app {

[[nodiscard]] Result<iam::Role> parse_role(std::string_view name);

// All that ROLE's policy needs. Region and account: those of --cluster-arn where they are not given; the region else as
// everywhere.
[[nodiscard]] Result<iam::PolicyScope> policy_scope(const Settings& settings, iam::Role role);

// What its trust policy needs, which is less.
[[nodiscard]] Result<iam::PolicyScope> trust_scope(const Settings& settings, iam::Role role);

}  // namespace stack::app
