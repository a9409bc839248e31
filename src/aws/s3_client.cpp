#include "aws/s3_client.hpp"

#include <aws/checksums/crc.h>
#include <aws/common/encoding.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <thread>

#include "aws/region.hpp"
#include "aws/s3_xml.hpp"
#include "aws/signing.hpp"

namespace stack::aws {
namespace {

constexpr std::size_t kMostConnections = 32;
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{5'000};

// Slashes part a key into folders and stay.
std::string encoded_key(std::string_view key) {
  std::string out;
  while (true) {
    const auto slash = key.find('/');
    out += percent_encoded(key.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    out += '/';
    key.remove_prefix(slash + 1);
  }
}

// S3's own words for "later".
bool may_pass(const PooledResponse& answer, std::string_view code) {
  if (answer.status == 429 || answer.status >= 500) return answer.status != 501;
  return code == "RequestTimeout" || code == "ConditionalRequestConflict" || code == "OperationAborted" ||
         code == "SlowDown";
}

// Exponential, anywhere between nothing and its end: those that failed together do not come back together.
// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)
std::chrono::milliseconds pause_before(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const auto longest = std::min(kLongestPause, kFirstPause * (1 << std::min(attempt, 10)));
  return std::chrono::milliseconds{std::uniform_int_distribution<std::int64_t>{0, longest.count()}(random)};
}

bool is_host_label(std::string_view name) { return name.find('.') == std::string_view::npos; }

}  // namespace

std::string crc32c_text(std::string_view bytes) {
  std::uint32_t crc = 0;
  crc = aws_checksums_crc32c_ex(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), crc);  // NOLINT
  const std::array<char, 4> big_endian{static_cast<char>(crc >> 24U), static_cast<char>(crc >> 16U),
                                       static_cast<char>(crc >> 8U), static_cast<char>(crc)};
  std::array<char, 16> text{};
  auto out = aws_byte_buf_from_empty_array(text.data(), text.size());
  const auto in = cursor_of({big_endian.data(), big_endian.size()});
  aws_base64_encode(&in, &out);
  return std::string(text.data(), 8);
}

Result<std::unique_ptr<S3Client>> S3Client::open(S3Bucket bucket, std::shared_ptr<CredentialProvider> credentials,
                                                 const Clock& clock, Milliseconds patience) {
  const bool is_aws = bucket.endpoint.empty();
  if (is_aws) {
    STACK_TRY(check_region(bucket.region));
    bucket.endpoint = fmt::format("https://s3.{}.{}", bucket.region, domain_of(bucket.region));
  }
  const bool path_style = bucket.addressing == S3Addressing::path ||
                          (bucket.addressing == S3Addressing::automatic && (!is_aws || !is_host_label(bucket.name)));
  STACK_TRY_ASSIGN(url, parse_url(bucket.endpoint));
  const std::string scheme = url.tls ? "https" : "http";
  const std::string endpoint =
      path_style ? bucket.endpoint : fmt::format("{}://{}.{}", scheme, bucket.name, url.authority);
  STACK_TRY_ASSIGN(pool, HttpPool::open(endpoint, kMostConnections));
  return std::unique_ptr<S3Client>(
      new S3Client(std::move(bucket), path_style, std::move(pool), std::move(credentials), clock, patience));
}

std::string S3Client::path_of(const S3Call& call) const {
  std::string path = path_style_ ? fmt::format("/{}", bucket_.name) : std::string{};
  if (!call.key.empty() || !path_style_) path += fmt::format("/{}", encoded_key(call.key));
  if (!call.query.empty()) path += fmt::format("?{}", call.query);
  return path;
}

Result<PooledResponse> S3Client::attempt(const S3Call& call, Deadline deadline) {
  HttpHeaders headers = call.headers;
  // Of a POST, which ends a multipart upload, it would be taken for the whole object's.
  if (!call.body.empty() && call.method == "PUT") headers.emplace_back("x-amz-checksum-crc32c", crc32c_text(call.body));
  const UrlParts& endpoint = pool_->endpoint();
  const auto message = make_message(call.method, endpoint.authority, path_of(call), headers, call.body);
  if (credentials_) {
    STACK_TRY_ASSIGN(credentials, credentials_->get());
    STACK_TRY(sign_s3(*message, endpoint.tls ? Payload::unsigned_ : Payload::hashed, credentials,
                      {.region = bucket_.region, .service = "s3", .time = clock_.now()}));
  }
  return pool_->send(*message, deadline);
}

Result<PooledResponse> S3Client::call(const S3Call& call) {
  STACK_TRY_ASSIGN(answer, call_while(call, {}));
  if (!answer) return fail(ErrorKind::internal, "a request that nobody guards was given up");
  return *std::move(answer);
}

Result<std::optional<PooledResponse>> S3Client::call_while(const S3Call& call,
                                                           const std::function<Result<bool>()>& before_signing) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience_;
  for (int tries = 0;; ++tries) {
    if (before_signing) {
      STACK_TRY_ASSIGN(wanted, before_signing());
      if (!wanted) return std::nullopt;
    }
    auto answer = attempt(call, deadline);
    const auto pause = pause_before(tries);
    const bool in_time = std::chrono::steady_clock::now() + pause < deadline;
    if (!answer && (answer.error().kind != ErrorKind::unreachable || !in_time)) {
      return std::unexpected(std::move(answer).error().within(fmt::format("s3://{}/{}", bucket_.name, call.key)));
    }
    if (answer) {
      const int status = answer->status;
      if ((status >= 200 && status < 300) || status == 412 || status == 416) return *std::move(answer);
      const auto code = xml_element(answer->body, "Code");
      if (status == 404 && code != "NoSuchBucket" && code != "NoSuchUpload") return *std::move(answer);
      if (!may_pass(*answer, code) || !in_time) return std::unexpected(refusal(call, *answer));
    }
    std::this_thread::sleep_for(pause);
  }
}

Error S3Client::refusal(const S3Call& call, const PooledResponse& answer) const {
  const auto code = xml_element(answer.body, "Code");
  const auto said = xml_text(xml_element(answer.body, "Message"));
  const auto request = answer.header("x-amz-request-id");
  return Error{
      answer.status == 403 || answer.status == 401 ? ErrorKind::access : ErrorKind::storage,
      fmt::format("s3://{}/{}: {} answered {} {}{}{}{}", bucket_.name, call.key, bucket_.endpoint, answer.status, code,
                  said.empty() ? "" : ": ", said, request.empty() ? "" : fmt::format(" (request {})", request))};
}

}  // namespace stack::aws
