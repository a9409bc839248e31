#include "catalog/line_shape.hpp"

#include <vector>

#include "catalog/date_form.hpp"
#include "catalog/key_sequence.hpp"

namespace stack::catalog {
namespace {

struct Value {
  TypeKind kind = TypeKind::null;
  std::unique_ptr<Value> element;               // of an array
  std::unique_ptr<LineShape::Members> members;  // of a structure
};

}  // namespace

struct LineShape::Members {
  KeySequence keys;
  std::vector<Value> values;  // by number of key

  void set(std::string_view name, const Type& type);
};

namespace {

Value value_of(const Type& type) {
  Value value;
  value.kind = type.kind;
  if (type.kind == TypeKind::array) value.element = std::make_unique<Value>(value_of(type.fields.front().type));
  if (type.kind == TypeKind::structure) {
    value.members = std::make_unique<LineShape::Members>();
    for (const Field& field : type.fields) {
      value.members->set(field.name, field.type);
      for (const std::string& spelling : field.other_spellings) value.members->set(spelling, field.type);
    }
  }
  return value;
}

using json_scan::skip_space;

bool is_word(const char* at, const char (&word)[5]) { return std::memcmp(at, word, 4) == 0; }

// One walk along a line. Every function returns the place behind what it read, or null.
class Scan {
 public:
  explicit Scan(json_scan::Utf8 utf8) : utf8_(utf8) {}

  // AT is behind the opening brace.
  const char* object(const char* at, LineShape::Members& members) {
    at = skip_space(at);
    if (*at == '}') return at + 1;
    std::size_t place = 0;
    while (true) {
      const auto [key_end, member] = members.keys.take(at, place);
      if (member == KeySequence::kNone) return nullptr;
      at = key_end;
      place = member + 1;
      if (*at != ':') at = skip_space(at);
      if (*at != ':') return nullptr;
      at = value(skip_space(at + 1), members.values[member]);
      if (at == nullptr) return nullptr;
      if (*at != ',') at = skip_space(at);
      if (*at != ',') return *at == '}' ? at + 1 : nullptr;
      at = skip_space(at + 1);
    }
  }

 private:
  const char* array(const char* at, const Value& element) {
    at = skip_space(at);
    if (*at == ']') return at + 1;
    while (true) {
      at = value(at, element);
      if (at == nullptr) return nullptr;
      if (*at != ',') at = skip_space(at);
      if (*at != ',') return *at == ']' ? at + 1 : nullptr;
      at = skip_space(at + 1);
    }
  }

  // What the type's name says comes first. Inline, as scalars are most of what is scanned.
  [[gnu::always_inline]] const char* value(const char* at, const Value& value) {
    switch (value.kind) {
      case TypeKind::bigint:
        if (*at != 'n') return json_scan::whole_number(at);
        break;
      case TypeKind::real:
        if (*at != 'n') return json_scan::number(at);
        break;
      case TypeKind::string:
      case TypeKind::date:
      case TypeKind::timestamp:
        if (*at == '"') return text(at + 1, value.kind);
        break;
      case TypeKind::structure:
        if (*at == '{') return object(at + 1, *value.members);
        break;
      case TypeKind::array:
        if (*at == '[') return array(at + 1, *value.element);
        break;
      default:
        break;
    }
    if (is_word(at, "null")) return at + 4;
    return value.kind == TypeKind::boolean || value.kind == TypeKind::string ? other(at, value.kind) : nullptr;
  }

  // A date or timestamp that is written with escapes is left to the parser.
  const char* text(const char* at, TypeKind kind) const {
    const char* const quote = json_scan::closing_quote(at, utf8_);
    if (quote == nullptr) return nullptr;
    if (kind == TypeKind::string) return quote + 1;
    const std::string_view content(at, static_cast<std::size_t>(quote - at));
    return (kind == TypeKind::date ? is_date(content) : is_timestamp(content)) ? quote + 1 : nullptr;
  }

  static const char* other(const char* at, TypeKind kind) {
    if (is_word(at, "true")) return at + 4;
    if (*at == 'f') return is_word(at + 1, "alse") ? at + 5 : nullptr;
    return kind == TypeKind::string ? json_scan::number(at) : nullptr;
  }

  json_scan::Utf8 utf8_;
};

}  // namespace

void LineShape::Members::set(std::string_view name, const Type& type) {
  const std::size_t number = keys.add(name);
  if (number == KeySequence::kNone) return;
  if (number == values.size()) values.emplace_back();
  values[number] = value_of(type);
}

LineShape::LineShape() : columns_(std::make_unique<Members>()) {}
LineShape::LineShape(LineShape&&) noexcept = default;
LineShape& LineShape::operator=(LineShape&&) noexcept = default;
LineShape::~LineShape() = default;

void LineShape::set(std::string_view name, const Type& type) { columns_->set(name, type); }

const char* LineShape::accept(const char* line, json_scan::Utf8 utf8) {
  const char* at = skip_space(line);
  if (*at != '{') return nullptr;
  at = Scan(utf8).object(at + 1, *columns_);
  if (at == nullptr) return nullptr;
  at = skip_space(at);
  return *at == '\n' ? at : nullptr;
}

}  // namespace stack::catalog
