#include "catalog/inference.hpp"

#include <algorithm>

#include "catalog/date_form.hpp"
#include "catalog/json_scan.hpp"

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

// The last lines, behind which there is no padding, are copied.
void NdjsonInference::add_lines(std::string_view text) {
  schema_.text_bytes += text.size();
  const std::size_t padded_end = text.size() - std::min(text.size(), json_scan::kPadding);
  const std::size_t in_place = text.substr(0, padded_end).rfind('\n') + 1;  // 0 if there is none
  add_padded(text.substr(0, in_place));
  text.remove_prefix(in_place);
  if (text.empty()) return;
  last_lines_.assign(text);
  if (text.back() != '\n') last_lines_ += '\n';
  const std::size_t size = last_lines_.size();
  last_lines_.append(json_scan::kPadding, '\0');
  add_padded(std::string_view(last_lines_).substr(0, size));
}

// In pieces that stay in the cache while they are looked at twice.
void NdjsonInference::add_padded(std::string_view text) {
  constexpr std::size_t kPiece = std::size_t{16} << 10;
  while (!text.empty()) {
    std::size_t newline = text.substr(0, kPiece).rfind('\n');
    if (newline == std::string_view::npos) newline = text.find('\n');
    const std::string_view piece = text.substr(0, newline + 1);
    text.remove_prefix(piece.size());
    const auto utf8 = simdjson::validate_utf8(piece) ? json_scan::Utf8::valid : json_scan::Utf8::unknown;
    const char* const end = piece.data() + piece.size();
    for (const char* at = piece.data(); at != end; ++at) {
      if (const char* const accepted = shape_.accept(at, utf8)) {
        ++schema_.rows;
        at = accepted;
        continue;
      }
      const auto rest = static_cast<std::size_t>(end - at);
      const std::string_view line(at, std::string_view(at, rest).find('\n'));
      if (!blank(line)) parse_line(line);
      at += line.size();
    }
  }
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
      return text_kind(value.get_string().value_unsafe());
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
