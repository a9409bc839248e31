// Random types for property tests: nested up to three deep, members that differ in case alone among them.
#pragma once

#include <rapidcheck/gtest.h>

#include "catalog/hive_type.hpp"

namespace stack::catalog {

inline rc::Gen<Type> any_type(int depth) {
  auto scalar =
      rc::gen::oneOf(rc::gen::map(rc::gen::element(TypeKind::null, TypeKind::boolean, TypeKind::bigint, TypeKind::real,
                                                   TypeKind::date, TypeKind::timestamp, TypeKind::string),
                                  [](TypeKind kind) { return Type(kind); }),
                     rc::gen::element(decimal_type(18, 3), decimal_type(9, 2)));
  if (depth == 0) return scalar;
  auto nested = rc::gen::lazy([depth] { return any_type(depth - 1); });
  auto member =
      rc::gen::map(rc::gen::pair(rc::gen::element<std::string>("a", "A", "bid", "Bid", "a b", "x`:<,>|"), nested),
                   [](std::pair<std::string, Type> pair) {
                     return Field{std::move(pair.first), std::move(pair.second)};
                   });
  auto array = rc::gen::map(nested, [](Type element) { return array_of(std::move(element)); });
  auto structure = rc::gen::map(rc::gen::container<std::vector<Field>>(member),
                                [](std::vector<Field> fields) { return struct_of(std::move(fields)); });
  return rc::gen::oneOf(scalar, scalar, array, structure);
}

}  // namespace stack::catalog

namespace rc {
template <>
struct Arbitrary<stack::catalog::Type> {
  static Gen<stack::catalog::Type> arbitrary() { return stack::catalog::any_type(3); }
};
}  // namespace rc
