// What --log-format json makes of a message: one JSON object a line, for machines to read.
//   {"time":"2026-01-31T12:00:00.123Z","level":"info","command":"sink","message":"…","topic":"ticks"}
// Thread-safety: free functions. Never fails: bytes that are no UTF-8 are replaced.
#pragma once

#include <string>
#include <string_view>

#include "app/json_object.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::app {

// TEXT as it may stand in JSON: where it is no UTF-8, with question marks for what is not ASCII.
[[nodiscard]] std::string as_utf8(std::string_view text);

// A record's beginning: RFC 3339 time in UTC, to the millisecond; level (debug, info, warning, error); command, unless
// it is empty; message. More fields may follow.
[[nodiscard]] JsonObject log_record(Micros time, std::string_view level, std::string_view command,
                                    std::string_view message);

// "unreachable" for ErrorKind::unreachable.
[[nodiscard]] std::string_view kind_name(ErrorKind kind);

}  // namespace stack::app
