#include "aws/s3_client.hpp"

#include <aws/checksums/crc.h>
#include <aws/common/encoding.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/backoff.hpp"
#include "aws/region.hpp"
#include "aws/signing.hpp"
#include "aws/xml.hpp"
#include "core/stoppable_wait.hpp"

namespace stack::aws {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kIfNoneMatch = "If-None-Match";
constexpr std::size_t kMostConnections = 32;
constexpr int kThrottledPatience = 3;  // times the patience
// An attempt may take so long, and as long as its body takes at this rate.
constexpr std::chrono::seconds kAttempt{20};
constexpr std::chrono::seconds kLeastAttempt{1};
constexpr std::chrono::seconds kLongestGet{600};
constexpr std::size_t kSlowest = 64U << 10;  // bytes a second

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

// Where a dot is in the name, the service's certificate does not fit the host.
bool is_host_label(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_answer(const S3Call& call, const PooledResponse& answer) {
  const bool success = answer.status >= 200 && answer.status < 300;
  // The end of a multipart upload answers 200 before it knows.
  // (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html)
  // That of many removals names each that was refused, which is for the caller to read.
  if (success)
    return call.method != "POST" || call.query == "delete=" || answer.body.find("<Error>") == std::string::npos;
  return answer.status == 412 || answer.status == 416;
}

bool is_conditional(const S3Call& call) {
  return std::ranges::any_of(call.headers, [](const auto& header) { return header.first == kIfNoneMatch; });
}

bool is_missing(const S3Call& call, const S3Refusal& refusal) {
  if (refusal.status != 404 || call.key.empty()) return false;
  // An object that is written cannot be missing: a gateway before the store has lost its way.
  if (call.method == "PUT" && call.makes_object) return false;
  return refusal.code == "NoSuchKey" || refusal.code == "NoSuchUpload" || refusal.code == "NotFound";
}

// Of a part of an object, or of one that was uploaded in parts, the store has none of the whole.
bool is_damaged(const S3Call& call, const PooledResponse& answer) {
  if (call.method != "GET" || answer.status != 200) return false;
  const auto promised = answer.header("x-amz-checksum-crc32c");
  if (promised.empty() || promised.find('-') != std::string_view::npos) return false;
  return crc32c_text(answer.body) != promised;
}

}  // namespace

struct S3Client::Repairs {
  bool skew = false;
  bool region = false;
  bool credentials = false;
};

std::string crc32c_text(std::string_view bytes) {
  const std::uint32_t crc =
      aws_checksums_crc32c_ex(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), 0);  // NOLINT
  const std::array<char, 4> big_endian{static_cast<char>(crc >> 24U), static_cast<char>(crc >> 16U),
                                       static_cast<char>(crc >> 8U), static_cast<char>(crc)};
  std::array<char, 16> text{};
  auto out = aws_byte_buf_from_empty_array(text.data(), text.size());
  const auto in = cursor_of({big_endian.data(), big_endian.size()});
  aws_base64_encode(&in, &out);
  return std::string(text.data(), 8);
}

Result<std::shared_ptr<S3Client::Route>> S3Client::route_to(const S3Bucket& bucket, std::string region,
                                                            Milliseconds patience) {
  const bool is_aws = bucket.endpoint.empty();
  STACK_TRY(check_region(region));
  std::string service = bucket.endpoint;
  if (is_aws) {
    STACK_TRY_ASSIGN(amazons, aws_endpoint("s3", region, bucket.variant));
    service = std::move(amazons.url);
  }
  STACK_TRY_ASSIGN(url, parse_url(service));
  const bool path_style = bucket.addressing == S3Addressing::path ||
                          (bucket.addressing == S3Addressing::automatic && (!is_aws || !is_host_label(bucket.name)));
  const std::string host =
      path_style ? service : fmt::format("{}://{}.{}", url.tls ? "https" : "http", bucket.name, url.authority);
  STACK_TRY_ASSIGN(pool, HttpPool::open(host, kMostConnections, patience));
  return std::make_shared<Route>(Route{
      .region = std::move(region), .endpoint = std::move(service), .path_style = path_style, .pool = std::move(pool)});
}

Result<std::unique_ptr<S3Client>> S3Client::open(S3Bucket bucket, std::shared_ptr<CredentialProvider> credentials,
                                                 const Clock& clock, Milliseconds patience, Tell tell,
                                                 const StopFlag* stop) {
  while (bucket.endpoint.ends_with('/')) bucket.endpoint.pop_back();
  STACK_TRY_ASSIGN(route, route_to(bucket, bucket.region, patience));
  return std::unique_ptr<S3Client>(new S3Client(std::move(bucket), std::move(route), std::move(credentials), clock,
                                                patience, std::move(tell), stop));
}

std::shared_ptr<S3Client::Route> S3Client::route() const {
  const std::lock_guard lock{mutex_};
  return route_;
}

