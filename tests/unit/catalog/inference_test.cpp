#include "catalog/inference.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace stack::catalog {
namespace {

using ::testing::ElementsAre;

FileSchema inferred(std::string_view text) {
  NdjsonInference inference;
  inference.add_lines(text);
  return inference.finish();
}

// "name:type" of each column.
std::vector<std::string> columns(std::string_view text) {
  std::vector<std::string> out;
  for (const SchemaColumn& column : inferred(text).columns) out.push_back(column.name + ":" + hive_name(column.type));
  return out;
}

TEST(Inference, ATick) {
  EXPECT_THAT(
      columns(R"({"symbol":"HSI","session_date":"2021-05-28","event_time":"2021-05-28 01:30:00.004512","seq":17,)"
              R"("price":29113.2,"size":1200})"),
      ElementsAre("symbol:string", "session_date:date", "event_time:timestamp", "seq:bigint", "price:double",
                  "size:bigint"));
}

TEST(Inference, WhatEachValueIs) {
  const auto one = [](std::string_view value) { return columns(fmt::format("{{\"v\":{}}}\n", value)).at(0).substr(2); };
  EXPECT_EQ(one("1"), "bigint");
  EXPECT_EQ(one("-9223372036854775808"), "bigint");
  EXPECT_EQ(one("9223372036854775808"), "double");
  EXPECT_EQ(one("123456789012345678901234567890"), "double");
  EXPECT_EQ(one("1.0"), "double");
  EXPECT_EQ(one("1e3"), "double");
  EXPECT_EQ(one("true"), "boolean");
  EXPECT_EQ(one("null"), "void");
  EXPECT_EQ(one("\"2021-02-28\""), "date");
  EXPECT_EQ(one("\"2021-02-29\""), "string");
  EXPECT_EQ(one("\"2021-02-28 23:59:59\""), "timestamp");
  EXPECT_EQ(one("\"2021-02-28 23:59:59.123456789\""), "timestamp");
  EXPECT_EQ(one("\"2021-02-28 24:00:00\""), "string");
  EXPECT_EQ(one("\"2021-02-28 23:59:59.\""), "string");
  EXPECT_EQ(one("\"2021-02-28T23:59:59\""), "string");  // Hive's SerDe does not take it for a timestamp
  EXPECT_EQ(one("\"\""), "string");
  EXPECT_EQ(one("\"\\u00e9\""), "string");
  EXPECT_EQ(one("[1,2.5,null]"), "array<double>");
  EXPECT_EQ(one("[]"), "array<void>");
  EXPECT_EQ(one(R"({"bid":1,"ask":[{"p":1},{"q":"x"}]})"), "struct<ask:array<struct<p:bigint,q:string>>,bid:bigint>");
}

TEST(Inference, TypesWidenFromLineToLine) {
  EXPECT_THAT(columns("{\"a\":1,\"b\":\"2021-05-28\"}\n{\"a\":2.5,\"b\":null}\n{\"a\":null,\"b\":\"x\"}\n"),
              ElementsAre("a:double", "b:string"));
}

TEST(Inference, ColumnsStandInTheOrderOfTheirFirstAppearance) {
  EXPECT_THAT(columns("{\"z\":1}\n{\"a\":1,\"z\":1}\n{\"m\":1}\n"), ElementsAre("z:bigint", "a:bigint", "m:bigint"));
}

TEST(Inference, LinesThatAreNotObjectsAreCounted) {
  const FileSchema schema = inferred("{\"a\":1}\nnot json\n\n[1]\n{\"a\":01}\n{\"a\":2,}\n{\"a\":1} x\n   \n{\"a\":3}");
  EXPECT_EQ(schema.malformed_lines, 5U);
  EXPECT_EQ(schema.rows, 7U);
}

TEST(Inference, CarriageReturnsAndBlanksAreNoMatter) {
  const FileSchema schema = inferred("{ \"a\" : 1 , \"b\" : \"x\" }\r\n{ \"a\" : 2 , \"b\" : \"y\" }\r\n");
  EXPECT_EQ(schema.malformed_lines, 0U);
  EXPECT_EQ(schema.rows, 2U);
  EXPECT_EQ(schema.columns.size(), 2U);
}

// Columns and members come, go and change places, and arrays have any length.
TEST(Inference, LinesMayDifferInTheirKeys) {
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += fmt::format("{{\"id\":{}", i);
    for (int column = i % 3; column < 30; column += 1 + i % 4) text += fmt::format(",\"c{}\":{}", column, i);
    text += i % 2 == 0 ? ",\"x\":[1,2],\"y\":{\"p\":1}}\n" : ",\"y\":{\"q\":[],\"p\":2},\"x\":[]}\n";
  }
  const FileSchema schema = inferred(text);
  EXPECT_EQ(schema.columns.size(), 33U);
  EXPECT_EQ(schema.rows, 200U);
  EXPECT_EQ(schema.malformed_lines, 0U);
  for (const SchemaColumn& column : schema.columns) {
    const std::string expected = column.name == "x"   ? "array<bigint>"
                                 : column.name == "y" ? "struct<p:bigint,q:array<void>>"
                                                      : "bigint";
    EXPECT_EQ(hive_name(column.type), expected) << column.name;
  }
}

