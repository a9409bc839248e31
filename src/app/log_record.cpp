#include "app/log_record.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

namespace stack::app {
namespace {

std::string rfc3339(Micros time) {
  const auto micros = format_micros(time);  // "2026-01-31 12:00:00.123456"
  return fmt::format("{}T{}Z", micros.substr(0, 10), micros.substr(11, 12));
}

}  // namespace

std::string as_utf8(std::string_view text) {
  std::string sound{text};
  if (!simdjson::validate_utf8(text.data(), text.size()))
    std::ranges::replace_if(
        sound, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return sound;
}

JsonObject log_record(Micros time, std::string_view level, std::string_view command, std::string_view message) {
  JsonObject record;
  record.text("time", rfc3339(time)).text("level", level);
  if (!command.empty()) record.text("command", command);
  record.text("message", as_utf8(message));
  return record;
}

std::string_view kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::failed:
      return "failed";
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::data:
      return "data";
    case ErrorKind::unreachable:
      return "unreachable";
    case ErrorKind::storage:
      return "storage";
    case ErrorKind::access:
      return "access";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::query:
      return "query";
    case ErrorKind::internal:
      return "internal";
    case ErrorKind::interrupted:
      return "interrupted";
  }
  return "unknown";
}

}  // namespace stack::app
