#include "aws/service_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "aws/backoff.hpp"
#include "aws/signing.hpp"
#include "core/stoppable_wait.hpp"

namespace stack::aws {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMostConnections = 8;
constexpr int kThrottledPatience = 3;  // times the patience
constexpr std::chrono::seconds kAttempt{15};
constexpr std::chrono::seconds kLeastAttempt{1};

HttpHeaders headers_of(const Service& service, std::string_view operation) {
  if (service.target.empty()) return {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  return {{"Content-Type", "application/x-amz-json-1.1"},
          {"X-Amz-Target", fmt::format("{}.{}", service.target, operation)}};
}

std::string form_of(const Service& service, std::string_view operation, std::string_view fields) {
  return fmt::format("Action={}&Version={}{}{}", operation, service.version, fields.empty() ? "" : "&", fields);
}

// The reason for which the answer was the last one, where it does not say so itself.
Error given_up(Error error, std::optional<Retry> retry) {
  if (retry == Retry::quota_spent)
    error.message += "; not tried again: too many requests to this service failed lately";
  return error;
}

}  // namespace

struct ServiceClient::Repairs {
  bool skew = false;
  bool credentials = false;
};

Result<std::unique_ptr<ServiceClient>> ServiceClient::open(const Service& service, ServiceOptions options,
                                                           std::shared_ptr<CredentialProvider> credentials,
                                                           const Clock& clock, const Environment& environment) {
  STACK_TRY_ASSIGN(endpoint, endpoint_of(service.name, options.region, environment));
  if (!options.endpoint.empty())
    endpoint = {.url = std::move(options.endpoint), .region = options.region, .configured = true};
  STACK_TRY_ASSIGN(limit, RetryLimit::of(environment));
  if (auto url = parse_url(endpoint.url); !url)
    return std::unexpected(std::move(url).error().within(
        fmt::format("endpoint of {} (AWS_ENDPOINT_URL_{}, AWS_ENDPOINT_URL)", service.title, service.variable)));
  STACK_TRY_ASSIGN(pool, HttpPool::open(endpoint.url, kMostConnections));
  return std::unique_ptr<ServiceClient>(new ServiceClient(service, std::move(endpoint), std::move(pool),
                                                          std::move(limit), std::move(credentials), clock,
                                                          options.patience, options.stop, std::move(options.tell)));
}

Result<PooledResponse> ServiceClient::attempt(std::string_view operation, std::string_view body,
                                              const Credentials& credentials, Deadline deadline, bool* sent) {
  const UrlParts& place = pool_->endpoint();
  HttpRequest request{.method = "POST",
                      .url = fmt::format("{}/", endpoint_.url),
                      .headers = headers_of(service_, operation),
                      .body = service_.target.empty() ? form_of(service_, operation, body) : std::string{body}};
  STACK_TRY(sign(request, credentials,
                 {.region = endpoint_.region,
                  .service = std::string{service_.name},
                  .time = clock_.now() + std::chrono::microseconds{skew_us_.load()}}));
  STACK_TRY_ASSIGN(url, parse_url(request.url));
  const auto message = make_message(request.method, place.authority, url.path_and_query, request.headers, request.body);
  return pool_->send(*message, deadline, stop_, {.sent = sent});
}

Result<ServiceAnswer> ServiceClient::call(std::string_view operation, std::string_view body,
                                          std::initializer_list<std::string_view> expected, std::string_view resource,
                                          bool* sent) {
  const auto began = steady_clock::now();
  if (sent != nullptr) *sent = false;
  Repairs repairs;
  for (int attempts = 1;; ++attempts) {
    const auto interrupted = [&] {
      return fail(ErrorKind::interrupted, fmt::format("{} {}: interrupted", service_.title, operation));
    };
    if (stop_ != nullptr && stop_->requested()) return interrupted();
    const auto held_back = limit_.wait(steady_clock::now());
    if (held_back.count() > 0 && !wait_unless_stopped(held_back, stop_)) return interrupted();
    STACK_TRY_ASSIGN(credentials, credentials_->get(stop_));
    const auto last = std::max<Deadline>(began + patience_, steady_clock::now() + kLeastAttempt);
    auto answer = attempt(operation, body, credentials, std::min<Deadline>(last, steady_clock::now() + kAttempt), sent);
    const auto now = steady_clock::now();
    const auto pause = pause_after(attempts - 1);
    const auto patient_until = [&](int times) { return now + pause < began + times * patience_; };
    if (!answer) {
      auto error = no_answer(std::move(answer).error(), operation);
      if (error.kind != ErrorKind::unreachable || !patient_until(1)) return std::unexpected(std::move(error));
      if (const Retry retry = limit_.take_retry(attempts, true); retry != Retry::allowed)
        return std::unexpected(given_up(std::move(error), retry));
      notice_.note(began, error.message);
    } else if (answer->status >= 200 && answer->status < 300) {
      limit_.note_answer(false, true, attempts, now);
      return ServiceAnswer{.body = std::move(answer->body), .code = {}, .said = {}};
    } else {
      ServiceRefusal refusal = ServiceRefusal::of(*answer);
      limit_.note_answer(refusal.is_throttling(), false, attempts, now);
      if (std::ranges::find(expected, refusal.code) != expected.end())
        return ServiceAnswer{
            .body = std::move(answer->body), .code = std::move(refusal.code), .said = std::move(refusal.said)};
      if (mend(refusal, *answer, credentials, repairs)) continue;
      const bool may_pass = refusal.may_pass() && patient_until(refusal.says_later() ? kThrottledPatience : 1);
      const auto retry = may_pass ? std::optional{limit_.take_retry(attempts, false)} : std::nullopt;
      if (retry != Retry::allowed)
        return std::unexpected(given_up(refused(refusal, {.service = service_,
                                                          .operation = operation,
                                                          .resource = resource,
                                                          .endpoint = endpoint_.url,
                                                          .region = endpoint_.region,
                                                          .caller = credentials.source}),
                                        retry));
      notice_.note(began, fmt::format("{} {} answers {}", service_.title, operation,
                                      refusal.code.empty() ? fmt::format("HTTP {}", refusal.status) : refusal.code));
    }
    if (!wait_unless_stopped(pause, stop_)) return interrupted();
  }
}

bool ServiceClient::mend(const ServiceRefusal& refusal, const PooledResponse& answer, const Credentials& credentials,
                         Repairs& repairs) {
  if (refusal.is_skew() && !std::exchange(repairs.skew, true)) {
    const auto theirs = date_of(answer);
    if (!theirs) return false;
    skew_us_ = std::chrono::duration_cast<std::chrono::microseconds>(*theirs - clock_.now()).count();
    return true;
  }
  const bool wrong_keys = refusal.wants_new_credentials() || refusal.is_wrong_login() || refusal.is_wrong_signature();
  if (!wrong_keys || std::exchange(repairs.credentials, true)) return false;
  credentials_->discard(credentials);  // they may have been renewed, where they come from
  return true;
}

Error ServiceClient::no_answer(Error error, std::string_view operation) const {
  if (error.kind == ErrorKind::interrupted)
    return {error.kind, fmt::format("{} {}: interrupted before it answered", service_.title, operation)};
  if (error.kind == ErrorKind::unreachable)
    error.message +=
        pool_->proxy() ? fmt::format("; check the proxy, {}, and NO_PROXY", pool_->proxy()->variable)
        : endpoint_.configured
            ? fmt::format("; check that it runs, and AWS_ENDPOINT_URL_{} or AWS_ENDPOINT_URL", service_.variable)
            : "; check the network, whether it needs HTTPS_PROXY, and --region";
  return std::move(error).within(fmt::format("{} {}", service_.title, operation));
}

}  // namespace stack::aws
