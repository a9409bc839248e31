// Exchanges and their regular trading hours, with history: the program's own table of facts. Early closes and holidays
// are not modelled: the dates in the data are the sessions.
// Thread-safety: the table is constant; a SessionCalendar is immutable once made.
// Failure: an unknown MIC is ErrorKind::usage; a missing time zone database is ErrorKind::internal, with what to
// install.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::market {

// Hours in local time, in minutes after midnight, from a date on (days since 1970-01-01).
struct TradingHours {
  std::int32_t since_day;
  std::int16_t open;
  std::int16_t close;
};

struct Exchange {
  std::string_view mic;  // ISO 10383
  std::string_view name;
  std::string_view zone;  // tz database
  std::string_view currency;
  std::span<const TradingHours> hours;  // oldest first; never empty
  std::int16_t break_begin = 0;         // lunch, local minutes after midnight; equal: none
  std::int16_t break_end = 0;
};

[[nodiscard]] std::span<const Exchange> exchanges();
[[nodiscard]] const Exchange* find_exchange(std::string_view mic);         // any case; nullptr: not known
[[nodiscard]] const Exchange* known_exchange_of(std::string_view symbol);  // of the world's main indices; nullptr

// "--exchange SYM=XNYS,SYM2=XLON"
struct ExchangeOverride {
  std::string symbol;
  std::string mic;
};
[[nodiscard]] Result<std::vector<ExchangeOverride>> parse_exchange_overrides(std::string_view text);

// One session in UTC microseconds: open <= t < close without break_begin <= t < break_end.
struct SessionWindow {
  std::int64_t open = 0;
  std::int64_t close = 0;
  std::int64_t break_begin = 0;  // equal to break_end: no break
  std::int64_t break_end = 0;

  [[nodiscard]] std::int64_t trading_micros() const { return (close - open) - (break_end - break_begin); }
};

// The windows of one exchange for a range of dates; a lookup costs a search among the few changes of offset or hours.
class SessionCalendar {
 public:
  [[nodiscard]] static Result<SessionCalendar> make(const Exchange& exchange, Date first, Date last);
  [[nodiscard]] SessionWindow window(std::int32_t day) const;
  // The UTC microsecond of a local time of day, in microseconds after midnight, on the session date DAY.
  [[nodiscard]] std::int64_t instant(std::int32_t day, std::int64_t local_time) const;

 private:
  struct Span {  // constant offset and hours from a day on
    std::int32_t since_day = 0;
    SessionWindow of_day_zero;  // of a date in the span, moved to 1970-01-01
    std::int64_t offset = 0;    // local time - UTC, in microseconds
  };
  [[nodiscard]] const Span& span(std::int32_t day) const;
  std::vector<Span> spans_;
};

}  // namespace stack::market
