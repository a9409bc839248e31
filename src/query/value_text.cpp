#include "query/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/time.hpp"
#include "lake/json_text.hpp"

namespace stack::query {
namespace {

struct TypeDeleter {
  void operator()(duckdb_logical_type type) const { duckdb_destroy_logical_type(&type); }
};
using LogicalType = std::unique_ptr<_duckdb_logical_type, TypeDeleter>;
using CText = std::unique_ptr<char, decltype(&duckdb_free)>;

std::string name_of(duckdb_type id) {
  switch (id) {
#define STACK_NAME(type)   \
  case DUCKDB_TYPE_##type: \
    return #type
    STACK_NAME(BOOLEAN);
    STACK_NAME(TINYINT);
    STACK_NAME(SMALLINT);
    STACK_NAME(INTEGER);
    STACK_NAME(BIGINT);
    STACK_NAME(UTINYINT);
    STACK_NAME(USMALLINT);
    STACK_NAME(UINTEGER);
    STACK_NAME(UBIGINT);
    STACK_NAME(HUGEINT);
    STACK_NAME(UHUGEINT);
    STACK_NAME(FLOAT);
    STACK_NAME(DOUBLE);
    STACK_NAME(DECIMAL);
    STACK_NAME(DATE);
    STACK_NAME(TIME);
    STACK_NAME(TIMESTAMP);
    STACK_NAME(INTERVAL);
    STACK_NAME(VARCHAR);
    STACK_NAME(BLOB);
    STACK_NAME(UUID);
    STACK_NAME(ENUM);
    STACK_NAME(LIST);
    STACK_NAME(ARRAY);
    STACK_NAME(STRUCT);
    STACK_NAME(MAP);
#undef STACK_NAME
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_SQLNULL:
      return "NULL";
    default:
      return "OTHER";
  }
}

std::string_view text_of(const duckdb_string_t& value) {
  const std::size_t length = value.value.inlined.length;
  const bool inlined = length <= sizeof(value.value.inlined.inlined);
  return {inlined ? value.value.inlined.inlined : value.value.pointer.ptr, length};
}

using Wide = __int128;

template <class Integer>
void append_wide(std::string& out, Integer value) {
  fmt::format_to(std::back_inserter(out), "{}", value);
}

Wide wide(const duckdb_hugeint& value) {
  return (static_cast<Wide>(value.upper) << 64) | static_cast<Wide>(value.lower);
}

// 29113 as "29113.0", as DuckDB and the ticks write it.
template <class Real>
void append_real(std::string& out, Real value) {
  const std::size_t begin = out.size();
  fmt::format_to(std::back_inserter(out), "{}", value);
  if (std::isfinite(value) && out.find_first_of(".e", begin) == std::string::npos) out += ".0";
}

void append_digits_with_point(std::string& out, Wide value, std::uint8_t scale) {
  std::string digits = fmt::format("{}", value < 0 ? -value : value);
  if (digits.size() <= scale) digits.insert(0, scale + 1U - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  if (value < 0) out += '-';
  out += digits;
}

bool finite_day(std::int32_t days) { return days != INT32_MAX && days != -INT32_MAX; }
bool finite_instant(std::int64_t micros) { return micros != INT64_MAX && micros != -INT64_MAX; }

void append_date(std::string& out, std::int32_t days) {
  if (!finite_day(days))
    out += days > 0 ? "infinity" : "-infinity";
  else
    out += format_date(Date{std::chrono::days{days}});
}

// "2021-05-28 01:30:00.004512", the fraction without trailing zeros and left out when there is none.
void append_instant(std::string& out, std::int64_t micros, std::string_view zone) {
  if (!finite_instant(micros)) {
    out += micros > 0 ? "infinity" : "-infinity";
    return;
  }
  std::string text = format_micros(Micros{std::chrono::microseconds{micros}});
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  out.append(text).append(zone);
}

void append_clock(std::string& out, std::int64_t micros) {
  const std::int64_t seconds = micros / 1'000'000;
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (micros % 1'000'000 != 0) {
    std::string fraction = fmt::format(".{:06}", micros % 1'000'000);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    out += fraction;
  }
}

void append_part(std::string& out, std::int64_t count, std::string_view unit) {
  if (count == 0) return;
  if (!out.empty() && out.back() != ' ') out += ' ';
  fmt::format_to(std::back_inserter(out), "{} {}{}", count, unit, count == 1 || count == -1 ? "" : "s");
}

void append_interval(std::string& out, const duckdb_interval& value) {
  std::string text;
  append_part(text, value.months / 12, "year");
  append_part(text, value.months % 12, "month");
  append_part(text, value.days, "day");
  if (value.micros != 0 || text.empty()) {
    if (!text.empty()) text += ' ';
    if (value.micros < 0) text += '-';
    append_clock(text, value.micros < 0 ? -value.micros : value.micros);
  }
  out += text;
}

void append_uuid(std::string& out, const duckdb_hugeint& value) {
  const auto upper = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63);  // stored so that it sorts
  const std::string hex = fmt::format("{:016x}{:016x}", upper, value.lower);
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += hex[i];
  }
}

// Printable ASCII as it is, any other byte as \xNN.
void append_blob(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '\\')
      out += c;
    else
      fmt::format_to(std::back_inserter(out), "\\x{:02X}", byte);
  }
}

}  // namespace

