#include "catalog/line_shape.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/time.hpp"

namespace stack::catalog {
namespace {

// Integers of so many digits fit 64 bits.
constexpr std::ptrdiff_t kSafeDigits = 18;

bool digit(char c) { return c >= '0' && c <= '9'; }
const char* skip_digits(const char* at, const char* end) {
  while (at != end && digit(*at)) ++at;
  return at;
}

// A JSON number that begins at AT: its end and whether it is a bigint or a double; null for one that is neither, or
// that is long enough to be either.
struct Number {
  const char* end = nullptr;
  TypeKind kind = TypeKind::null;
};
Number scan_number(const char* at, const char* end) {
  if (at != end && *at == '-') ++at;
  const char* const first = at;
  at = skip_digits(at, end);
  if (at == first || at - first > kSafeDigits || (*first == '0' && at - first > 1)) return {};
  TypeKind kind = TypeKind::bigint;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    at = skip_digits(at, end);
    if (at == fraction) return {};
    kind = TypeKind::real;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    at = skip_digits(at, end);
    if (at == exponent || at - exponent > 2) return {};  // three digits may be out of a double's range
    kind = TypeKind::real;
  }
  return {at, kind};
}

// Characters that a plain string holds: ASCII without controls, quotes and backslashes.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

// The closing quote of the string whose content begins at AT; null unless it is plain.
const char* scan_string(const char* at, const char* end) {
  while (at != end && kPlain[static_cast<unsigned char>(*at)]) ++at;
  return at != end && *at == '"' ? at : nullptr;
}

bool begins_with(const char* at, const char* end, std::string_view word) {
  return static_cast<std::size_t>(end - at) >= word.size() && std::memcmp(at, word.data(), word.size()) == 0;
}

bool string_fits(TypeKind kind, std::string_view text, DateForm& dates) {
  switch (kind) {
    case TypeKind::string:
      return true;
    case TypeKind::date:
      return dates.is_date(text);
    case TypeKind::timestamp:
      return dates.is_timestamp(text);
    default:
      return false;
  }
}

// The end of the value at AT if a column of KIND holds it already, else null.
const char* scan_value(const char* at, const char* end, TypeKind kind, DateForm& dates) {
  if (at == end) return nullptr;
  if (*at == '"') {
    const char* const quote = scan_string(at + 1, end);
    if (quote == nullptr || !string_fits(kind, {at + 1, static_cast<std::size_t>(quote - at - 1)}, dates))
      return nullptr;
    return quote + 1;
  }
  if (digit(*at) || *at == '-') {
    const Number number = scan_number(at, end);
    const bool fits =
        number.kind == kind || kind == TypeKind::string || (kind == TypeKind::real && number.kind == TypeKind::bigint);
    return fits ? number.end : nullptr;
  }
  const bool takes_boolean = kind == TypeKind::boolean || kind == TypeKind::string;
  if (takes_boolean && begins_with(at, end, "true")) return at + 4;
  if (takes_boolean && begins_with(at, end, "false")) return at + 5;
  return begins_with(at, end, "null") ? at + 4 : nullptr;
}

// The type of the scalar at AT, or nothing for one that is not plain.
std::optional<TypeKind> kind_at(const char* at, const char* end, DateForm& dates) {
  if (at == end) return std::nullopt;
  if (*at == '"') {
    const char* const quote = scan_string(at + 1, end);
    if (quote == nullptr) return std::nullopt;
    return text_kind(dates, {at + 1, static_cast<std::size_t>(quote - at - 1)});
  }
  if (*at == 't' || *at == 'f') return TypeKind::boolean;
  if (*at == 'n') return TypeKind::null;
  const Number number = scan_number(at, end);
  if (number.end == nullptr) return std::nullopt;
  return number.kind;
}

const char* skip_space(const char* at, const char* end) {
  while (at != end && (*at == ' ' || *at == '\t' || *at == '\r')) ++at;
  return at;
}

// From AT over brackets, commas and keys to the next scalar of a line of valid JSON; END when there is none, null for a
// key or string that is not plain.
const char* next_scalar(const char* at, const char* end) {
  while (at != end) {
    if (*at == '"') {
      const char* const quote = scan_string(at + 1, end);
      if (quote == nullptr) return nullptr;
      const char* const after = skip_space(quote + 1, end);
      if (after == end || *after != ':') return at;
      at = after + 1;  // it was a key
    } else if (std::strchr(" \t\r{}[],", *at) != nullptr) {
      ++at;
    } else {
      return at;
    }
  }
  return end;
}

int two_digits(const char* at) { return digit(at[0]) && digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : 99; }

}  // namespace

bool DateForm::is_date(std::string_view text) {
  if (text.size() != 10) return false;
  if (last_.size() == 10 && std::memcmp(last_.data(), text.data(), 10) == 0) return true;
  if (!parse_date(text)) return false;
  last_ = text;
  return true;
}

bool DateForm::is_timestamp(std::string_view text) {
  if (text.size() < 19 || text.size() > 29 || text[10] != ' ' || text[13] != ':' || text[16] != ':') return false;
  const char* const at = text.data();
  if (two_digits(at + 11) > 23 || two_digits(at + 14) > 59 || two_digits(at + 17) > 59) return false;
  if (text.size() > 19) {
    const char* const end = at + text.size();
    if (at[19] != '.' || text.size() == 20 || skip_digits(at + 20, end) != end) return false;
  }
  return is_date(text.substr(0, 10));
}

std::optional<LineShape> LineShape::of(std::string_view line, DateForm& dates) {
  LineShape shape;
  const char* const end = line.data() + line.size();
  const char* at = line.data();
  while (true) {
    const char* const value = next_scalar(at, end);
    if (value == nullptr) return std::nullopt;
    if (value == end) break;
    const auto kind = kind_at(value, end, dates);
    if (!kind) return std::nullopt;
    const char* const value_end = scan_value(value, end, *kind, dates);
    if (value_end == nullptr) return std::nullopt;
    shape.slots_.push_back({std::string(at, value), *kind});
    at = value_end;
  }
  shape.after_.assign(at, end);
  return shape;
}

bool LineShape::accepts(std::string_view line, DateForm& dates) const {
  const char* at = line.data();
  const char* const end = at + line.size();
  for (const Slot& slot : slots_) {
    if (!begins_with(at, end, slot.before)) return false;
    at = scan_value(at + slot.before.size(), end, slot.kind, dates);
    if (at == nullptr) return false;
  }
  return static_cast<std::size_t>(end - at) == after_.size() && begins_with(at, end, after_);
}

bool LineShape::same_keys(const LineShape& other) const {
  return after_ == other.after_ && std::ranges::equal(slots_, other.slots_, {}, &Slot::before, &Slot::before);
}

void LineShape::widen(const LineShape& other) {
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].kind = join(slots_[i].kind, other.slots_[i].kind).kind;
}

}  // namespace stack::catalog
