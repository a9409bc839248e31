// Times by the cron expressions of AWS (EventBridge, Glue): "cron(15 12 * * ? *)", minutes, hours, days of the month,
// months, days of the week (1 or SUN to 7 or SAT) and years, in UTC; numbers, names, ranges, lists, "*", "?" and steps.
// One of the two kinds of days is "?". "L", "W" and "#" are not known.
// (https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html)
// Thread-safety: values. Failure: ErrorKind::usage naming the field.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"

namespace stack {

class CronSchedule {
 public:
  [[nodiscard]] static Result<CronSchedule> parse(std::string_view text);

  // The first time after NOW; none where the years are over.
  [[nodiscard]] std::optional<Micros> next_after(Micros now) const;

 private:
  static constexpr std::size_t kMostYears = 130;  // from 1970 on

  [[nodiscard]] bool has_day(Date date) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;     // from 1
  std::bitset<13> months_;   // from 1
  std::bitset<8> weekdays_;  // from 1, a Sunday
  std::bitset<kMostYears> years_;
};

}  // namespace stack
