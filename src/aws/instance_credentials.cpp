// The role of an Amazon EC2 instance, from its metadata service, version 2
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html).
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "aws/credential_json.hpp"
#include "aws/credential_sources.hpp"

namespace stack::aws {
namespace {

// As botocore: off EC2 nothing answers, and no one should wait for that.
constexpr std::chrono::seconds kPatience{1};
constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";

std::string endpoint_of(const Environment& environment) {
  if (auto given = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
    while (given->ends_with('/')) given->pop_back();
    return *std::move(given);
  }
  const auto mode = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").value_or("");
  return mode == "IPv6" || mode == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

bool is_disabled(const Environment& environment) {
  auto text = environment.get("AWS_EC2_METADATA_DISABLED").value_or("");
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text == "true";
}

}  // namespace

Found instance_credentials(CredentialSearch& search) {
  if (is_disabled(search.environment)) {
    search.tried.emplace_back("the instance's role (AWS_EC2_METADATA_DISABLED is set)");
    return std::nullopt;
  }
  const auto none = [&](std::string_view reason) -> Found {
    search.tried.push_back(fmt::format("the instance's role ({})", reason));
    return std::nullopt;
  };
  const auto endpoint = endpoint_of(search.environment);
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
  const auto role = roles.body.substr(0, roles.body.find('\n'));
  if (roles.status != 200 || role.empty()) return none("the instance has none");
  STACK_TRY_ASSIGN(answer, get(std::string{kRoles} + role));
  auto found = parse_credentials(answer.body, fmt::format("the instance's role {}", role));
  if (answer.status == 200 && found) return found;
  return fail(ErrorKind::access,
              fmt::format("the instance's role {}: {} answers with HTTP {} {}", role, host_of(endpoint), answer.status,
                          json_text(answer.body, "Message").value_or("and no credentials")));
}

}  // namespace stack::aws
