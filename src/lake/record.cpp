#include "lake/record.hpp"

#include <algorithm>

#include "lake/tick_line.hpp"

namespace stack::lake {
namespace {

ParsedRecord dead(const char* reason) {
  ParsedRecord record;
  record.dead_reason = reason;
  return record;
}

bool is_dt(std::string_view name) {
  return name.size() == 2 && (name[0] == 'd' || name[0] == 'D') && (name[1] == 't' || name[1] == 'T');
}

// The fields of an object that decide its fate.
struct KnownFields {
  std::optional<simdjson::dom::element> session_date, event_time, symbol, seq;
  bool has_dt = false;
};

KnownFields known_fields(const simdjson::dom::object& object) {
  KnownFields fields;
  for (const auto& [name, value] : object) {
    if (name == "session_date") {
      fields.session_date = value;
    } else if (name == "event_time") {
      fields.event_time = value;
    } else if (name == "symbol") {
      fields.symbol = value;
    } else if (name == "seq") {
      fields.seq = value;
    } else if (is_dt(name)) {
      fields.has_dt = true;
    }
  }
  return fields;
}

bool is_in_calendar(Micros instant) {
  const auto year = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(instant)}.year();
  return year >= std::chrono::year{1} && year <= std::chrono::year{9999};
}

// Minutes of "+08:00", "-0330" or "+08", or nothing.
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::array<char, 4> digits{'0', '0', '0', '0'};
  std::size_t n = 0;
  for (const char c : text.substr(1)) {
    if (c == ':' && n == 2 && text.size() == 6) continue;
    if (!digit(c) || n == digits.size()) return std::nullopt;
    digits[n++] = c;
  }
  if (n != 2 && n != 4) return std::nullopt;
  const int hours = (digits[0] - '0') * 10 + (digits[1] - '0');
  const int minutes = (digits[2] - '0') * 10 + (digits[3] - '0');
  if (hours > 18 || minutes > 59) return std::nullopt;
  return std::chrono::minutes{(text.front() == '-' ? -1 : 1) * (hours * 60 + minutes)};
}

}  // namespace

std::optional<Micros> parse_event_time(std::string_view text) {
  if (const auto instant = parse_micros(text)) return instant;
  const auto sign = text.find_last_of("+-");
  if (sign == std::string_view::npos || sign < 19 || text[sign - 1] == 'Z') return std::nullopt;
  const auto local = parse_micros(text.substr(0, sign));
  const auto offset = parse_offset(text.substr(sign));
  if (!local || !offset) return std::nullopt;
  return *local - *offset;
}

std::string_view RecordParser::date_text(Date date) {
  if (date != date_) {
    date_ = date;
    date_text_ = format_date(date);
  }
  return date_text_;
}

const char* RecordParser::fault_in_names(const simdjson::dom::object& object) {
  lower_names_.clear();
  for (const auto& [name, value] : object) {
    if (name.empty()) return "a field without a name";
    for (const char c : name) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "a control character in a field's name";
      lower_names_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    lower_names_ += '\0';  // no name holds one
  }
  names_.clear();
  for (std::size_t at = 0; at < lower_names_.size(); at = lower_names_.find('\0', at) + 1) {
    names_.push_back(std::string_view(lower_names_).substr(at, lower_names_.find('\0', at) - at));
  }
  std::ranges::sort(names_);
  return std::ranges::adjacent_find(names_) == names_.end() ? nullptr : "two fields of one name";
}

ParsedRecord RecordParser::parse(std::string_view value, std::int64_t timestamp_ms, bool partitioned) {
  TickLine tick;
  if (!parse_tick_line(value, tick)) [[unlikely]] {
    return parse_any(value, timestamp_ms, partitioned);
  }
  ParsedRecord record;
  record.is_canonical_tick = true;
  record.has_quote = tick.has_quote();
  record.has_sequence = true;
  record.line = value;
  record.date = tick.session_date;
  record.symbol = tick.symbol;
  record.seq = tick.seq;
  return record;
}

ParsedRecord RecordParser::parse_any(std::string_view value, std::int64_t timestamp_ms, bool partitioned) {
  if (value.data() == nullptr) return dead("null value");
  if (value.empty()) return dead("empty value");
  padded_.assign(value);
  padded_.append(simdjson::SIMDJSON_PADDING, '\0');
  simdjson::dom::element root;
  if (const auto error = parser_.parse(padded_.data(), value.size(), false).get(root)) {
    return dead(simdjson::error_message(error));
  }
  ParsedRecord record;
  simdjson::dom::object object;
  if (root.get_object().get(object) != simdjson::SUCCESS) return dead("not a JSON object");
  if (const char* fault = fault_in_names(object)) return dead(fault);
  const KnownFields fields = known_fields(object);
  if (partitioned && fields.has_dt) return dead("a field called dt repeats the partition key");

  std::string_view text;
  if (fields.session_date && !fields.session_date->is_null()) {
    if (fields.session_date->get(text) != simdjson::SUCCESS || !parse_date(text)) {
      return dead("session_date is not a date");
    }
    record.date = text;
  } else if (fields.event_time && fields.event_time->get(text) == simdjson::SUCCESS) {
    const auto instant = parse_event_time(text);
    if (!instant || !is_in_calendar(*instant)) return dead("event_time is not a time");
    record.date = date_text(std::chrono::floor<std::chrono::days>(*instant));
  } else {
    // Bounded before it is multiplied: a Kafka timestamp is any 64-bit number.
    constexpr std::int64_t kEndOfCalendarMs = 253'402'300'800'000;  // 10000-01-01
    if (timestamp_ms < 0 || timestamp_ms >= kEndOfCalendarMs) return dead("no date: no session_date, no event_time");
    record.date = date_text(
        std::chrono::floor<std::chrono::days>(std::chrono::sys_time<Milliseconds>{Milliseconds{timestamp_ms}}));
  }

  record.has_sequence = fields.symbol && fields.seq && fields.symbol->get(record.symbol) == simdjson::SUCCESS &&
                        fields.seq->get(record.seq) == simdjson::SUCCESS && record.seq >= 0;
  record.object = object;
  record.line = value;
  if (value.find('\n') != std::string_view::npos || value.find('\r') != std::string_view::npos) {
    minified_.resize(value.size() + simdjson::SIMDJSON_PADDING);
    std::size_t length = 0;
    if (simdjson::minify(padded_.data(), value.size(), minified_.data(), length) != simdjson::SUCCESS) {
      return dead("cannot be written onto one line");
    }
    record.line = std::string_view(minified_).substr(0, length);
  }
  return record;
}

}  // namespace stack::lake
