#include "aws/service_refusal.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "aws/denied_action.hpp"
#include "aws/xml.hpp"

namespace stack::aws {
namespace {

bool is_one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
  return std::ranges::find(codes, code) != codes.end();
}

// "com.amazonaws.glue#EntityNotFoundException", "EntityNotFoundException:http://…"
std::string bare_code(std::string_view written) {
  written = written.substr(0, written.find(':'));
  if (const auto hash = written.rfind('#'); hash != std::string_view::npos) written.remove_prefix(hash + 1);
  return std::string{written};
}

// Its first line alone. What AWS says of a wrong signature goes on with the request that it would have signed, and in
// that is the session token.
std::string sentence_of(std::string_view said) {
  said = said.substr(0, said.find('\n'));
  std::string sentence{said.substr(0, said.find("The Canonical String"))};
  std::ranges::replace_if(
      sentence, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  while (sentence.ends_with(' ')) sentence.pop_back();
  return sentence;
}

std::string_view member(const simdjson::dom::object& object, std::initializer_list<std::string_view> names) {
  std::string_view value;
  for (const auto name : names)
    if (object.at_key(name).get(value) == simdjson::SUCCESS && !value.empty()) return value;
  return {};
}

bool read_json(std::string_view body, ServiceRefusal& refusal) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS) return false;
  if (refusal.code.empty()) refusal.code = bare_code(member(object, {"__type", "code", "Code"}));
  refusal.said = sentence_of(member(object, {"message", "Message", "errorMessage"}));
  return true;
}

void read_xml(std::string_view body, ServiceRefusal& refusal) {
  const auto text = [&](std::string_view name) { return xml_text(xml_element(body, name)); };
  if (refusal.code.empty()) refusal.code = text("Code");
  refusal.said = sentence_of(text("Message"));
  if (refusal.request_id.empty()) refusal.request_id = text("RequestId");
  if (refusal.request_id.empty()) refusal.request_id = text("RequestID");
}

// "User: arn:… is not authorized to perform: iam:PassRole on resource: …": what is denied may be an action that the
// call brings along.
std::string denied_action(const ServiceRefusal& refusal, const ServiceAsked& asked) {
  constexpr std::string_view kBefore = "to perform: ";
  const auto at = refusal.said.find(kBefore);
  if (at == std::string::npos) return fmt::format("{}:{}", asked.service.name, asked.operation);
  const auto action = std::string_view(refusal.said).substr(at + kBefore.size());
  return std::string{action.substr(0, action.find_first_of(" ,\""))};
}

std::string what_to_check(const ServiceRefusal& refusal, const ServiceAsked& asked) {
  const auto who = fmt::format("the credentials of {}", asked.caller);
  if (refusal.code.empty() && refusal.status < 500)
    return fmt::format("{} does not speak for {}: check AWS_ENDPOINT_URL_{}, AWS_ENDPOINT_URL and HTTPS_PROXY",
                       asked.endpoint, asked.service.title, asked.service.variable);
  if (refusal.wants_new_credentials()) return fmt::format("{} have expired: renew them", who);
  if (refusal.is_wrong_login()) return fmt::format("check {}: the access key or its secret is not known to AWS", who);
  if (refusal.is_skew()) return "this machine's clock is wrong: set it";
  if (refusal.is_wrong_signature() || refusal.code == "CredentialScopeException")
    return fmt::format("the request was signed for {}: check --region, {}, and this machine's clock", asked.region,
                       who);
  if (refusal.is_denial()) {
    const auto action = denied_action(refusal, asked);
    return fmt::format("{} may not do {} here: {}", who, action, advice_on_denied(action, asked.service.name));
  }
  if (refusal.is_throttling()) return "there are too many requests in this account now: try again later";
  if (refusal.status >= 500) return "the service is in trouble: try again later";
  return {};
}

ErrorKind kind_of(const ServiceRefusal& refusal) {
  if (refusal.may_pass()) return ErrorKind::unreachable;
  const bool login = refusal.wants_new_credentials() || refusal.is_wrong_login() || refusal.is_wrong_signature() ||
                     refusal.is_denial() || refusal.is_skew();
  return login ? ErrorKind::access : ErrorKind::storage;
}

}  // namespace

ServiceRefusal ServiceRefusal::of(const PooledResponse& answer) {
  ServiceRefusal refusal;
  refusal.status = answer.status;
  refusal.code = bare_code(answer.header("x-amzn-errortype"));
  refusal.request_id = answer.header("x-amzn-requestid");
  if (refusal.request_id.empty()) refusal.request_id = answer.header("x-amz-request-id");
  if (!read_json(answer.body, refusal)) read_xml(answer.body, refusal);
  return refusal;
}

bool ServiceRefusal::is_throttling() const {
  return status == 429 ||
         is_one_of(code, {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
                          "TooManyRequestsException", "ProvisionedThroughputExceededException",
                          "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded",
                          "LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete",
                          "EC2ThrottledException"});
}

bool ServiceRefusal::says_later() const { return is_throttling() || status == 503; }

bool ServiceRefusal::may_pass() const {
  return is_throttling() || (status >= 500 && status != 501) ||
         is_one_of(code, {"RequestTimeout", "RequestTimeoutException", "InternalServiceException",
                          "OperationTimeoutException", "ConcurrentModificationException", "ResourceNotReadyException",
                          "FederationSourceRetryableException"});
}

bool ServiceRefusal::wants_new_credentials() const {
  return is_one_of(code, {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"});
}

bool ServiceRefusal::is_wrong_signature() const {
  return is_one_of(code, {"InvalidSignatureException", "SignatureDoesNotMatch"});
}

bool ServiceRefusal::is_wrong_login() const {
  return is_one_of(code, {"UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId",
                          "IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException"});
}

bool ServiceRefusal::is_skew() const {
  if (is_one_of(code, {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"})) return true;
  return is_wrong_signature() &&
         (said.find("Signature expired") != std::string::npos || said.find("not yet current") != std::string::npos);
}

bool ServiceRefusal::is_denial() const {
  return is_one_of(code, {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"});
}

Error refused(const ServiceRefusal& refusal, const ServiceAsked& asked) {
  const std::string check = what_to_check(refusal, asked);
  std::string message = fmt::format("{} {}", asked.service.title, asked.operation);
  if (!asked.resource.empty()) message += fmt::format(", {}", asked.resource);
  message += fmt::format(": {}", refusal.code.empty() ? fmt::format("HTTP {}", refusal.status) : refusal.code);
  if (!refusal.said.empty()) message += fmt::format(", \"{}\"", refusal.said);
  if (!refusal.request_id.empty()) message += fmt::format(" (request {})", refusal.request_id);
  if (!check.empty()) message += fmt::format("; {}", check);
  return {kind_of(refusal), std::move(message)};
}

}  // namespace stack::aws
