#include "aws/s3_refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/xml.hpp"

namespace stack::aws {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view code, const std::array<std::string_view, N>& codes) {
  return std::ranges::find(codes, code) != codes.end();
}

std::string_view code_of_status(int status) {
  switch (status) {
    case 301:
      return "PermanentRedirect";
    case 307:
      return "TemporaryRedirect";
    case 400:
      return "BadRequest";
    case 401:
      return "Unauthorized";
    case 403:
      return "AccessDenied";
    case 404:
      return "NotFound";
    case 405:
      return "MethodNotAllowed";
    case 409:
      return "Conflict";
    case 429:
      return "TooManyRequests";
    case 503:
      return "ServiceUnavailable";
    default:
      return status >= 500 ? "InternalError" : "Refused";
  }
}

bool speaks_s3(const S3Refusal& refusal) { return refusal.code != "NotS3"; }

std::string what_to_check(const S3Refusal& refusal, const S3Asked& asked) {
  const std::string_view code = refusal.code;
  const std::string who =
      asked.caller.empty() ? "unsigned requests" : fmt::format("the credentials of {}", asked.caller);
  if (!speaks_s3(refusal))
    return fmt::format("{} does not speak S3: check --s3-endpoint or AWS_ENDPOINT_URL_S3", asked.endpoint);
  if (code == "NoSuchBucket")
    return fmt::format("there is no such bucket at {}: check its name and --region, or make it", asked.endpoint);
  if (code.find("KMS") != std::string_view::npos || refusal.said.find("kms:") != std::string::npos)
    return fmt::format("check --s3-kms-key and that {} may use that key (kms:GenerateDataKey, kms:Decrypt)", who);
  if (code == "InvalidAccessKeyId" || code == "SignatureDoesNotMatch")
    return fmt::format("check {}: the access key or its secret is wrong for this store", who);
  if (refusal.wants_new_credentials()) return fmt::format("{} have expired: renew them", who);
  if (refusal.is_skew()) return "this machine's clock is wrong: set it";
  if (refusal.is_elsewhere(asked.region))
    return refusal.region.empty() ? fmt::format("the bucket is not in {}: name its region with --region", asked.region)
                                  : fmt::format("the bucket is in {}: --region {}", refusal.region, refusal.region);
  if (refusal.status == 401 || refusal.status == 403)
    return fmt::format(
        "{} may not do {} here: check the policies of the role and of the bucket (`stack iam print` "
        "has what each role needs)",
        who, asked.action);
  if (refusal.status >= 500 || refusal.status == 429) return "the store is in trouble or overloaded: try again later";
  if (refusal.status == 405 || refusal.status == 501)
    return fmt::format("the store does not do {}: check --s3-endpoint", asked.action);
  return {};
}

ErrorKind kind_of(const S3Refusal& refusal) {
  if (!speaks_s3(refusal) || refusal.code == "NoSuchBucket") return ErrorKind::storage;
  if (refusal.may_pass()) return ErrorKind::unreachable;
  const bool login = refusal.status == 401 || refusal.status == 403 || refusal.wants_new_credentials();
  return login ? ErrorKind::access : ErrorKind::storage;
}

// Without a word of S3's own it is a gateway's.
bool is_gateways(const S3Refusal& refusal) { return refusal.status == 404 && refusal.code == "NotFound"; }

}  // namespace

S3Refusal S3Refusal::of(std::string_view method, const PooledResponse& answer) {
  S3Refusal refusal;
  refusal.status = answer.status;
  refusal.code = xml_text(xml_element(answer.body, "Code"));
  refusal.said = xml_text(xml_element(answer.body, "Message"));
  refusal.request_id = answer.header("x-amz-request-id");
  if (refusal.request_id.empty()) refusal.request_id = xml_text(xml_element(answer.body, "RequestId"));
  refusal.region = answer.header("x-amz-bucket-region");
  if (refusal.region.empty()) refusal.region = xml_text(xml_element(answer.body, "Region"));
  if (refusal.code.empty()) {
    refusal.unnamed = true;
    refusal.unsaid = method == "HEAD" && (answer.status == 400 || answer.status == 401 || answer.status == 403);
    // A gateway before the store may answer as it likes when it is overloaded.
    const bool foreign = method != "HEAD" && !answer.body.empty() && answer.status < 500 && answer.status != 429;
    refusal.code = foreign ? "NotS3" : code_of_status(answer.status);
  }
  return refusal;
}

bool S3Refusal::is_throttling() const {
  constexpr std::array<std::string_view, 5> kCodes{"SlowDown", "Throttling", "ThrottlingException",
                                                   "RequestLimitExceeded", "TooManyRequests"};
  return status == 429 || status == 503 || is_one_of(code, kCodes);
}

bool S3Refusal::may_pass() const {
  constexpr std::array<std::string_view, 5> kCodes{"RequestTimeout", "ConditionalRequestConflict", "OperationAborted",
                                                   "InternalError", "BadDigest"};
  return is_gateways(*this) || is_throttling() || (status >= 500 && status != 501) || is_one_of(code, kCodes);
}

bool S3Refusal::wants_new_credentials() const {
  constexpr std::array<std::string_view, 4> kCodes{"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired",
                                                   "InvalidToken"};
  return is_one_of(code, kCodes);
}

bool S3Refusal::is_elsewhere(std::string_view region_signed_for) const {
  constexpr std::array<std::string_view, 4> kCodes{
      "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"};
  if (is_one_of(code, kCodes)) return true;
  return !region.empty() && region != region_signed_for && (status == 301 || status == 307 || status == 400);
}

Error refused(const S3Refusal& refusal, const S3Asked& asked) {
  const std::string check = what_to_check(refusal, asked);
  std::string message = fmt::format("s3://{}/{}: {} answered {} {}", asked.bucket, asked.key, asked.endpoint,
                                    refusal.status, refusal.unnamed ? "" : refusal.code);
  while (message.back() == ' ') message.pop_back();
  if (!refusal.said.empty()) message += fmt::format(", \"{}\"", refusal.said);
  if (!refusal.request_id.empty()) message += fmt::format(" (request {})", refusal.request_id);
  if (!check.empty()) message += fmt::format("; {}", check);
  return {kind_of(refusal), std::move(message)};
}

}  // namespace stack::aws
