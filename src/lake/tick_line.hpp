// The hot path's parser: recognises a tick in exactly the form of the event contract, field by field, without building
// anything. What it takes is a valid JSON object with a valid date; what it does not take may still be a good record
// in another form, which record.hpp decides.
// Thread-safety: free functions. Never fails, never allocates.
#pragma once

#include <cstdint>
#include <string_view>

namespace stack::lake {

struct TickLine {
  std::string_view symbol;        // views into the line
  std::string_view session_date;  // YYYY-MM-DD, a date that exists
  std::string_view event_time;    // YYYY-MM-DD HH:MM:SS.uuuuuu, a time that exists
  std::int64_t seq = 0;
  std::string_view price;  // a decimal with a point
  std::int64_t size = 0;
  std::string_view bid;  // decimals with a point; both empty when the tick has no quote
  std::string_view ask;

  [[nodiscard]] bool has_quote() const { return !bid.empty(); }
};

// Whether LINE is {"symbol":"HSI","session_date":"2021-05-28","event_time":"2021-05-28 01:30:00.004512","seq":17,
// "price":29113.2,"size":1200}, or the same with ,"bid":29113.1,"ask":29113.2 before the brace, to the byte but for the
// values; only then is TICK written.
[[nodiscard]] bool parse_tick_line(std::string_view line, TickLine& tick) noexcept;

}  // namespace stack::lake
