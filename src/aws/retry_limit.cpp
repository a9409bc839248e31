#include "aws/retry_limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "aws/profile_files.hpp"

namespace stack::aws {
namespace {

constexpr int kRetryCost = 5;
constexpr int kTimeoutCost = 10;

std::optional<std::string> setting(const Environment& environment, const ProfileFiles& profiles, const char* variable,
                                   const char* key) {
  if (auto value = environment.get(variable)) return value;
  return profiles.get(profiles.chosen(), key);
}

}  // namespace

bool RetryQuota::take(int cost) {
  const std::lock_guard lock{mutex_};
  if (left_ < cost) return false;
  left_ -= cost;
  return true;
}

void RetryQuota::give_back(int cost) {
  const std::lock_guard lock{mutex_};
  left_ = std::min(kMost, left_ + cost);
}

Result<RetryLimit> RetryLimit::of(const Environment& environment) {
  STACK_TRY_ASSIGN(profiles, ProfileFiles::load(environment));
  RetryLimit limit;
  const auto mode = setting(environment, profiles, "AWS_RETRY_MODE", "retry_mode").value_or("standard");
  if (mode == "adaptive")
    limit.rate_ = std::make_unique<SendRate>();
  else if (mode != "standard" && mode != "legacy")  // legacy is treated as standard, as newer SDKs do
    return fail(ErrorKind::usage, fmt::format("AWS_RETRY_MODE: \"{}\" is neither standard nor adaptive", mode));
  if (const auto text = setting(environment, profiles, "AWS_MAX_ATTEMPTS", "max_attempts")) {
    int most = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), most);
    if (error != std::errc{} || end != text->data() + text->size() || most < 1)
      return fail(ErrorKind::usage, fmt::format("AWS_MAX_ATTEMPTS: \"{}\" is not a number from 1 on", *text));
    limit.most_attempts_ = most;
  }
  return limit;
}

Retry RetryLimit::take_retry(int attempts, bool timed_out) {
  if (most_attempts_ && attempts >= *most_attempts_) return Retry::attempts_used;
  return quota_->take(timed_out ? kTimeoutCost : kRetryCost) ? Retry::allowed : Retry::quota_spent;
}

std::chrono::milliseconds RetryLimit::wait(std::chrono::steady_clock::time_point now) {
  return rate_ ? rate_->wait(now) : std::chrono::milliseconds{0};
}

void RetryLimit::note_answer(bool throttled, bool success, int attempts, std::chrono::steady_clock::time_point now) {
  if (rate_) rate_->note_answer(throttled, now);
  if (success) quota_->give_back(attempts > 1 ? kRetryCost : 1);
}

}  // namespace stack::aws
