// A client's own limit of requests a second, of the adaptive retry mode of AWS's SDKs: none until a service throttles,
// then 0.7 of what was sent, growing again along a cubic curve as TCP CUBIC's window does (RFC 9438).
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
// Thread-safety: any thread. Never fails.
#pragma once

#include <chrono>
#include <mutex>

namespace stack::aws {

class SendRate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Takes the right to send one request, and says how long from NOW it is to be waited for.
  [[nodiscard]] std::chrono::milliseconds wait(Time now);
  void note_answer(bool throttled, Time now);
  // Requests a second; 0 while there is no limit.
  [[nodiscard]] double limit() const;

 private:
  void refill(Time now);
  void measure(Time now);
  void set_rate(double rate, Time now);
  [[nodiscard]] double window() const;

  mutable std::mutex mutex_;  // guards all below
  bool limited_ = false;
  double rate_ = 0;      // tokens a second
  double capacity_ = 0;  // most tokens
  double tokens_ = 0;    // below 0: promised to requests that wait
  Time refilled_{};
  double last_max_ = 0;  // the rate that was throttled
  Time throttled_{};
  double measured_ = 0;  // answers a second, smoothed
  double counted_ = 0;   // answers since counted_from_
  Time counted_from_{};
};

}  // namespace stack::aws
