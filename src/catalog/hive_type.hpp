// Column types as Hive, Glue and Athena name them, and the lattice on which differing types meet:
//   null -> anything;  bigint -> double -> string;  decimal -> double;  boolean, date, timestamp -> string;
//   arrays by element, structs by member; an array or struct with anything else -> string.
// join() is commutative, associative and idempotent, so the order in which files are read does not matter.
// Thread-safety: values. Failure: parsing returns std::nullopt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stack::catalog {

enum class TypeKind : std::uint8_t {
  null,  // no value was seen yet
  boolean,
  bigint,
  real,  // Hive's double
  decimal,
  date,
  timestamp,
  string,
  array,
  structure
};

struct Field;

struct Type {
  TypeKind kind = TypeKind::null;
  std::uint8_t precision = 0;  // of a decimal
  std::uint8_t scale = 0;
  std::vector<Field> fields;  // members of a structure by lower-case name; of an array its one element

  Type();
  Type(TypeKind k);  // NOLINT(google-explicit-constructor): TypeKind::bigint is a type as it stands
  [[nodiscard]] bool scalar() const { return kind != TypeKind::array && kind != TypeKind::structure; }
  friend bool operator==(const Type&, const Type&);
};

// A member, under the name that the files spell. Hive and Athena do not tell "Bid" from "bid", DuckDB does: of several
// spellings the one that sorts first names the member, and the others are kept beside it.
struct Field {
  std::string name;
  Type type;
  std::vector<std::string> other_spellings{};
  friend bool operator==(const Field&, const Field&) = default;
};
inline bool operator==(const Type& a, const Type& b) {
  return a.kind == b.kind && a.precision == b.precision && a.scale == b.scale && a.fields == b.fields;
}

[[nodiscard]] Type decimal_type(std::uint8_t precision, std::uint8_t scale);
[[nodiscard]] Type array_of(Type element);
// Members in any order; members that differ in case alone are joined.
[[nodiscard]] Type struct_of(std::vector<Field> members);

// The narrowest type that holds the values of both.
[[nodiscard]] Type join(const Type& a, const Type& b);
// The type with null, where no value was ever seen, made string.
[[nodiscard]] Type settled(const Type& type);

// "bigint", "double", "array<struct<bid:double>>"; member names in lower case. null is "void".
[[nodiscard]] std::string hive_name(const Type& type);
// The same with member names as the files spell them, "struct<Bid|bid:double>": what parse_type() turns back into the
// same type.
[[nodiscard]] std::string spelled_name(const Type& type);
[[nodiscard]] std::optional<Type> parse_type(std::string_view text);

// Whether some member in it, at any depth, has several spellings.
[[nodiscard]] bool has_spellings(const Type& type);

// DuckDB's name of the type, e.g. VARCHAR, STRUCT("Bid" DOUBLE)[]. null is VARCHAR.
[[nodiscard]] std::string duckdb_name(const Type& type);

// ASCII lower case: how Hive compares names.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace stack::catalog