ValueReader::ValueReader(duckdb_logical_type type)
    : id_(duckdb_get_type_id(type)), type_name_(name_of(id_)), storage_(DUCKDB_TYPE_INVALID) {
  describe(type);
}

void ValueReader::describe(duckdb_logical_type type) {
  if (const CText alias(duckdb_logical_type_get_alias(type), duckdb_free); alias) {
    type_name_ = alias.get();
    json_ = type_name_ == "JSON";
  }
  const auto add_child = [this](duckdb_logical_type child) { children_.emplace_back(LogicalType(child).get()); };
  switch (id_) {
    case DUCKDB_TYPE_DECIMAL:
      scale_ = duckdb_decimal_scale(type);
      storage_ = duckdb_decimal_internal_type(type);
      type_name_ = fmt::format("DECIMAL({},{})", duckdb_decimal_width(type), scale_);
      break;
    case DUCKDB_TYPE_ENUM:
      storage_ = duckdb_enum_internal_type(type);
      for (idx_t i = 0; i < duckdb_enum_dictionary_size(type); ++i)
        names_.emplace_back(CText(duckdb_enum_dictionary_value(type, i), duckdb_free).get());
      break;
    case DUCKDB_TYPE_LIST:
      add_child(duckdb_list_type_child_type(type));
      type_name_ = children_.front().type_name_ + "[]";
      break;
    case DUCKDB_TYPE_ARRAY:
      add_child(duckdb_array_type_child_type(type));
      array_size_ = duckdb_array_type_array_size(type);
      break;
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        names_.emplace_back(CText(duckdb_struct_type_child_name(type, i), duckdb_free).get());
        add_child(duckdb_struct_type_child_type(type, i));
      }
      break;
    case DUCKDB_TYPE_MAP:
      add_child(duckdb_map_type_key_type(type));
      add_child(duckdb_map_type_value_type(type));
      break;
    default:
      break;
  }
}

void ValueReader::bind(duckdb_vector vector) {
  data_ = duckdb_vector_get_data(vector);
  validity_ = duckdb_vector_get_validity(vector);
  switch (id_) {
    case DUCKDB_TYPE_LIST:
      children_.front().bind(duckdb_list_vector_get_child(vector));
      break;
    case DUCKDB_TYPE_ARRAY:
      children_.front().bind(duckdb_array_vector_get_child(vector));
      break;
    case DUCKDB_TYPE_STRUCT:
      for (std::size_t i = 0; i < children_.size(); ++i) children_[i].bind(duckdb_struct_vector_get_child(vector, i));
      break;
    case DUCKDB_TYPE_MAP: {  // a list of structs of key and value
      duckdb_vector entries = duckdb_list_vector_get_child(vector);
      for (std::size_t i = 0; i < children_.size(); ++i) children_[i].bind(duckdb_struct_vector_get_child(entries, i));
      break;
    }
    default:
      break;
  }
}

ValueKind ValueReader::kind() const {
  switch (id_) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
      return ValueKind::number;
    case DUCKDB_TYPE_BOOLEAN:
      return ValueKind::boolean;
    case DUCKDB_TYPE_DATE:
      return ValueKind::date;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return ValueKind::timestamp;
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
      return ValueKind::json;
    default:
      return json_ ? ValueKind::json : ValueKind::text;
  }
}

void ValueReader::append(std::string& out, std::uint64_t row) const {
  switch (id_) {
    case DUCKDB_TYPE_VARCHAR:
      out += text_of(at<duckdb_string_t>(row));
      break;
    case DUCKDB_TYPE_BOOLEAN:
      out += at<bool>(row) ? "true" : "false";
      break;
    case DUCKDB_TYPE_ENUM:
      append_enum(out, row);
      break;
    case DUCKDB_TYPE_UUID:
      append_uuid(out, at<duckdb_hugeint>(row));
      break;
    case DUCKDB_TYPE_BLOB:
      append_blob(out, text_of(at<duckdb_string_t>(row)));
      break;
    case DUCKDB_TYPE_LIST: {
      const auto& entry = at<duckdb_list_entry>(row);
      append_list(out, entry.offset, entry.length);
      break;
    }
    case DUCKDB_TYPE_ARRAY:
      append_list(out, row * array_size_, array_size_);
      break;
    case DUCKDB_TYPE_STRUCT:
      append_struct(out, row);
      break;
    case DUCKDB_TYPE_MAP:
      append_map(out, row);
      break;
    default:
      if (kind() == ValueKind::number)
        append_number(out, row);
      else
        append_time(out, row);
  }
}

