#include "aws/send_rate.hpp"

#include <algorithm>
#include <cmath>

namespace stack::aws {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kBeta = 0.7;    // of the rate that was throttled
constexpr double kScale = 0.4;   // of the cubic curve
constexpr double kSmooth = 0.8;  // weight of the newest measurement
constexpr double kLeastRate = 0.5;
constexpr double kLeastCapacity = 1;
constexpr std::chrono::milliseconds kMeasured{500};

}  // namespace

double SendRate::limit() const {
  const std::lock_guard lock{mutex_};
  return limited_ ? rate_ : 0;
}

void SendRate::refill(Time now) {
  tokens_ = std::min(capacity_, tokens_ + rate_ * Seconds{now - refilled_}.count());
  refilled_ = now;
}

std::chrono::milliseconds SendRate::wait(Time now) {
  const std::lock_guard lock{mutex_};
  if (!limited_) return std::chrono::milliseconds{0};
  refill(now);
  tokens_ -= 1;
  if (tokens_ >= 0) return std::chrono::milliseconds{0};
  return std::chrono::ceil<std::chrono::milliseconds>(Seconds{-tokens_ / rate_});
}

void SendRate::measure(Time now) {
  if (counted_from_ == Time{}) counted_from_ = now;
  counted_ += 1;
  if (now - counted_from_ < kMeasured) return;
  const double rate = counted_ / Seconds{now - counted_from_}.count();
  measured_ = measured_ == 0 ? rate : rate * kSmooth + measured_ * (1 - kSmooth);
  counted_ = 0;
  counted_from_ = now;
}

// Seconds until the curve is back at the rate that was throttled.
double SendRate::window() const { return std::cbrt(last_max_ * (1 - kBeta) / kScale); }

void SendRate::set_rate(double rate, Time now) {
  refill(now);
  rate_ = std::max(rate, kLeastRate);
  capacity_ = std::max(rate, kLeastCapacity);
  tokens_ = std::min(tokens_, capacity_);
}

void SendRate::note_answer(bool throttled, Time now) {
  const std::lock_guard lock{mutex_};
  measure(now);
  if (throttled) {
    last_max_ = limited_ ? std::min(measured_, rate_) : measured_;
    throttled_ = now;
    if (!limited_) refilled_ = now;
    limited_ = true;
    set_rate(last_max_ * kBeta, now);
    return;
  }
  if (!limited_) return;
  const double cubic = kScale * std::pow(Seconds{now - throttled_}.count() - window(), 3) + last_max_;
  set_rate(std::min(cubic, 2 * measured_), now);
}

}  // namespace stack::aws
