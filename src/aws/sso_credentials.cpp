// Credentials of a permission set of IAM Identity Center
// (https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html).
#include <fmt/format.h>

#include "aws/credential_json.hpp"
#include "aws/endpoint.hpp"
#include "aws/region.hpp"
#include "aws/sso_token.hpp"

namespace stack::aws {
namespace {

Result<std::string> portal_endpoint(const Environment& environment, const std::string& region) {
  STACK_TRY_ASSIGN(given, configured_endpoint("sso", environment));
  return given ? *given : fmt::format("https://portal.sso.{}.{}", region, domain_of(region));
}

}  // namespace

Result<Credentials> sso_credentials(CredentialSearch& search, const std::string& profile) {
  const auto get = [&](const char* key) { return search.profiles.get(profile, key); };
  const auto named = get("sso_session");
  const auto region = named ? search.profiles.sso_session(*named, "sso_region") : get("sso_region");
  const auto start = named ? named : get("sso_start_url");
  const auto account = get("sso_account_id");
  const auto role = get("sso_role_name");
  if (!region || !start || !account || !role)
    return fail(ErrorKind::usage, fmt::format("profile {}: sign-in by IAM Identity Center wants sso_account_id, "
                                              "sso_role_name, and an sso_session with sso_region",
                                              profile));
  STACK_TRY(check_region(*region));
  STACK_TRY_ASSIGN(token, sso_access_token(search, {.profile = profile, .cache_key = *start, .region = *region}));
  STACK_TRY_ASSIGN(endpoint, portal_endpoint(search.environment, *region));
  const HttpRequest request{.url = fmt::format("{}/federation/credentials?account_id={}&role_name={}", endpoint,
                                               percent_encoded(*account), percent_encoded(*role)),
                            .headers = {{"x-amz-sso_bearer_token", token}}};
  auto response = http_call(request, search.deadline, search.stop);
  if (!response) return std::unexpected(std::move(response).error().within(fmt::format("profile {}", profile)));
  auto found = parse_credentials(response->body, fmt::format("profile {}", profile));
  if (response->status == 200 && found) return *std::move(found);
  return fail(response->status >= 500 ? ErrorKind::unreachable : ErrorKind::access,
              fmt::format("profile {}: {} gives no credentials for role {} of account {}: HTTP {} {}; check them, or "
                          "run `aws sso login --profile {}`",
                          profile, host_of(request.url), *role, *account, response->status,
                          json_text(response->body, "message").value_or(""), profile));
}

}  // namespace stack::aws
