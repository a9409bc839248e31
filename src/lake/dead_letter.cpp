#include "lake/dead_letter.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <iterator>

#include "lake/json_text.hpp"

namespace stack::lake {
namespace {

void append_bytes(std::string& out, std::string_view name, std::string_view bytes) {
  if (bytes.data() == nullptr) {
    fmt::format_to(std::back_inserter(out), R"("{}":null)", name);
  } else if (simdjson::validate_utf8(bytes.data(), bytes.size())) {
    fmt::format_to(std::back_inserter(out), R"("{}":)", name);
    append_json_string(out, bytes);
  } else {
    fmt::format_to(std::back_inserter(out), R"("{}_base64":"{}")", name, base64(bytes));
  }
}

}  // namespace

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) -> std::uint32_t {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
    };
    const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    const std::size_t have = bytes.size() - i;
    out += digits[group >> 18];
    out += digits[group >> 12 & 63];
    out += have > 1 ? digits[group >> 6 & 63] : '=';
    out += have > 2 ? digits[group & 63] : '=';
  }
  return out;
}

void append_dead_letter(std::string& out, const Lane& lane, const DeadLetter& letter) {
  out += R"({"topic":)";
  append_json_string(out, lane.topic);
  fmt::format_to(std::back_inserter(out), R"(,"partition":{},"offset":{},"timestamp":{},)", lane.partition,
                 letter.offset, letter.timestamp_ms);
  append_bytes(out, "key", letter.key);
  out += R"(,"reason":)";
  append_json_string(out, letter.reason);
  out += ',';
  append_bytes(out, "value", letter.value);
  out += "}\n";
}

}  // namespace stack::lake
