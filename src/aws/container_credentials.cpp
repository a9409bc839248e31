// Credentials of a container (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "aws/credential_json.hpp"
#include "aws/credential_sources.hpp"
#include "aws/http_message.hpp"

namespace stack::aws {
namespace {

constexpr std::string_view kTaskAgent = "http://169.254.170.2";
// Where a token may go without TLS: the agents of ECS and EKS, and this machine.
constexpr std::array<std::string_view, 5> kNear = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost",
                                                   "::1"};

bool is_near(std::string_view host) {
  const bool loopback = host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return loopback || std::ranges::find(kNear, host) != kNear.end();
}

Result<std::string> authorization(const Environment& environment) {
  const auto file = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (!file) return environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  std::ifstream in{*file};
  std::string token;
  std::getline(in, token);
  if (token.empty())
    return fail(ErrorKind::usage,
                fmt::format("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: {} cannot be read, or is empty", *file));
  return token;
}

}  // namespace

Found container_credentials(CredentialSearch& search) {
  const auto relative = search.environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const auto full = search.environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) {
    search.tried.emplace_back("a container's role (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set)");
    return std::nullopt;
  }
  const std::string_view variable =
      relative ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" : "AWS_CONTAINER_CREDENTIALS_FULL_URI";
  HttpRequest request{.url = relative ? fmt::format("{}{}", kTaskAgent, *relative) : *full};
  auto parsed = parse_url(request.url);
  if (!parsed) return std::unexpected(std::move(parsed).error().within(variable));
  const UrlParts url = *std::move(parsed);
  if (!url.tls && !is_near(url.host))
    return fail(
        ErrorKind::usage,
        fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI: {} is neither https nor on this machine", url.authority));
  STACK_TRY_ASSIGN(token, authorization(search.environment));
  if (!token.empty()) request.headers.emplace_back("Authorization", token);
  auto response = http_call(request, search.deadline, search.stop);
  const auto check = fmt::format("; check {}, and that what it names runs", variable);
  if (!response) {
    if (response.error().kind == ErrorKind::unreachable) response.error().message += check;
    return std::unexpected(std::move(response).error().within("the container's role"));
  }
  auto found = parse_credentials(response->body, "the container's role");
  if (response->status == 200 && found) return found;
  return fail(response->status >= 500 ? ErrorKind::unreachable : ErrorKind::access,
              fmt::format("the container's role: {} answers with HTTP {}{}{}", host_of(request.url), response->status,
                          response->status == 200 ? " and no credentials" : "", check));
}

}  // namespace stack::aws
