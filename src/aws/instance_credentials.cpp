// The role of an Amazon EC2 instance, from its metadata service, version 2
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html).
#include <fmt/format.h>

#include <chrono>
#include <string_view>

#include "aws/credential_json.hpp"
#include "aws/credential_sources.hpp"
#include "aws/endpoint.hpp"
#include "aws/http_message.hpp"

namespace stack::aws {
namespace {

// As botocore: off EC2 nothing answers, and no one should wait for that.
constexpr std::chrono::seconds kPatience{1};
constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";

Result<std::string> metadata_endpoint(const Environment& environment) {
  constexpr const char* kVariable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
  if (auto given = environment.get(kVariable)) {
    if (auto url = parse_url(*given); !url) return std::unexpected(std::move(url).error().within(kVariable));
    while (given->ends_with('/')) given->pop_back();
    return *std::move(given);
  }
  const auto mode = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").value_or("");
  return mode == "IPv6" || mode == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

}  // namespace

Found instance_credentials(CredentialSearch& search) {
  constexpr const char* kDisabled = "AWS_EC2_METADATA_DISABLED";
  // As botocore, any other value than true, in any case, does not.
  const auto disabled = search.environment.get(kDisabled).value_or("");
  if (std::ranges::equal(disabled, std::string_view{"true"}, {},
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; })) {
    search.tried.emplace_back("the instance's role (AWS_EC2_METADATA_DISABLED is set)");
    return std::nullopt;
  }
  const auto none = [&](std::string_view reason) -> Found {
    search.tried.push_back(fmt::format("the instance's role ({})", reason));
    return std::nullopt;
  };
  STACK_TRY_ASSIGN(endpoint, metadata_endpoint(search.environment));
  const auto deadline = std::min(search.deadline, std::chrono::steady_clock::now() + kPatience);
  const auto token = http_call({.method = "PUT",
                                .url = endpoint + "/latest/api/token",
                                .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}}},
                               deadline, search.stop);
  if (!token && token.error().kind == ErrorKind::interrupted) return std::unexpected(token.error());
  if (!token) return none(token.error().message);
  if (token->status != 200) return none(fmt::format("{} gives no token: HTTP {}", host_of(endpoint), token->status));
  const auto get = [&](const std::string& path) {
    return http_call({.url = endpoint + path, .headers = {{"X-aws-ec2-metadata-token", token->body}}}, search.deadline,
                     search.stop);
  };
  STACK_TRY_ASSIGN(roles, get(std::string{kRoles}));
  const std::string_view lines = roles.body;
  const std::string role{lines.substr(0, lines.find('\n'))};
  if (roles.status != 200 || role.empty()) return none("the instance has none");
  STACK_TRY_ASSIGN(answer, get(std::string{kRoles} + role));
  auto found = parse_credentials(answer.body, fmt::format("the instance's role {}", role));
  if (answer.status == 200 && found) return found;
  return fail(ErrorKind::access,
              fmt::format("the instance's role {}: {} answers with HTTP {} {}", role, host_of(endpoint), answer.status,
                          json_text(answer.body, "Message").value_or("and no credentials")));
}

}  // namespace stack::aws
