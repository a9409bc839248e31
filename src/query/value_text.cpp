#include "query/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "duckdb/database.hpp"
#include "lake/json_text.hpp"
#include "query/scalar_text.hpp"

namespace stack::query {
namespace {

// A name that DuckDB allocated.
std::string taken(char* text) {
  std::string out = text != nullptr ? text : "";
  duckdb_free(text);
  return out;
}

template <class T>
const T& at(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

std::string_view text_at(duckdb_vector vector, idx_t row) {
  const auto& value = at<duckdb_string_t>(vector, row);
  const std::size_t length = value.value.inlined.length;
  return {length <= sizeof(value.value.inlined.inlined) ? value.value.inlined.inlined : value.value.pointer.ptr,
          length};
}

bool is_null(duckdb_vector vector, idx_t row) {
  std::uint64_t* validity = duckdb_vector_get_validity(vector);
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
}

Int128 whole(const duckdb_hugeint& value) { return static_cast<Int128>(value.upper) << 64 | value.lower; }
Uint128 whole(const duckdb_uhugeint& value) { return static_cast<Uint128>(value.upper) << 64 | value.lower; }

// An integer of the type that holds a decimal or an enum.
Int128 stored_integer(duckdb_type stored, duckdb_vector vector, idx_t row) {
  switch (stored) {
    case DUCKDB_TYPE_UTINYINT:
      return at<std::uint8_t>(vector, row);
    case DUCKDB_TYPE_USMALLINT:
      return at<std::uint16_t>(vector, row);
    case DUCKDB_TYPE_UINTEGER:
      return at<std::uint32_t>(vector, row);
    case DUCKDB_TYPE_SMALLINT:
      return at<std::int16_t>(vector, row);
    case DUCKDB_TYPE_INTEGER:
      return at<std::int32_t>(vector, row);
    case DUCKDB_TYPE_BIGINT:
      return at<std::int64_t>(vector, row);
    default:
      return whole(at<duckdb_hugeint>(vector, row));
  }
}

void append_time_tz(std::string& out, duckdb_time_tz value) {
  const duckdb_time_tz_struct parts = duckdb_from_time_tz(value);
  append_time(out, duckdb_to_time(parts.time).micros);
  append_offset(out, parts.offset);
}

struct NamedType {
  std::string_view name;
  duckdb_type id;
  ValueKind kind;
};
constexpr NamedType kScalars[] = {{"BOOLEAN", DUCKDB_TYPE_BOOLEAN, ValueKind::boolean},
                                  {"TINYINT", DUCKDB_TYPE_TINYINT, ValueKind::number},
                                  {"SMALLINT", DUCKDB_TYPE_SMALLINT, ValueKind::number},
                                  {"INTEGER", DUCKDB_TYPE_INTEGER, ValueKind::number},
                                  {"BIGINT", DUCKDB_TYPE_BIGINT, ValueKind::number},
                                  {"UTINYINT", DUCKDB_TYPE_UTINYINT, ValueKind::number},
                                  {"USMALLINT", DUCKDB_TYPE_USMALLINT, ValueKind::number},
                                  {"UINTEGER", DUCKDB_TYPE_UINTEGER, ValueKind::number},
                                  {"UBIGINT", DUCKDB_TYPE_UBIGINT, ValueKind::number},
                                  {"HUGEINT", DUCKDB_TYPE_HUGEINT, ValueKind::number},
                                  {"UHUGEINT", DUCKDB_TYPE_UHUGEINT, ValueKind::number},
                                  {"FLOAT", DUCKDB_TYPE_FLOAT, ValueKind::number},
                                  {"DOUBLE", DUCKDB_TYPE_DOUBLE, ValueKind::number},
                                  {"DECIMAL", DUCKDB_TYPE_DECIMAL, ValueKind::number},
                                  {"DATE", DUCKDB_TYPE_DATE, ValueKind::date},
                                  {"TIME", DUCKDB_TYPE_TIME, ValueKind::text},
                                  {"TIME WITH TIME ZONE", DUCKDB_TYPE_TIME_TZ, ValueKind::text},
                                  {"TIMESTAMP", DUCKDB_TYPE_TIMESTAMP, ValueKind::timestamp},
                                  {"TIMESTAMP_S", DUCKDB_TYPE_TIMESTAMP_S, ValueKind::timestamp},
                                  {"TIMESTAMP_MS", DUCKDB_TYPE_TIMESTAMP_MS, ValueKind::timestamp},
                                  {"TIMESTAMP_NS", DUCKDB_TYPE_TIMESTAMP_NS, ValueKind::timestamp},
                                  {"TIMESTAMP WITH TIME ZONE", DUCKDB_TYPE_TIMESTAMP_TZ, ValueKind::timestamp},
                                  {"INTERVAL", DUCKDB_TYPE_INTERVAL, ValueKind::text},
                                  {"VARCHAR", DUCKDB_TYPE_VARCHAR, ValueKind::text},
                                  {"BLOB", DUCKDB_TYPE_BLOB, ValueKind::text},
                                  {"BIT", DUCKDB_TYPE_BIT, ValueKind::text},
                                  {"UUID", DUCKDB_TYPE_UUID, ValueKind::text},
                                  {"ENUM", DUCKDB_TYPE_ENUM, ValueKind::text},
                                  {"NULL", DUCKDB_TYPE_SQLNULL, ValueKind::text}};

const NamedType* scalar(duckdb_type id) {
  const auto* found = std::ranges::find(kScalars, id, &NamedType::id);
  return found == std::end(kScalars) ? nullptr : found;
}

}  // namespace

ValueText::ValueText(duckdb_logical_type type)
    : id_(duckdb_get_type_id(type)), alias_(taken(duckdb_logical_type_get_alias(type))) {
  const auto add_child = [this](duckdb_logical_type child) {
    const duckdb_embedded::LogicalType owned(child);
    children_.emplace_back(owned.get());
  };
  switch (id_) {
    case DUCKDB_TYPE_DECIMAL:
      width_ = duckdb_decimal_width(type);
      scale_ = duckdb_decimal_scale(type);
      stored_ = duckdb_decimal_internal_type(type);
      break;
    case DUCKDB_TYPE_ENUM:
      stored_ = duckdb_enum_internal_type(type);
      for (idx_t i = 0; i < duckdb_enum_dictionary_size(type); ++i)
        names_.push_back(taken(duckdb_enum_dictionary_value(type, i)));
      break;
    case DUCKDB_TYPE_LIST:
      add_child(duckdb_list_type_child_type(type));
      break;
    case DUCKDB_TYPE_ARRAY:
      array_size_ = duckdb_array_type_array_size(type);
      add_child(duckdb_array_type_child_type(type));
      break;
    case DUCKDB_TYPE_MAP:
      add_child(duckdb_map_type_key_type(type));
      add_child(duckdb_map_type_value_type(type));
      break;
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        names_.push_back(taken(duckdb_struct_type_child_name(type, i)));
        add_child(duckdb_struct_type_child_type(type, i));
      }
      break;
    case DUCKDB_TYPE_UNION:
      for (idx_t i = 0; i < duckdb_union_type_member_count(type); ++i) {
        names_.push_back(taken(duckdb_union_type_member_name(type, i)));
        add_child(duckdb_union_type_member_type(type, i));
      }
      break;
    default:
      break;
  }
}

bool ValueText::supported() const {
  return std::ranges::all_of(children_, &ValueText::supported) && (!children_.empty() || scalar(id_) != nullptr);
}

ValueKind ValueText::kind() const {
  if (!children_.empty() || alias_ == "JSON") return ValueKind::json;
  const NamedType* named = scalar(id_);
  return named == nullptr ? ValueKind::text : named->kind;
}

std::string ValueText::members_name(const char* word) const {
  std::string out(word);
  for (std::size_t i = 0; i < children_.size(); ++i)
    out += fmt::format("{}{} {}", i == 0 ? "(" : ", ", names_[i], children_[i].type_name());
  return out + ')';
}

std::string ValueText::type_name() const {
  if (!alias_.empty()) return alias_;
  switch (id_) {
    case DUCKDB_TYPE_DECIMAL:
      return fmt::format("DECIMAL({},{})", width_, scale_);
    case DUCKDB_TYPE_LIST:
      return children_.front().type_name() + "[]";
    case DUCKDB_TYPE_ARRAY:
      return fmt::format("{}[{}]", children_.front().type_name(), array_size_);
    case DUCKDB_TYPE_MAP:
      return fmt::format("MAP({}, {})", children_[0].type_name(), children_[1].type_name());
    case DUCKDB_TYPE_STRUCT:
      return members_name("STRUCT");
    case DUCKDB_TYPE_UNION:
      return members_name("UNION");
    default:
      return scalar(id_) == nullptr ? "?" : std::string(scalar(id_)->name);
  }
}

void ValueText::append(std::string& out, duckdb_vector vector, idx_t row) const {
  if (!children_.empty()) return append_nested(out, vector, row);
  if (kind() == ValueKind::number) return append_number(out, vector, row);
  append_time_or_text(out, vector, row);
}

void ValueText::append_number(std::string& out, duckdb_vector vector, idx_t row) const {
  const auto number = [&out](auto value) { fmt::format_to(std::back_inserter(out), "{}", value); };
  switch (id_) {
    case DUCKDB_TYPE_TINYINT:
      return number(static_cast<int>(at<std::int8_t>(vector, row)));
    case DUCKDB_TYPE_SMALLINT:
      return number(at<std::int16_t>(vector, row));
    case DUCKDB_TYPE_INTEGER:
      return number(at<std::int32_t>(vector, row));
    case DUCKDB_TYPE_BIGINT:
      return number(at<std::int64_t>(vector, row));
    case DUCKDB_TYPE_UTINYINT:
      return number(static_cast<unsigned>(at<std::uint8_t>(vector, row)));
    case DUCKDB_TYPE_USMALLINT:
      return number(at<std::uint16_t>(vector, row));
    case DUCKDB_TYPE_UINTEGER:
      return number(at<std::uint32_t>(vector, row));
    case DUCKDB_TYPE_UBIGINT:
      return number(at<std::uint64_t>(vector, row));
    case DUCKDB_TYPE_HUGEINT:
      return append_int128(out, whole(at<duckdb_hugeint>(vector, row)));
    case DUCKDB_TYPE_UHUGEINT:
      return append_uint128(out, whole(at<duckdb_uhugeint>(vector, row)));
    case DUCKDB_TYPE_FLOAT:
      return append_float(out, at<float>(vector, row));
    case DUCKDB_TYPE_DOUBLE:
      return append_double(out, at<double>(vector, row));
    default:
      return append_decimal(out, stored_integer(stored_, vector, row), scale_);
  }
}

void ValueText::append_time_or_text(std::string& out, duckdb_vector vector, idx_t row) const {
  switch (id_) {
    case DUCKDB_TYPE_BOOLEAN:
      out += at<bool>(vector, row) ? "true" : "false";
      return;
    case DUCKDB_TYPE_ENUM:
      out += names_.at(static_cast<std::size_t>(stored_integer(stored_, vector, row)));
      return;
    case DUCKDB_TYPE_DATE:
      return append_date(out, at<duckdb_date>(vector, row));
    case DUCKDB_TYPE_TIME:
      return append_time(out, at<duckdb_time>(vector, row).micros);
    case DUCKDB_TYPE_TIME_TZ:
      return append_time_tz(out, at<duckdb_time_tz>(vector, row));
    case DUCKDB_TYPE_TIMESTAMP:
      return append_timestamp(out, at<std::int64_t>(vector, row), 1'000'000);
    case DUCKDB_TYPE_TIMESTAMP_S:
      return append_timestamp(out, at<std::int64_t>(vector, row), 1);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return append_timestamp(out, at<std::int64_t>(vector, row), 1'000);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return append_timestamp(out, at<std::int64_t>(vector, row), 1'000'000'000);
    case DUCKDB_TYPE_TIMESTAMP_TZ:  // the engine's time zone is UTC
      append_timestamp(out, at<std::int64_t>(vector, row), 1'000'000);
      if (!out.ends_with("infinity")) out += "+00";
      return;
    case DUCKDB_TYPE_INTERVAL:
      return append_interval(out, at<duckdb_interval>(vector, row));
    case DUCKDB_TYPE_BLOB:
      return append_blob(out, text_at(vector, row));
    case DUCKDB_TYPE_BIT:
      return append_bits(out, text_at(vector, row));
    case DUCKDB_TYPE_UUID:
      return append_uuid(out, at<duckdb_hugeint>(vector, row));
    default:
      out += text_at(vector, row);
  }
}

void ValueText::append_nested(std::string& out, duckdb_vector vector, idx_t row) const {
  switch (id_) {
    case DUCKDB_TYPE_LIST: {
      const auto& entry = at<duckdb_list_entry>(vector, row);
      return append_list(out, duckdb_list_vector_get_child(vector), entry.offset, entry.length);
    }
    case DUCKDB_TYPE_ARRAY:
      return append_list(out, duckdb_array_vector_get_child(vector), row * array_size_, array_size_);
    case DUCKDB_TYPE_STRUCT:
      return append_struct(out, vector, row);
    case DUCKDB_TYPE_MAP:
      return append_map(out, vector, row);
    default:
      return append_union(out, vector, row);
  }
}

// A value inside a nested one: JSON, so that a reader can take it apart again.
void ValueText::append_json(std::string& out, duckdb_vector vector, idx_t row) const {
  if (id_ == DUCKDB_TYPE_SQLNULL || is_null(vector, row)) {
    out += "null";
    return;
  }
  const ValueKind shown = kind();
  if (shown == ValueKind::json || shown == ValueKind::boolean) return append(out, vector, row);
  std::string text;
  append(text, vector, row);
  if (shown != ValueKind::number) return lake::append_json_string(out, text);
  out += is_json_number(text) ? text : "null";
}

void ValueText::append_list(std::string& out, duckdb_vector child, idx_t begin, idx_t length) const {
  out += '[';
  for (idx_t i = 0; i < length; ++i) {
    if (i > 0) out += ',';
    children_.front().append_json(out, child, begin + i);
  }
  out += ']';
}

void ValueText::append_struct(std::string& out, duckdb_vector vector, idx_t row) const {
  out += '{';
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (i > 0) out += ',';
    lake::append_json_string(out, names_[i]);
    out += ':';
    children_[i].append_json(out, duckdb_struct_vector_get_child(vector, i), row);
  }
  out += '}';
}

// JSON's keys are strings, a map's need not be: {"k":v}, k being the key's text.
void ValueText::append_map(std::string& out, duckdb_vector vector, idx_t row) const {
  const auto& entry = at<duckdb_list_entry>(vector, row);
  duckdb_vector pairs = duckdb_list_vector_get_child(vector);
  duckdb_vector keys = duckdb_struct_vector_get_child(pairs, 0);
  duckdb_vector values = duckdb_struct_vector_get_child(pairs, 1);
  out += '{';
  for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    if (i > entry.offset) out += ',';
    std::string key;
    children_[0].append(key, keys, i);
    lake::append_json_string(out, key);
    out += ':';
    children_[1].append_json(out, values, i);
  }
  out += '}';
}

// A union is a struct whose first member is the tag.
void ValueText::append_union(std::string& out, duckdb_vector vector, idx_t row) const {
  const std::size_t tag = at<std::uint8_t>(duckdb_struct_vector_get_child(vector, 0), row);
  children_.at(tag).append_json(out, duckdb_struct_vector_get_child(vector, tag + 1), row);
}

}  // namespace stack::query
