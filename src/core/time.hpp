// Calendar dates, UTC instants in microseconds, and the clock that everything which asks for "now" is given.
// Thread-safety: values; SystemClock is stateless, ManualClock may be advanced from any thread.
// Failure: parsing returns std::nullopt for anything that is not exactly the documented form.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stack {

using Date = std::chrono::sys_days;                               // a civil date, days since 1970-01-01
using Micros = std::chrono::sys_time<std::chrono::microseconds>;  // a UTC instant
using Milliseconds = std::chrono::milliseconds;

// "YYYY-MM-DD", years 0001 to 9999, a date that exists.
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);
[[nodiscard]] std::string format_date(Date date);

// "YYYY-MM-DD HH:MM:SS.uuuuuu" (the event_time of the event contract: UTC, no zone).
[[nodiscard]] std::string format_micros(Micros instant);
// The same form with 0 to 9 fractional digits; 'T' for the space and a trailing 'Z' are taken too.
[[nodiscard]] std::optional<Micros> parse_micros(std::string_view text);

// "500ms", "5s", "2m" (or "2min"), "1h", "90d"; a bare number is seconds. Rounded to milliseconds.
[[nodiscard]] std::optional<Milliseconds> parse_duration(std::string_view text);

// Source of the present. Injected, so that tests can hold it still or let it jump.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Micros now() const = 0;                                    // wall clock, may jump
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady() const = 0;  // never jumps
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Micros now() const override;
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override;
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Micros start) : wall_(start.time_since_epoch().count()) {}
  [[nodiscard]] Micros now() const override { return Micros{std::chrono::microseconds{wall_.load()}}; }
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point{std::chrono::microseconds{steady_.load()}};
  }
  void advance(std::chrono::microseconds by) { wall_ += by.count(), steady_ += by.count(); }
  void jump_wall(std::chrono::microseconds by) { wall_ += by.count(); }

 private:
  std::atomic<std::int64_t> wall_;
  std::atomic<std::int64_t> steady_{0};
};

}  // namespace stack
