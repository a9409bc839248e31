// How often, and how fast, requests to one service may be sent again, as AWS's SDKs count it: AWS_RETRY_MODE (standard,
// or adaptive) and AWS_MAX_ATTEMPTS, or the profile's retry_mode and max_attempts. Without AWS_MAX_ATTEMPTS the
// caller's patience is the limit. (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
// Thread-safety: any thread. Failure: ErrorKind::usage for a mode or a number that is none.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

#include "aws/environment.hpp"
#include "aws/send_rate.hpp"
#include "core/result.hpp"

namespace stack::aws {

// Of retries that a client has left while a service fails, so that many clients do not keep it down: each costs, each
// success gives back.
class RetryQuota {
 public:
  // False: nothing is left.
  [[nodiscard]] bool take(int cost);
  void give_back(int cost);

 private:
  static constexpr int kMost = 500;
  std::mutex mutex_;
  int left_ = kMost;
};

enum class Retry {
  allowed,
  attempts_used,  // AWS_MAX_ATTEMPTS of this request
  quota_spent,    // too many requests failed lately, of whatever kind
};

class RetryLimit {
 public:
  [[nodiscard]] static Result<RetryLimit> of(const Environment& environment);

  // Whether a request that was sent ATTEMPTS times may be sent again, as far as number and quota go; if so, it is
  // counted.
  [[nodiscard]] Retry take_retry(int attempts, bool timed_out);
  // How long to wait before the next request, whatever it is; nothing but in adaptive mode.
  [[nodiscard]] std::chrono::milliseconds wait(std::chrono::steady_clock::time_point now);
  void note_answer(bool throttled, bool success, int attempts, std::chrono::steady_clock::time_point now);
  [[nodiscard]] bool is_adaptive() const { return rate_ != nullptr; }

 private:
  std::optional<int> most_attempts_;
  std::unique_ptr<RetryQuota> quota_ = std::make_unique<RetryQuota>();
  std::unique_ptr<SendRate> rate_;  // of adaptive mode
};

}  // namespace stack::aws