S3Requests S3Client::requests() const {
  const std::lock_guard lock{mutex_};
  return requests_;
}

void S3Client::count(const S3Call& call, bool is_retry, std::size_t bytes_received) {
  const std::lock_guard lock{mutex_};
  if (call.method == "PUT") ++(call.query.empty() ? requests_.puts : requests_.parts);
  if (call.method == "GET") ++(call.key.empty() ? requests_.lists : requests_.gets);
  if (call.method == "POST") ++requests_.posts;
  if (call.method == "HEAD") ++requests_.heads;
  if (call.method == "DELETE") ++requests_.deletes;
  if (is_retry) ++requests_.retries;
  requests_.bytes_sent += call.body.size();
  requests_.bytes_received += bytes_received;
}

std::string S3Client::path_of(const S3Call& call, const Route& route) const {
  std::string path = route.path_style ? fmt::format("/{}", bucket_.name) : std::string{};
  if (!call.key.empty() || !route.path_style) path += fmt::format("/{}", encoded_key(call.key));
  if (!call.query.empty()) path += fmt::format("?{}", call.query);
  return path;
}

void S3Client::add_encryption(HttpHeaders& headers) const {
  if (bucket_.encryption == S3Encryption::bucket_default) return;
  const bool kms = bucket_.encryption == S3Encryption::kms_keys;
  headers.emplace_back("x-amz-server-side-encryption", kms ? "aws:kms" : "AES256");
  if (kms && !bucket_.kms_key.empty())
    headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", bucket_.kms_key);
}

Result<PooledResponse> S3Client::attempt(const S3Call& call, const Route& route,
                                         const std::optional<Credentials>& credentials, Micros signed_at,
                                         Deadline last) {
  HttpHeaders headers = call.headers;
  if (call.makes_object) add_encryption(headers);
  if (call.method == "GET" && !call.key.empty()) headers.emplace_back("x-amz-checksum-mode", "ENABLED");
  // Of a POST, which ends a multipart upload, it would be taken for the whole object's.
  if (!call.body.empty() && call.method == "PUT") headers.emplace_back("x-amz-checksum-crc32c", crc32c_text(call.body));
  const UrlParts& endpoint = route.pool->endpoint();
  const auto message = make_message(call.method, endpoint.authority, path_of(call, route), headers, call.body);
  if (credentials)
    STACK_TRY(sign_s3(*message, endpoint.tls ? Payload::unsigned_ : Payload::hashed, *credentials,
                      {.region = route.region, .service = "s3", .time = signed_at}));
  // How long an object takes to come is not known before; one that stands still is given up by the pool.
  const std::chrono::seconds upload{call.body.size() / kSlowest};
  const auto now = steady_clock::now();
  const auto silence = std::min<steady_clock::duration>(last - now, kAttempt) + upload;
  return route.pool->send(*message, now + kAttempt + (call.method == "GET" ? kLongestGet : upload), stop_,
                          {.silence = std::chrono::ceil<Milliseconds>(silence)});
}

Result<PooledResponse> S3Client::call(const S3Call& call) {
  STACK_TRY_ASSIGN(answer, call_while(call, {}));
  if (!answer) return fail(ErrorKind::internal, "a request that nobody guards was given up");
  return *std::move(answer);
}

Result<std::optional<PooledResponse>> S3Client::call_while(const S3Call& call,
                                                           const std::function<Result<bool>()>& before_signing) {
  if (!bucket_.conditional_writes && is_conditional(call)) return write_after_look(call, before_signing);
  const auto began = steady_clock::now();
  Repairs repairs;
  const auto interrupted = [&] {
    return fail(ErrorKind::interrupted, fmt::format("s3://{}/{}: interrupted", bucket_.name, call.key));
  };
  auto patience = patience_;  // longer, once the store has said "later"
  for (int attempts = 0;; ++attempts) {
    if (stop_ != nullptr && stop_->requested()) return interrupted();
    std::optional<Credentials> credentials;
    if (credentials_) {
      STACK_TRY_ASSIGN(found, credentials_->get(stop_));
      credentials = std::move(found);
    }
    const Micros signed_at = clock_.now() + std::chrono::microseconds{skew_us_.load()};
    if (before_signing) {
      STACK_TRY_ASSIGN(wanted, before_signing());
      if (!wanted) return std::nullopt;
    }
    const auto route = this->route();
    auto answer = attempt(call, *route, credentials, signed_at,
                          std::max<Deadline>(began + patience, steady_clock::now() + kLeastAttempt));
    count(call, attempts > 0, answer ? answer->body.size() : 0);
    const auto pause = pause_after(attempts);
    const auto patient_until = [&](int times) { return steady_clock::now() + pause < began + times * patience_; };
    if (!answer) {
      if (answer.error().kind != ErrorKind::unreachable || !patient_until(1))
        return std::unexpected(no_answer(std::move(answer).error(), call, *route));
      notice_.note(began, fmt::format("s3://{}/{}: {}", bucket_.name, call.key, answer.error().message));
    } else if (is_answer(call, *answer)) {
      if (!is_damaged(call, *answer)) return *std::move(answer);
      if (!patient_until(1))
        return fail(ErrorKind::storage, fmt::format("s3://{}/{}: the bytes that come are not those that the store has "
                                                    "the checksum of",
                                                    bucket_.name, call.key));
    } else {
      const S3Refusal refusal = S3Refusal::of(call.method, *answer);
      if (is_missing(call, refusal)) return *std::move(answer);
      STACK_TRY_ASSIGN(mended, mend(refusal, *answer, *route, credentials, repairs));
      if (mended) continue;
      if (refusal.is_throttling()) patience = kThrottledPatience * patience_;
      if (!refusal.may_pass() || !patient_until(refusal.is_throttling() ? kThrottledPatience : 1))
        return std::unexpected(refusal_of(refusal, call, *route, credentials));
      notice_.note(began, fmt::format("s3://{}/{}: {} answers {}", bucket_.name, call.key, route->endpoint,
                                      refusal.unnamed ? std::to_string(refusal.status) : refusal.code));
    }
    if (!wait_unless_stopped(pause, stop_)) return interrupted();
  }
}

