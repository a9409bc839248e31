#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aws/credential_sources.hpp"

namespace stack::aws {

Found environment_credentials(CredentialSearch& search) {
  const auto key = search.environment.get("AWS_ACCESS_KEY_ID");
  const auto secret = search.environment.get("AWS_SECRET_ACCESS_KEY");
  if (key && secret)
    return Credentials{.access_key_id = *key,
                       .secret_access_key = *secret,
                       .session_token = search.environment.get("AWS_SESSION_TOKEN").value_or(""),
                       .expires = std::nullopt,
                       .source = "the environment"};
  if (key || secret)
    return fail(ErrorKind::usage, fmt::format("the environment has {} without {}; set both or none",
                                              key ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                                              key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"));
  search.tried.emplace_back("the environment (AWS_ACCESS_KEY_ID is not set)");
  return std::nullopt;
}

Result<Credentials> find_credentials(CredentialSearch& search) {
  STACK_TRY_ASSIGN(environment, environment_credentials(search));
  if (environment) return *std::move(environment);
  // What the environment says of a web identity goes before keys of a profile, but behind a role that the profile
  // names.
  const auto& chosen = search.profiles.chosen();
  const bool by_role = search.profiles.get(chosen, "role_arn").has_value();
  if (!by_role) {
    STACK_TRY_ASSIGN(identity, web_identity_credentials(search));
    if (identity) return *std::move(identity);
  }
  STACK_TRY_ASSIGN(profile, profile_credentials(search, chosen));
  if (profile) return *std::move(profile);
  for (const auto source : {container_credentials, instance_credentials}) {
    STACK_TRY_ASSIGN(found, source(search));
    if (found) return *std::move(found);
  }
  return fail(ErrorKind::access,
              fmt::format("no AWS credentials here: tried, in this order, {}; choose a profile with AWS_PROFILE, set "
                          "keys in the environment, or run where the machine has a role",
                          fmt::join(search.tried, ", ")));
}

}  // namespace stack::aws
