#include "catalog/hive_type.hpp"

#include <gtest/gtest.h>

#include "any_type.hpp"

namespace stack::catalog {
namespace {

Type type(std::string_view text) { return parse_type(text).value(); }
std::string joined(std::string_view a, std::string_view b) { return hive_name(join(type(a), type(b))); }

TEST(HiveType, IntegersWidenToDoubleAndThenToString) {
  EXPECT_EQ(joined("bigint", "bigint"), "bigint");
  EXPECT_EQ(joined("bigint", "double"), "double");
  EXPECT_EQ(joined("double", "string"), "string");
  EXPECT_EQ(joined("bigint", "string"), "string");
}

TEST(HiveType, DatesTimestampsAndBooleansMeetOthersAsString) {
  EXPECT_EQ(joined("date", "date"), "date");
  EXPECT_EQ(joined("date", "timestamp"), "string");
  EXPECT_EQ(joined("timestamp", "bigint"), "string");
  EXPECT_EQ(joined("boolean", "bigint"), "string");
}

TEST(HiveType, NullJoinsAnything) {
  EXPECT_EQ(joined("void", "array<date>"), "array<date>");
  EXPECT_EQ(joined("array<void>", "array<bigint>"), "array<bigint>");
  EXPECT_EQ(hive_name(settled(type("struct<a:void,b:array<void>>"))), "struct<a:string,b:array<string>>");
}

TEST(HiveType, DecimalsOfOneSizeStayOthersBecomeDouble) {
  EXPECT_EQ(joined("decimal(18,3)", "decimal(18,3)"), "decimal(18,3)");
  EXPECT_EQ(joined("decimal(18,3)", "decimal(9,2)"), "double");
  EXPECT_EQ(joined("decimal(18,3)", "bigint"), "double");
}

TEST(HiveType, StructsJoinByMemberAndArraysByElement) {
  EXPECT_EQ(joined("struct<bid:bigint>", "struct<ask:double,bid:double>"), "struct<ask:double,bid:double>");
  EXPECT_EQ(joined("array<bigint>", "array<string>"), "array<string>");
  EXPECT_EQ(joined("array<bigint>", "bigint"), "string");
  EXPECT_EQ(joined("struct<a:bigint>", "array<bigint>"), "string");
}

TEST(HiveType, MembersThatDifferInCaseAreOne) {
  const Type joined = join(type("struct<bid:bigint>"), type("struct<Bid:double>"));
  EXPECT_EQ(spelled_name(joined), "struct<Bid|bid:double>");
  EXPECT_EQ(hive_name(joined), "struct<bid:double>");
  EXPECT_TRUE(has_spellings(array_of(joined)));
  EXPECT_FALSE(has_spellings(type("array<struct<Bid:bigint>>")));
  EXPECT_EQ(hive_name(type("struct<Bid:bigint>")), "struct<bid:bigint>");
}

TEST(HiveType, MemberNamesWithTheSyntaxsOwnCharactersSurvive) {
  const Type odd = struct_of({{"a:b,<c>`", TypeKind::bigint}, {"", TypeKind::date}});
  EXPECT_EQ(parse_type(spelled_name(odd)), odd);
}

TEST(HiveType, WhatIsNotATypeIsRefused) {
  for (const char* text : {"", "int", "array<bigint", "array<>", "struct<a>", "bigint ", "struct<a:bigint,>", "dates",
                           "decimal(1)", "decimal(300,2)"})
    EXPECT_FALSE(parse_type(text)) << text;
}

TEST(HiveType, DuckdbNames) {
  EXPECT_EQ(duckdb_name(type("array<struct<Bid Size:double,t:timestamp>>")),
            R"(STRUCT("Bid Size" DOUBLE, "t" TIMESTAMP)[])");
  EXPECT_EQ(duckdb_name(type("decimal(18,3)")), "DECIMAL(18,3)");
}

RC_GTEST_PROP(HiveTypeProperty, JoinIsCommutative, (const Type& a, const Type& b)) {
  RC_ASSERT(join(a, b) == join(b, a));
}

RC_GTEST_PROP(HiveTypeProperty, JoinIsAssociative, (const Type& a, const Type& b, const Type& c)) {
  RC_ASSERT(join(join(a, b), c) == join(a, join(b, c)));
}

RC_GTEST_PROP(HiveTypeProperty, JoinIsIdempotentAndAbsorbing, (const Type& a, const Type& b)) {
  RC_ASSERT(join(a, a) == a);
  RC_ASSERT(join(join(a, b), b) == join(a, b));
}

RC_GTEST_PROP(HiveTypeProperty, NullIsTheBottom, (const Type& a)) { RC_ASSERT(join(a, TypeKind::null) == a); }

RC_GTEST_PROP(HiveTypeProperty, NamesReadBackAsTheType, (const Type& a)) {
  RC_ASSERT(parse_type(spelled_name(a)) == std::optional(a));
}

}  // namespace
}  // namespace stack::catalog
