#include "catalog/inference.hpp"

#include <algorithm>
#include <cstring>

namespace stack::catalog {
namespace {

namespace dom = simdjson::dom;

bool blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

// Integers of 19 digits and more as doubles ("…e0"): the parser refuses those beyond 64 bits. Text in quotes stays.
std::string with_long_integers_as_doubles(std::string_view line) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size();) {
    const char c = line[i];
    if (quoted && c == '\\' && i + 1 < line.size()) {
      out.append(line.substr(i, 2));
      i += 2;
      continue;
    }
    if (c == '"') quoted = !quoted;
    std::size_t end = i;
    while (!quoted && end < line.size() && line[end] >= '0' && line[end] <= '9') ++end;
    if (end == i) {
      out += c;
      ++i;
      continue;
    }
    out.append(line.substr(i, end - i));
    const bool fraction = i > 0 && line[i - 1] == '.';
    const bool goes_on = end < line.size() && (line[end] == '.' || line[end] == 'e' || line[end] == 'E');
    if (end - i >= 19 && !fraction && !goes_on) out += "e0";
    i = end;
  }
  return out;
}

}  // namespace

void NdjsonInference::add_lines(std::string_view text) {
  schema_.text_bytes += text.size();
  while (!text.empty()) {
    const void* const newline = std::memchr(text.data(), '\n', text.size());
    const std::size_t length =
        newline == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(newline) - text.data());
    add_line(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
}

void NdjsonInference::add_line(std::string_view line) {
  if (shape_.accepts(line, dates_))
    ++schema_.rows;
  else if (!blank(line))
    parse_line(line);
}

void NdjsonInference::parse_line(std::string_view line) {
  ++schema_.rows;
  padded_.assign(line);
  padded_.append(simdjson::SIMDJSON_PADDING, '\0');
  dom::element root;
  auto error = parser_.parse(padded_.data(), line.size(), false).get(root);
  if (error == simdjson::NUMBER_ERROR) {
    const std::string rewritten = with_long_integers_as_doubles(line);
    error = parser_.parse(rewritten.data(), rewritten.size(), true).get(root);
  }
  dom::object object;
  if (error != simdjson::SUCCESS || root.get(object) != simdjson::SUCCESS) {
    ++schema_.malformed_lines;
    return;
  }
  for (const auto [name, value] : object) widen(name, type_of(value));
}

Type NdjsonInference::type_of(const dom::element& value) {
  switch (value.type()) {
    case dom::element_type::BOOL:
      return TypeKind::boolean;
    case dom::element_type::INT64:
      return TypeKind::bigint;
    case dom::element_type::UINT64:  // beyond a bigint
    case dom::element_type::DOUBLE:
      return TypeKind::real;
    case dom::element_type::STRING:
      return text_kind(dates_, value.get_string().value_unsafe());
    case dom::element_type::ARRAY: {
      Type element;
      const dom::array items = value.get_array().value_unsafe();
      for (const dom::element item : items) element = join(element, type_of(item));
      return array_of(std::move(element));
    }
    case dom::element_type::OBJECT: {
      std::vector<Field> members;
      const dom::object object = value.get_object().value_unsafe();
      for (const auto [name, member] : object) members.push_back({std::string(name), type_of(member)});
      return struct_of(std::move(members));
    }
    default:
      return TypeKind::null;
  }
}

void NdjsonInference::widen(std::string_view name, const Type& type) {
  const auto [entry, added] = index_.try_emplace(std::string(name), schema_.columns.size());
  if (added) schema_.columns.push_back({std::string(name), TypeKind::null});
  Type& known = schema_.columns[entry->second].type;
  Type joined = join(known, type);
  if (!added && joined == known) return;
  known = std::move(joined);
  shape_.set(name, known);
}

FileSchema NdjsonInference::finish() {
  FileSchema done = std::move(schema_);
  schema_ = {};
  index_.clear();
  shape_ = {};  // it promises that the columns hold its types, which a new schema does not yet
  return done;
}

}  // namespace stack::catalog
