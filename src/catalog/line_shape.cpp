#include "catalog/line_shape.hpp"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "catalog/json_scan.hpp"

namespace stack::catalog {
namespace {

struct Value {
  TypeKind kind = TypeKind::null;
  std::unique_ptr<Value> element;               // of an array
  std::unique_ptr<LineShape::Members> members;  // of a structure
};

struct Member {
  std::string key;  // in its quotes
  Value value;
  std::size_t next = 0;  // the member that came after it the last time
};

// Keys are compared as they stand in the text, so one that can only be written with escapes is never known.
bool stands_for_itself(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return json_scan::plain(c) || (c & '\x80') != 0; });
}

}  // namespace

struct LineShape::Members {
  std::vector<Member> all;
  std::unordered_map<std::string, std::size_t> index;  // by name
  std::string sought;                                  // kept for its memory
  std::size_t first = 0;                               // the member that came first the last time

  void set(std::string_view name, const Type& type);
  [[nodiscard]] static std::size_t none() { return SIZE_MAX; }
  // The member whose key stands AT.
  [[nodiscard]] std::size_t find(const char* at, const char* end);
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

// One walk along a line. Every function returns the place behind what it read, or null.
class Scan {
 public:
  Scan(const char* end, DateForm& dates) : end_(end), dates_(dates) {}

  const char* object(const char* at, LineShape::Members& members) {
    at = space(at + 1);
    if (at != end_ && *at == '}') return at + 1;
    std::size_t before = members.none();
    while (true) {
      const std::size_t member = key(at, members, before);
      if (member == members.none()) return nullptr;
      before = member;
      at = space(at);
      if (at == end_ || *at != ':') return nullptr;
      at = value(space(at + 1), members.all[member].value);
      if (at == nullptr) return nullptr;
      at = space(at);
      if (at == end_) return nullptr;
      if (*at == '}') return at + 1;
      if (*at != ',') return nullptr;
      at = space(at + 1);
    }
  }

  [[nodiscard]] const char* space(const char* at) const { return json_scan::skip_space(at, end_); }

 private:
  // The member whose key stands AT, which is then behind it; BEFORE came before it.
  std::size_t key(const char*& at, LineShape::Members& members, std::size_t before) const {
    // Where keys are missing, the one that is there is not far behind.
    constexpr std::size_t kNear = 4;
    std::size_t& expected = before == members.none() ? members.first : members.all[before].next;
    const auto stands_here = [&](std::size_t member) {
      if (member >= members.all.size()) return false;
      const std::string& key = members.all[member].key;
      if (static_cast<std::size_t>(end_ - at) < key.size() || !json_scan::same(at, key)) return false;
      at += key.size();
      return true;
    };
    if (stands_here(expected)) return expected;
    const std::size_t near = before == members.none() ? 0 : before + 1;
    for (std::size_t member = near; member < near + kNear; ++member) {
      if (stands_here(member)) return expected = member;
    }
    const std::size_t member = members.find(at, end_);
    if (member == members.none()) return member;
    at += members.all[member].key.size();
    return expected = member;
  }

  const char* value(const char* at, Value& value) {
    if (at == end_) return nullptr;
    switch (*at) {
      case '"':
        return text(at + 1, value.kind);
      case '{':
        return value.kind == TypeKind::structure ? object(at, *value.members) : nullptr;
      case '[':
        return value.kind == TypeKind::array ? array(at, *value.element) : nullptr;
      case 'n':
        return json_scan::begins_with(at, end_, "null") ? at + 4 : nullptr;
      case 't':
        return takes_booleans(value.kind) && json_scan::begins_with(at, end_, "true") ? at + 4 : nullptr;
      case 'f':
        return takes_booleans(value.kind) && json_scan::begins_with(at, end_, "false") ? at + 5 : nullptr;
      default:
        return number(at, value.kind);
    }
  }

  const char* array(const char* at, Value& element) {
    at = space(at + 1);
    if (at != end_ && *at == ']') return at + 1;
    while (true) {
      at = value(at, element);
      if (at == nullptr) return nullptr;
      at = space(at);
      if (at == end_) return nullptr;
      if (*at == ']') return at + 1;
      if (*at != ',') return nullptr;
      at = space(at + 1);
    }
  }

  // A date or timestamp that is written with escapes is left to the parser.
  const char* text(const char* at, TypeKind kind) {
    const char* const quote = json_scan::closing_quote(at, end_);
    if (quote == nullptr) return nullptr;
    const std::string_view content(at, static_cast<std::size_t>(quote - at));
    const bool fits = kind == TypeKind::string || (kind == TypeKind::date && dates_.is_date(content)) ||
                      (kind == TypeKind::timestamp && dates_.is_timestamp(content));
    return fits ? quote + 1 : nullptr;
  }

  [[nodiscard]] const char* number(const char* at, TypeKind kind) const {
    if (kind != TypeKind::bigint && kind != TypeKind::real && kind != TypeKind::string) return nullptr;
    const json_scan::Number number = json_scan::number(at, end_);
    return kind == TypeKind::bigint && !number.whole ? nullptr : number.end;
  }

  static bool takes_booleans(TypeKind kind) { return kind == TypeKind::boolean || kind == TypeKind::string; }

  const char* end_;
  DateForm& dates_;
};

}  // namespace

void LineShape::Members::set(std::string_view name, const Type& type) {
  if (!stands_for_itself(name)) return;
  const auto [entry, added] = index.try_emplace(std::string(name), all.size());
  if (added) {
    std::string key = "\"";
    key.append(name).append("\"");
    all.push_back({std::move(key), {}, all.size() + 1});
  }
  all[entry->second].value = value_of(type);
}

std::size_t LineShape::Members::find(const char* at, const char* end) {
  if (at == end || *at != '"') return none();
  const void* const quote = std::memchr(at + 1, '"', static_cast<std::size_t>(end - at - 1));
  if (quote == nullptr) return none();
  sought.assign(at + 1, static_cast<const char*>(quote));
  const auto known = index.find(sought);
  return known == index.end() ? none() : known->second;
}

LineShape::LineShape() : columns_(std::make_unique<Members>()) {}
LineShape::LineShape(LineShape&&) noexcept = default;
LineShape& LineShape::operator=(LineShape&&) noexcept = default;
LineShape::~LineShape() = default;

void LineShape::set(std::string_view name, const Type& type) { columns_->set(name, type); }

bool LineShape::accepts(std::string_view line, DateForm& dates) {
  const char* const end = line.data() + line.size();
  Scan scan(end, dates);
  const char* at = scan.space(line.data());
  if (at == end || *at != '{') return false;
  at = scan.object(at, *columns_);
  return at != nullptr && scan.space(at) == end;
}

}  // namespace stack::catalog
