#include "market/json_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace stack::market {
namespace {

// The length of the UTF-8 sequence at the front of TEXT, 0 when it is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF)
    return follows(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && follows(2) ? 3 : 0;
  if (lead >= 0xF0 && lead <= 0xF4)
    return follows(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && follows(2) && follows(3) ? 4 : 0;
  return 0;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Readers of JSON take a number with a point or an exponent as a double, any other as an integer.
bool fits_a_machine(std::string_view number) {
  const auto taken_whole = [&](auto value) {
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    return error == std::errc{} && end == number.data() + number.size();
  };
  return number.find_first_of(".eE") == std::string_view::npos ? taken_whole(std::int64_t{}) : taken_whole(0.0);
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

bool is_json_number(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - start;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const std::size_t start = i;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[start] == '0')) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

bool append_json_number(std::string_view text, LeadingZeros zeros, std::string& out) {
  const std::size_t before = out.size();
  const auto undone = [&] {
    out.resize(before);
    return false;
  };
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    if (text.front() == '-') out += '-';
    text.remove_prefix(1);
  }
  std::size_t whole = 0;
  while (whole < text.size() && is_digit(text[whole])) ++whole;
  std::size_t leading = 0;
  while (leading + 1 < whole && text[leading] == '0') ++leading;
  if (leading > 0 && zeros == LeadingZeros::make_text) return undone();
  if (whole == 0) out += '0';
  out += text.substr(leading, whole - leading);
  std::string_view rest = text.substr(whole);
  if (rest.starts_with('.')) {
    const bool fraction = rest.size() > 1 && is_digit(rest[1]);
    if (!fraction && whole == 0) return undone();  // a point alone
    if (!fraction) rest.remove_prefix(1);
  } else if (whole == 0) {
    return undone();
  }
  out += rest;
  const std::string_view number = std::string_view{out}.substr(before);
  return is_json_number(number) && fits_a_machine(number) ? true : undone();
}

}  // namespace stack::market
