// Credentials by a profile of the shared files; a profile may refer to another, and that to a third.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "aws/credential_sources.hpp"

namespace stack::aws {
namespace {

using Path = std::vector<std::string>;  // the profiles that led here

Found by_profile(CredentialSearch& search, const std::string& profile, Path path);

Result<AssumedRole> role_of(const CredentialSearch& search, const std::string& profile) {
  const auto get = [&](const char* key) { return search.profiles.get(profile, key); };
  AssumedRole role{.arn = get("role_arn").value_or(""),
                   .session_name = get("role_session_name").value_or(""),
                   .external_id = get("external_id").value_or("")};
  if (get("mfa_serial"))
    return fail(ErrorKind::usage,
                fmt::format("profile {} asks for a second factor (mfa_serial), which a program that runs by itself "
                            "cannot give; use a profile without",
                            profile));
  if (const auto text = get("duration_seconds")) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (error != std::errc{} || end != text->data() + text->size() || seconds < 900 || seconds > 43'200)
      return fail(ErrorKind::usage,
                  fmt::format("profile {}: duration_seconds \"{}\" is not from 900 to 43200", profile, *text));
    role.duration = std::chrono::seconds{seconds};
  }
  return role;
}

// The one who assumes PROFILE's role.
Result<Credentials> caller_of(CredentialSearch& search, const std::string& profile, const Path& path) {
  if (const auto source = search.profiles.get(profile, "source_profile")) {
    STACK_TRY_ASSIGN(caller, by_profile(search, *source, path));
    if (caller) return *std::move(caller);
    return fail(ErrorKind::usage,
                fmt::format("profile {}: its source_profile {} has no credentials", profile, *source));
  }
  const auto source = search.profiles.get(profile, "credential_source").value_or("");
  const auto find = source == "Environment"           ? environment_credentials
                    : source == "Ec2InstanceMetadata" ? instance_credentials
                    : source == "EcsContainer"        ? container_credentials
                                                      : nullptr;
  if (find == nullptr)
    return fail(ErrorKind::usage, fmt::format("profile {}: credential_source \"{}\" is none of Environment, "
                                              "Ec2InstanceMetadata, EcsContainer",
                                              profile, source));
  STACK_TRY_ASSIGN(caller, find(search));
  if (caller) return *std::move(caller);
  return fail(ErrorKind::usage, fmt::format("profile {}: its credential_source has none: {}", profile,
                                            search.tried.empty() ? source : search.tried.back()));
}

Found by_role(CredentialSearch& search, const std::string& profile, const Path& path) {
  STACK_TRY_ASSIGN(role, role_of(search, profile));
  auto region = search.profiles.get(profile, "region");
  if (!region) region = search.region;
  if (search.profiles.get(profile, "source_profile") || search.profiles.get(profile, "credential_source")) {
    STACK_TRY_ASSIGN(caller, caller_of(search, profile, path));
    STACK_TRY_ASSIGN(endpoint, sts_endpoint(search.environment, region));
    STACK_TRY_ASSIGN(assumed, assume_role(role, caller, endpoint, search.clock, search.deadline, search.stop));
    return assumed;
  }
  if (const auto file = search.profiles.get(profile, "web_identity_token_file")) {
    STACK_TRY_ASSIGN(assumed, token_file_credentials(search, role, *file));
    return assumed;
  }
  return fail(ErrorKind::usage, fmt::format("profile {} has a role_arn, but neither source_profile, credential_source "
                                            "nor web_identity_token_file",
                                            profile));
}

std::optional<Credentials> keys_of(const CredentialSearch& search, const std::string& profile) {
  const auto key = search.profiles.get(profile, "aws_access_key_id");
  const auto secret = search.profiles.get(profile, "aws_secret_access_key");
  if (!key || !secret) return std::nullopt;
  return Credentials{.access_key_id = *key,
                     .secret_access_key = *secret,
                     .session_token = search.profiles.get(profile, "aws_session_token").value_or(""),
                     .expires = std::nullopt,
                     .source = fmt::format("profile {}", profile)};
}

Found by_profile(CredentialSearch& search, const std::string& profile, Path path) {
  const bool seen = std::ranges::find(path, profile) != path.end();
  // A role's profile may name itself as its source when it holds keys as well.
  if (seen && path.back() == profile) {
    if (auto keys = keys_of(search, profile)) return keys;
  }
  if (seen) return fail(ErrorKind::usage, fmt::format("profile {} refers to itself by its source_profile", profile));
  if (!search.profiles.has(profile)) {
    if (!path.empty())
      return fail(ErrorKind::usage,
                  fmt::format("profile {}: its source_profile {} does not exist", path.back(), profile));
    search.tried.push_back(fmt::format("profile {} (in no config or credentials file)", profile));
    return std::nullopt;
  }
  const auto has = [&](const char* key) { return search.profiles.get(profile, key).has_value(); };
  // A source with keys of its own is not asked for its role.
  const bool keys_first = !path.empty() && has("aws_access_key_id");
  path.push_back(profile);
  if (has("role_arn") && !keys_first) return by_role(search, profile, path);
  if (has("sso_account_id") || has("sso_session") || has("sso_start_url")) {
    STACK_TRY_ASSIGN(found, sso_credentials(search, profile));
    return found;
  }
  if (auto keys = keys_of(search, profile)) return keys;
  if (const auto command = search.profiles.get(profile, "credential_process")) {
    STACK_TRY_ASSIGN(found, process_credentials(*command, profile, search.deadline, search.stop));
    return found;
  }
  search.tried.push_back(fmt::format("profile {} (holds no credentials)", profile));
  return std::nullopt;
}

}  // namespace

Found profile_credentials(CredentialSearch& search, const std::string& profile) {
  return by_profile(search, profile, {});
}

}  // namespace stack::aws
