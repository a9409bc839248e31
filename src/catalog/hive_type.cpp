#include "catalog/hive_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace stack::catalog {
namespace {

// A and B name one member in different cases.
void add_spellings(Field& a, const Field& b) {
  std::set<std::string> all(a.other_spellings.begin(), a.other_spellings.end());
  all.insert(b.other_spellings.begin(), b.other_spellings.end());
  all.insert({a.name, b.name});
  a.name = *all.begin();
  a.other_spellings.assign(std::next(all.begin()), all.end());
}

Type join_structs(const Type& a, const Type& b) {
  std::vector<Field> members = a.fields;
  members.insert(members.end(), b.fields.begin(), b.fields.end());
  return struct_of(std::move(members));
}

// How a type is written; the flavours differ in the names of scalars and the form of nested types.
std::string scalar_name(const Type& type) {
  switch (type.kind) {
    case TypeKind::null:
      return "void";
    case TypeKind::boolean:
      return "boolean";
    case TypeKind::bigint:
      return "bigint";
    case TypeKind::real:
      return "double";
    case TypeKind::decimal:
      return fmt::format("decimal({},{})", type.precision, type.scale);
    case TypeKind::date:
      return "date";
    case TypeKind::timestamp:
      return "timestamp";
    default:
      return "string";
  }
}

// A member name that holds the syntax's own characters is written between backquotes.
bool plain_name(std::string_view name) {
  return !name.empty() && name.find_first_of("<>:,|`") == std::string_view::npos;
}

std::string quoted_member(const std::string& name) {
  if (plain_name(name)) return name;
  std::string out = "`";
  for (const char c : name) out.append(c == '`' ? 2 : 1, c);
  return out + "`";
}

std::string spellings(const Field& field) {
  std::string out = quoted_member(field.name);
  for (const std::string& other : field.other_spellings) out += '|' + quoted_member(other);
  return out;
}

std::string written(const Type& type, bool as_spelled) {
  if (type.scalar()) return scalar_name(type);
  if (type.kind == TypeKind::array) return fmt::format("array<{}>", written(type.fields.front().type, as_spelled));
  std::string out = "struct<";
  for (const Field& field : type.fields) {
    if (out.back() != '<') out += ',';
    out += as_spelled ? spellings(field) : quoted_member(lower_case(field.name));
    out += ':' + written(field.type, as_spelled);
  }
  return out + '>';
}

// Recursive descent over the form that written() makes.
class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : text_(text) {}

  std::optional<Type> whole() {
    auto type = parse();
    if (!type || !text_.empty()) return std::nullopt;
    return type;
  }

 private:
  bool take(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }

  std::optional<std::string> name() {
    std::string out;
    if (!take("`")) {
      const std::size_t end = text_.find_first_of(":|");
      if (end == 0 || end == std::string_view::npos) return std::nullopt;
      out = text_.substr(0, end);
      text_.remove_prefix(end);
      return out;
    }
    while (!text_.empty()) {
      if (text_.front() == '`' && !text_.starts_with("``")) {
        text_.remove_prefix(1);
        return out;
      }
      out += text_.front();
      text_.remove_prefix(text_.front() == '`' ? 2 : 1);
    }
    return std::nullopt;
  }

  std::optional<Type> parse() {
    if (take("array<")) {
      auto element = parse();
      if (!element || !take(">")) return std::nullopt;
      return array_of(*std::move(element));
    }
    if (take("struct<")) return members();
    if (take("decimal(")) return decimal();
    for (const TypeKind kind : {TypeKind::null, TypeKind::boolean, TypeKind::bigint, TypeKind::real, TypeKind::date,
                                TypeKind::timestamp, TypeKind::string}) {
      const std::string token = scalar_name(kind);
      const char after = text_.size() > token.size() ? text_[token.size()] : '\0';
      if ((after < 'a' || after > 'z') && take(token)) return Type(kind);
    }
    return std::nullopt;
  }

