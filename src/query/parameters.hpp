// Values for the '?' of a statement, the same for every engine. As users write them:
//   17, -1.5, 2e3             a number, as JSON writes one: 007 and +1 are text
//   DATE '2021-05-28'         a date
//   TIMESTAMP '2021-05-28 01:30:00'   a timestamp without zone, up to microseconds
//   '0700'                    text, for what would be one of the above; '' inside it is one quote
//   anything else             text, as it stands
// Thread-safety: values and free functions. Failure: ErrorKind::usage for a date or time that there is not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace stack::query {

struct Parameter {
  enum class Kind : std::uint8_t { number, text, date, timestamp };
  Kind kind = Kind::text;
  std::string value;  // without quotes and keyword
};

[[nodiscard]] Result<Parameter> parse_parameter(std::string_view written);

// As a literal of SQL: what Athena takes as an execution parameter.
[[nodiscard]] std::string sql_literal(const Parameter& parameter);

// What is said when SQL has WANTED '?' and GIVEN values came.
[[nodiscard]] Error wrong_count(std::size_t wanted, std::size_t given);

}  // namespace stack::query
