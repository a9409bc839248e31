// What a Kafka record is to the lake: a row with a date, or a dead letter with a reason. These are the rules that a
// claim's "rules" number stands for; changing what any record becomes means a new number.
//
// A row is one JSON object in valid UTF-8. Its bytes pass through unchanged, but for raw line breaks between tokens,
// which would break the line: such a record is written without its white space. Its date is session_date; without
// one, the UTC date of event_time; without either, of the Kafka timestamp. null and, for event_time, anything but a
// string count as "without one".
// A dead letter is: an empty or null value, invalid UTF-8, invalid JSON (numbers beyond 64 bits and nesting beyond
// 1,024 included), JSON that is no object, a session_date or event_time that is none, a record without any date; and
// what no SQL table can hold: a field name that is empty or has a control character in it, two fields of one name
// (upper and lower case are one to SQL), and, in a partitioned table, a field called dt: Athena refuses a column that
// repeats the partition key, and renaming it would make the row differ from the record. Fields inside fields are free.
//
// Thread-safety: one parser per thread. Never fails; allocates only for records that are not canonical ticks.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace stack::lake {

struct ParsedRecord {
  const char* dead_reason = nullptr;  // not a row, and why
  bool is_canonical_tick = false;
  bool has_quote = false;     // a canonical tick with bid and ask
  bool has_sequence = false;  // symbol and seq are those of a tick
  std::string_view line;      // a row's bytes, no line break in them
  std::string_view date;      // a row's, YYYY-MM-DD
  std::string_view symbol;
  std::int64_t seq = 0;
  std::optional<simdjson::dom::object> object;  // a row's that is no canonical tick
};

class RecordParser {
 public:
  // VALUE without data() is a null value. TIMESTAMP_MS is Kafka's, negative if there is none. The views in the result
  // live until the next call or as long as VALUE, whichever ends first.
  [[nodiscard]] ParsedRecord parse(std::string_view value, std::int64_t timestamp_ms, bool partitioned);

 private:
  [[nodiscard]] ParsedRecord parse_any(std::string_view value, std::int64_t timestamp_ms, bool partitioned);
  [[nodiscard]] std::string_view date_text(Date date);
  // Why the names of OBJECT's fields cannot be columns, or null.
  [[nodiscard]] const char* fault_in_names(const simdjson::dom::object& object);

  simdjson::dom::parser parser_;
  std::string padded_;    // the value with the padding that simdjson asks for
  std::string minified_;  // a record written onto one line
  std::string lower_names_;
  std::vector<std::string_view> names_;  // into lower_names_
  Date date_{Date::max()};
  std::string date_text_;  // of date_
};

// event_time in any of the forms that are taken: "YYYY-MM-DD HH:MM:SS[.fraction]" in UTC, 'T' for the space, and
// behind it 'Z' or an offset such as +08:00.
[[nodiscard]] std::optional<Micros> parse_event_time(std::string_view text);

}  // namespace stack::lake