// As S3 answers a conditional write.
Result<std::optional<PooledResponse>> S3Client::write_after_look(const S3Call& call,
                                                                 const std::function<Result<bool>()>& before_signing) {
  STACK_TRY_ASSIGN(there, this->call({.method = "HEAD", .key = call.key, .action = "s3:GetObject or s3:ListBucket"}));
  if (there.status != 404) return PooledResponse{.status = 412, .headers = {}, .body = {}};
  S3Call plain = call;
  std::erase_if(plain.headers, [](const auto& header) { return header.first == kIfNoneMatch; });
  return call_while(plain, before_signing);
}

// S3 takes what is signed up to 15 minutes off its own clock.
bool S3Client::is_far_off(Micros theirs) const {
  const Micros ours = clock_.now() + std::chrono::microseconds{skew_us_.load()};
  return std::chrono::abs(theirs - ours) > std::chrono::minutes{10};
}

Result<bool> S3Client::mend(const S3Refusal& refusal, const PooledResponse& answer, const Route& route,
                            const std::optional<Credentials>& credentials, Repairs& repairs) {
  // Where no reason is said, it may be a clock that is far off, or credentials that have ended.
  const auto theirs = date_of(answer);
  const bool is_skew = refusal.is_skew() || (refusal.unsaid && theirs && is_far_off(*theirs));
  if (is_skew && !std::exchange(repairs.skew, true)) {
    if (!theirs) return false;
    skew_us_ = std::chrono::duration_cast<std::chrono::microseconds>(*theirs - clock_.now()).count();
    return true;
  }
  const bool wrong_keys = refusal.wants_new_credentials() || refusal.code == "InvalidAccessKeyId" ||
                          refusal.code == "SignatureDoesNotMatch" || refusal.unsaid;
  if (wrong_keys && credentials && !std::exchange(repairs.credentials, true)) {
    credentials_->discard(*credentials);  // they may have been renewed, where they come from
    return true;
  }
  const bool knows_better = !refusal.region.empty() && refusal.region != route.region;
  if (refusal.is_elsewhere(route.region) && knows_better && !std::exchange(repairs.region, true)) {
    auto there = route_to(bucket_, refusal.region, patience_);
    if (!there) return false;
    const std::lock_guard lock{mutex_};
    route_ = *std::move(there);
    return true;
  }
  return false;
}

Error S3Client::no_answer(Error error, const S3Call& call, const Route& route) const {
  if (error.kind == ErrorKind::unreachable)
    error.message +=
        route.pool->proxy()        ? fmt::format("; check the proxy, {}, and NO_PROXY", route.pool->proxy()->variable)
        : bucket_.endpoint.empty() ? "; check the network, whether it needs HTTPS_PROXY, and --region"
                                   : "; check that the store runs, and --s3-endpoint or AWS_ENDPOINT_URL_S3";
  return std::move(error).within(fmt::format("s3://{}/{}", bucket_.name, call.key));
}

Error S3Client::refusal_of(const S3Refusal& refusal, const S3Call& call, const Route& route,
                           const std::optional<Credentials>& credentials) const {
  return refused(refusal, {.bucket = bucket_.name,
                           .key = call.key,
                           .endpoint = route.endpoint,
                           .region = route.region,
                           .action = call.action,
                           .caller = credentials ? std::string_view(credentials->source) : std::string_view{}});
}

}  // namespace stack::aws