  std::optional<Type> members() {
    std::vector<Field> fields;
    while (!take(">")) {
      if (!fields.empty() && !take(",")) return std::nullopt;
      std::vector<std::string> spellings;
      do {
        auto spelling = name();
        if (!spelling) return std::nullopt;
        spellings.push_back(*std::move(spelling));
      } while (take("|"));
      if (!take(":")) return std::nullopt;
      const auto type = parse();
      if (!type) return std::nullopt;
      for (std::string& spelling : spellings) fields.push_back({std::move(spelling), *type});
    }
    return struct_of(std::move(fields));
  }

  std::optional<Type> decimal() {
    std::uint8_t precision = 0;
    std::uint8_t scale = 0;
    if (!number(precision) || !take(",") || !number(scale) || !take(")")) return std::nullopt;
    return decimal_type(precision, scale);
  }

  bool number(std::uint8_t& value) {
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc{}) return false;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return true;
  }

  std::string_view text_;
};

}  // namespace

// Here and not in the class: a vector of Field is whole only once Field is.
Type::Type() = default;
Type::Type(TypeKind k) : kind(k) {}

Type decimal_type(std::uint8_t precision, std::uint8_t scale) {
  Type type(TypeKind::decimal);
  type.precision = precision;
  type.scale = scale;
  return type;
}

Type array_of(Type element) {
  Type type(TypeKind::array);
  type.fields.push_back({"", std::move(element)});
  return type;
}

Type struct_of(std::vector<Field> members) {
  Type type(TypeKind::structure);
  std::stable_sort(members.begin(), members.end(),
                   [](const Field& a, const Field& b) { return lower_case(a.name) < lower_case(b.name); });
  for (Field& member : members) {
    if (type.fields.empty() || lower_case(type.fields.back().name) != lower_case(member.name)) {
      type.fields.push_back(std::move(member));
      continue;
    }
    Field& same = type.fields.back();
    add_spellings(same, member);
    same.type = join(same.type, member.type);
  }
  return type;
}

Type join(const Type& a, const Type& b) {
  if (a == b || b.kind == TypeKind::null) return a;
  if (a.kind == TypeKind::null) return b;
  const auto numeric = [](const Type& type) {
    return type.kind == TypeKind::bigint || type.kind == TypeKind::real || type.kind == TypeKind::decimal;
  };
  if (numeric(a) && numeric(b)) return TypeKind::real;
  if (a.kind == TypeKind::array && b.kind == TypeKind::array)
    return array_of(join(a.fields.front().type, b.fields.front().type));
  if (a.kind == TypeKind::structure && b.kind == TypeKind::structure) return join_structs(a, b);
  return TypeKind::string;
}

Type settled(const Type& type) {
  if (type.kind == TypeKind::null) return TypeKind::string;
  Type out = type;
  for (Field& field : out.fields) field.type = settled(field.type);
  // Neither Hive nor DuckDB knows a struct without members.
  if (out.kind == TypeKind::structure && out.fields.empty()) return TypeKind::string;
  return out;
}

std::string hive_name(const Type& type) { return written(type, false); }
std::string spelled_name(const Type& type) { return written(type, true); }
std::optional<Type> parse_type(std::string_view text) { return TypeParser(text).whole(); }

bool has_spellings(const Type& type) {
  return std::ranges::any_of(
      type.fields, [](const Field& field) { return !field.other_spellings.empty() || has_spellings(field.type); });
}

std::string duckdb_name(const Type& type) {
  switch (type.kind) {
    case TypeKind::boolean:
      return "BOOLEAN";
    case TypeKind::bigint:
      return "BIGINT";
    case TypeKind::real:
      return "DOUBLE";
    case TypeKind::decimal:
      return fmt::format("DECIMAL({},{})", type.precision, type.scale);
    case TypeKind::date:
      return "DATE";
    case TypeKind::timestamp:
      return "TIMESTAMP";
    case TypeKind::array:
      return duckdb_name(type.fields.front().type) + "[]";
    case TypeKind::structure: {
      std::string out = "STRUCT(";
      for (const Field& field : type.fields) {
        if (out.back() != '(') out += ", ";
        out += '"';
        for (const char c : field.name) out.append(c == '"' ? 2 : 1, c);
        out += "\" " + duckdb_name(field.type);
      }
      return out + ')';
    }
    default:
      return "VARCHAR";
  }
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace stack::catalog