TEST(Inference, StartsAfreshAfterAFile) {
  NdjsonInference inference;
  inference.add_lines("{\"a\":1.5}\n{\"a\":1.5}\n");
  (void)inference.finish();
  inference.add_lines("{\"a\":1}\n{\"a\":2}\n");
  EXPECT_EQ(hive_name(inference.finish().columns.at(0).type), "bigint");
}

// Lines as programs write them, now and then with other types, more keys or escapes.
std::string any_line() {
  const auto value = *rc::gen::element<std::string>(
      "1", "-17", "0", "-0", "2.5", "1e5", "1E+5", "-0.001", "1e400", "null", "true", "false", "\"x\"",
      "\"2021-05-28\"", "\"2021-02-30\"", "\"2021-05-28 01:30:00.004512\"", "\"2021\\u002d05-28\"", "\"a\\\"b\"",
      "\"\\u00e9\"", "\"é\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\x\"", "\"\\u12g4\"", "\"a\tb\"", "\"€ 😀\"",
      "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "[1]", "[]",
      "[1,\"x\",{}]", "[[],[1]]", "[1,]", "[1 2]", "[{\"p\":1},{\"p\":2.5,\"P\":null}]", "{}", "{\"q\":1}",
      "{\"q\":1,\"q\":\"x\"}", "{\"Q\":true,\"r\":[]}", "{\"q\":\"2021-05-28\",\"r\":[true,null]}",
      "{\"q\": [ 2.5 , null ]}", "{\"q\" 1}", "{\"q\":1,}", "18446744073709551616", "01", "1.", "-", "\"open", "nul");
  const auto other = *rc::gen::element<std::string>("1", "2.5", "\"2021-05-28\"", "null", "\"y\"");
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      return fmt::format("{{\"a\": {}, \"b\": {}}}", value, other);
    case 1:
      return fmt::format("{{\"b\":{},\"a\":{}}}", other, value);
    case 2:
      return fmt::format("{{\"a\":{}}}", value);
    case 3:
      return fmt::format(" {{ \"k\\u00e9y\" : {} ,\t\"a\\\\b\":1, \"c\" : {} }} \r", other, value);
    case 4:
      return fmt::format("{{\"a\":{},\"b\":{},\"c\":{}}}{}", other, value, other, *rc::gen::element("", " ", "x", "}"));
    default:
      return fmt::format("{{\"a\":{},\"b\":{}}}", value, other);
  }
}

// What is known of a file only saves time: a text has the schema that its lines have one by one.
RC_GTEST_PROP(InferenceProperty, IsTheJoinOfItsLines, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 40);
  std::string text;
  std::map<std::string, Type> expected;
  std::uint64_t malformed = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string line = any_line();
    text += line + '\n';
    const FileSchema alone = inferred(line);
    malformed += alone.malformed_lines;
    for (const SchemaColumn& column : alone.columns) {
      Type& type = expected[column.name];
      type = join(type, column.type);
    }
  }
  const FileSchema whole = inferred(text);
  RC_ASSERT(whole.rows == count);
  RC_ASSERT(whole.malformed_lines == malformed);
  RC_ASSERT(whole.columns.size() == expected.size());
  for (const SchemaColumn& column : whole.columns) RC_ASSERT(column.type == expected[column.name]);
}

}  // namespace
}  // namespace stack::catalog
