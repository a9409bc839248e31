#include "aws/sts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include "aws/backoff.hpp"
#include "aws/service.hpp"
#include "aws/service_refusal.hpp"
#include "aws/signing.hpp"
#include "aws/xml.hpp"
#include "core/stoppable_wait.hpp"

namespace stack::aws {
namespace {

constexpr std::string_view kGlobalRegion = "us-east-1";
constexpr int kMostAttempts = 3;  // as of AWS's SDKs

std::string form(const std::vector<std::pair<std::string_view, std::string>>& fields) {
  std::string body;
  for (const auto& [name, value] : fields)
    body += fmt::format("{}{}={}", body.empty() ? "" : "&", name, percent_encoded(value));
  return body;
}

std::string element(std::string_view xml, std::string_view name) { return xml_text(xml_element(xml, name)); }

std::string what_to_check(std::string_view code, const AssumedRole& role) {
  if (code == "ExpiredToken" || code == "ExpiredTokenException")
    return "; the caller's credentials have expired, renew them";
  if (code == "InvalidClientTokenId" || code == "SignatureDoesNotMatch")
    return "; check the caller's access key, and this machine's clock";
  if (code != "AccessDenied") return {};
  return fmt::format(
      "; check that the role exists, that its trust policy names this caller{}",
      role.external_id.empty() ? ", and whether it asks for an --external-id" : " and this --external-id");
}

bool may_pass(const HttpResponse& response) {
  return response.status != 200 &&
         (ServiceRefusal::of({.status = response.status, .headers = {}, .body = response.body}).may_pass() ||
          element(response.body, "Code") == "IDPCommunicationError");
}

Error refusal(const AssumedRole& role, std::string_view caller, const HttpResponse& response, const Endpoint& sts) {
  const auto code = element(response.body, "Code");
  const bool its_own = may_pass(response);
  auto message = fmt::format("role {} cannot be assumed with the credentials of {}: {} says {} {}", role.arn, caller,
                             host_of(sts.url), code.empty() ? fmt::format("HTTP {}", response.status) : code,
                             element(response.body, "Message"));
  while (message.back() == ' ' || message.back() == '.') message.pop_back();
  if (its_own)
    return {ErrorKind::unreachable, message + "; the service is in trouble, or has too much to do: try again later"};
  return {ErrorKind::access, message + what_to_check(code, role)};
}

Error no_answer(Error error, const AssumedRole& role, const Endpoint& sts) {
  if (error.kind == ErrorKind::unreachable)
    error.message += sts.configured ? "; check that it runs, and AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL"
                                    : "; check the network, whether it needs HTTPS_PROXY, and --region or AWS_REGION";
  return std::move(error).within(fmt::format("assuming role {}", role.arn));
}

Result<Credentials> credentials_of(const AssumedRole& role, std::string_view caller, const HttpResponse& response,
                                   const Endpoint& sts) {
  if (response.status != 200) return std::unexpected(refusal(role, caller, response, sts));
  Credentials assumed{.access_key_id = element(response.body, "AccessKeyId"),
                      .secret_access_key = element(response.body, "SecretAccessKey"),
                      .session_token = element(response.body, "SessionToken"),
                      .expires = parse_micros(element(response.body, "Expiration")),
                      .source = fmt::format("role {}", role.arn)};
  if (!assumed.access_key_id.empty() && !assumed.secret_access_key.empty() && assumed.expires) return assumed;
  return fail(ErrorKind::unreachable,
              fmt::format("role {}: {} gave an answer without credentials", role.arn, host_of(sts.url)));
}

HttpRequest request_of(const Endpoint& endpoint, std::string body) {
  return {.method = "POST",
          .url = endpoint.url + "/",
          .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
          .body = std::move(body)};
}

// Sends what MAKE signs for each attempt, again where STS says that it may pass.
Result<HttpResponse> ask(const std::function<Result<HttpRequest>()>& make, Deadline deadline, const StopFlag* stop) {
  for (int attempts = 1;; ++attempts) {
    STACK_TRY_ASSIGN(request, make());
    auto response = http_call(request, deadline, stop);
    const auto pause = pause_after(attempts - 1);
    const bool again = response && may_pass(*response) && attempts < kMostAttempts &&
                       std::chrono::steady_clock::now() + pause < deadline;
    if (!again) return response;
    if (!wait_unless_stopped(pause, stop)) return fail(ErrorKind::interrupted, "interrupted");
  }
}

std::string session_of(const AssumedRole& role) { return role.session_name.empty() ? "stack" : role.session_name; }

}  // namespace

Result<Endpoint> sts_endpoint(const Environment& environment, const std::optional<std::string>& region) {
  STACK_TRY_ASSIGN(endpoint, endpoint_of(kSts.name, region.value_or(std::string{kGlobalRegion}), environment));
  if (!region && !endpoint.configured) endpoint.url = "https://sts.amazonaws.com";
  return endpoint;
}

Result<Credentials> assume_role(const AssumedRole& role, const Credentials& caller, const Endpoint& endpoint,
                                const Clock& clock, Deadline deadline, const StopFlag* stop) {
  std::vector<std::pair<std::string_view, std::string>> fields = {
      {"Action", "AssumeRole"},
      {"Version", std::string{kSts.version}},
      {"RoleArn", role.arn},
      {"RoleSessionName", session_of(role)},
      {"DurationSeconds", std::to_string(role.duration.count())}};
  if (!role.external_id.empty()) fields.emplace_back("ExternalId", role.external_id);
  const auto signed_request = [&]() -> Result<HttpRequest> {
    auto request = request_of(endpoint, form(fields));
    STACK_TRY(sign(request, caller, {.region = endpoint.region, .service = "sts", .time = clock.now()}));
    return request;
  };
  auto response = ask(signed_request, deadline, stop);
  if (!response) return std::unexpected(no_answer(std::move(response).error(), role, endpoint));
  return credentials_of(role, caller.source, *response, endpoint);
}

Result<Credentials> assume_role_with_web_identity(const AssumedRole& role, const std::string& token,
                                                  const Endpoint& endpoint, Deadline deadline, const StopFlag* stop) {
  const auto request = request_of(endpoint, form({{"Action", "AssumeRoleWithWebIdentity"},
                                                  {"Version", std::string{kSts.version}},
                                                  {"RoleArn", role.arn},
                                                  {"RoleSessionName", session_of(role)},
                                                  {"WebIdentityToken", token},
                                                  {"DurationSeconds", std::to_string(role.duration.count())}}));
  auto response = ask([&]() -> Result<HttpRequest> { return request; }, deadline, stop);
  if (!response) return std::unexpected(no_answer(std::move(response).error(), role, endpoint));
  return credentials_of(role, "the web identity token", *response, endpoint);
}

}  // namespace stack::aws