void ValueReader::append_number(std::string& out, std::uint64_t row) const {
  switch (id_) {
    case DUCKDB_TYPE_TINYINT:
      return append_wide(out, at<std::int8_t>(row));
    case DUCKDB_TYPE_SMALLINT:
      return append_wide(out, at<std::int16_t>(row));
    case DUCKDB_TYPE_INTEGER:
      return append_wide(out, at<std::int32_t>(row));
    case DUCKDB_TYPE_BIGINT:
      return append_wide(out, at<std::int64_t>(row));
    case DUCKDB_TYPE_UTINYINT:
      return append_wide(out, at<std::uint8_t>(row));
    case DUCKDB_TYPE_USMALLINT:
      return append_wide(out, at<std::uint16_t>(row));
    case DUCKDB_TYPE_UINTEGER:
      return append_wide(out, at<std::uint32_t>(row));
    case DUCKDB_TYPE_UBIGINT:
      return append_wide(out, at<std::uint64_t>(row));
    case DUCKDB_TYPE_HUGEINT:
      return append_wide(out, wide(at<duckdb_hugeint>(row)));
    case DUCKDB_TYPE_UHUGEINT:
      return append_wide(
          out, static_cast<unsigned __int128>(at<duckdb_uhugeint>(row).upper) << 64 | at<duckdb_uhugeint>(row).lower);
    case DUCKDB_TYPE_FLOAT:
      return append_real(out, at<float>(row));
    case DUCKDB_TYPE_DOUBLE:
      return append_real(out, at<double>(row));
    default:
      return append_decimal(out, row);
  }
}

void ValueReader::append_time(std::string& out, std::uint64_t row) const {
  switch (id_) {
    case DUCKDB_TYPE_DATE:
      return append_date(out, at<std::int32_t>(row));
    case DUCKDB_TYPE_TIMESTAMP:
      return append_instant(out, at<std::int64_t>(row), "");
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return append_instant(out, at<std::int64_t>(row), "+00");
    case DUCKDB_TYPE_TIMESTAMP_S:
      return append_instant(out, at<std::int64_t>(row) * 1'000'000, "");
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return append_instant(out, at<std::int64_t>(row) * 1'000, "");
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return append_instant(out, at<std::int64_t>(row) / 1'000, "");
    case DUCKDB_TYPE_TIME:
      return append_clock(out, at<std::int64_t>(row));
    case DUCKDB_TYPE_INTERVAL:
      return append_interval(out, at<duckdb_interval>(row));
    default:
      // Rare types (BIT, TIME WITH TIME ZONE, …): their layout is DuckDB's own.
      out += fmt::format("<{}: CAST it AS VARCHAR>", type_name_);
  }
}

void ValueReader::append_decimal(std::string& out, std::uint64_t row) const {
  switch (storage_) {
    case DUCKDB_TYPE_SMALLINT:
      return append_digits_with_point(out, at<std::int16_t>(row), scale_);
    case DUCKDB_TYPE_INTEGER:
      return append_digits_with_point(out, at<std::int32_t>(row), scale_);
    case DUCKDB_TYPE_BIGINT:
      return append_digits_with_point(out, at<std::int64_t>(row), scale_);
    default:
      return append_digits_with_point(out, wide(at<duckdb_hugeint>(row)), scale_);
  }
}

void ValueReader::append_enum(std::string& out, std::uint64_t row) const {
  const std::uint64_t index = storage_ == DUCKDB_TYPE_UTINYINT    ? at<std::uint8_t>(row)
                              : storage_ == DUCKDB_TYPE_USMALLINT ? at<std::uint16_t>(row)
                                                                  : at<std::uint32_t>(row);
  out += names_[index];
}

void ValueReader::append_json(std::string& out, std::uint64_t row) const {
  if (is_null(row)) {
    out += "null";
    return;
  }
  std::string text;
  append(text, row);
  const ValueKind shown = kind();
  const bool finite = text.find_first_of("nN") == std::string::npos;  // nan, inf: JSON has no word for them
  if (shown == ValueKind::number && !finite)
    out += "null";
  else if (shown == ValueKind::number || shown == ValueKind::boolean || shown == ValueKind::json)
    out += text;
  else
    lake::append_json_string(out, text);
}

void ValueReader::append_list(std::string& out, std::uint64_t first, std::uint64_t length) const {
  out += '[';
  for (std::uint64_t i = 0; i < length; ++i) {
    if (i > 0) out += ',';
    children_.front().append_json(out, first + i);
  }
  out += ']';
}

void ValueReader::append_struct(std::string& out, std::uint64_t row) const {
  out += '{';
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (i > 0) out += ',';
    lake::append_json_string(out, names_[i]);
    out += ':';
    children_[i].append_json(out, row);
  }
  out += '}';
}

void ValueReader::append_map(std::string& out, std::uint64_t row) const {
  const auto& entry = at<duckdb_list_entry>(row);
  out += '{';
  for (std::uint64_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    if (i > entry.offset) out += ',';
    std::string key;
    children_[0].append(key, i);
    lake::append_json_string(out, key);
    out += ':';
    children_[1].append_json(out, i);
  }
  out += '}';
}

}  // namespace stack::query
