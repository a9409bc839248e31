// Roles assumed with an OIDC token from a file.
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "aws/credential_sources.hpp"

namespace stack::aws {

Result<Credentials> token_file_credentials(CredentialSearch& search, const AssumedRole& role, const std::string& file) {
  std::ifstream in{file};
  std::string token{std::istreambuf_iterator<char>{in}, {}};
  while (!token.empty() && (token.back() == '\n' || token.back() == ' ')) token.pop_back();
  if (token.empty())
    return fail(ErrorKind::usage, fmt::format("web identity token file {} cannot be read, or is empty", file));
  STACK_TRY_ASSIGN(endpoint, sts_endpoint(search.environment, search.region));
  return assume_role_with_web_identity(role, token, endpoint, search.deadline, search.stop);
}

Found web_identity_credentials(CredentialSearch& search) {
  const auto file = search.environment.get("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!file) {
    search.tried.emplace_back("a web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set)");
    return std::nullopt;
  }
  const auto arn = search.environment.get("AWS_ROLE_ARN");
  if (!arn) return fail(ErrorKind::usage, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but not AWS_ROLE_ARN");
  const AssumedRole role{.arn = *arn, .session_name = search.environment.get("AWS_ROLE_SESSION_NAME").value_or("")};
  STACK_TRY_ASSIGN(found, token_file_credentials(search, role, *file));
  return found;
}

}  // namespace stack::aws
