#include "query/parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/duckdb_parameters.hpp"
#include "query/statements.hpp"
#include "small_lake.hpp"

namespace stack::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Parameter> parse(std::initializer_list<std::string_view> written) {
  std::vector<Parameter> out;
  for (const auto each : written) out.push_back(parse_parameter(each).value());
  return out;
}

TEST(ParametersTest, BecomeLiteralsByOneRule) {
  const std::pair<std::string_view, std::string_view> rules[] = {
      {"17", "17"},
      {"-1.5", "-1.5"},
      {"2e3", "2e3"},
      {"0", "0"},
      {"0.25", "0.25"},
      {"007", "'007'"},
      {"+1", "'+1'"},
      {"1.", "'1.'"},
      {"-", "'-'"},
      {"1e", "'1e'"},
      {"", "''"},
      {"HSI", "'HSI'"},
      {"it's", "'it''s'"},
      {"'0700'", "'0700'"},
      {"'it''s'", "'it''s'"},
      {"'a'b'", "'''a''b'''"},
      {"2021-05-28", "'2021-05-28'"},
      {"DATE '2021-05-28'", "DATE '2021-05-28'"},
      {"date'2021-05-28'", "DATE '2021-05-28'"},
      {"TIMESTAMP '2021-05-28 01:30:00'", "TIMESTAMP '2021-05-28 01:30:00.000000'"},
      {"DATE", "'DATE'"},
      {"null", "'null'"},
      {"1; DROP TABLE t", "'1; DROP TABLE t'"}};
  for (const auto& [written, literal] : rules) EXPECT_EQ(sql_literal(parse_parameter(written).value()), literal);
  for (const char* wrong : {"DATE '2021-02-30'", "TIMESTAMP 'noon'"})
    EXPECT_EQ(parse_parameter(wrong).error().kind, ErrorKind::usage) << wrong;
}

TEST(ParametersTest, StandForMarksOutsideQuotesAndComments) {
  const std::vector<std::string> two{"-1", "'a?'"};
  EXPECT_EQ(with_literals("SELECT '?', \"?\", ? -- ?\n, /* ? */ ?, $$?$$", two),
            "SELECT '?', \"?\", (-1) -- ?\n, /* ? */ ('a?'), $$?$$");
  EXPECT_EQ(with_literals("SELECT 5-?, ?", two), "SELECT 5-(-1), ('a?')");
  EXPECT_EQ(with_literals("SELECT $2, ?1, a$1", two), "SELECT ('a?'), (-1), a$1");
  EXPECT_EQ(with_literals("SELECT 1 -- ?\r, ?, ?", two), "SELECT 1 -- ?\r, (-1), ('a?')");
  for (const char* doubtful : {"SELECT ?", "SELECT ?, ?, ?", "SELECT ?, $1", "SELECT $name, ?", "SELECT ?0, ?1",
                               "SELECT $3", "SELECT ?99999999999999999999"})
    EXPECT_EQ(with_literals(doubtful, two), std::nullopt) << doubtful;
}

TEST(ParametersTest, AreLiteralsOfTheTypesThatAreBound) {
  EXPECT_THAT(duckdb_literals(parse({"-17", "1.50", "12345678901234567890", "2e3", "it's", "DATE '2021-05-28'"})),
              ElementsAre("CAST('-17' AS BIGINT)", "CAST('1.50' AS DECIMAL(3, 2))",
                          "CAST('12345678901234567890' AS DECIMAL(20, 0))", "CAST('2e3' AS DOUBLE)",
                          "CAST('it''s' AS VARCHAR)", "DATE '2021-05-28'"));
}

class BoundParametersTest : public SmallLake {
 protected:
  std::string one(std::string_view sql, const std::vector<Parameter>& parameters) {
    auto result = engine().run(sql, parameters);
    if (!result) return result.error().message;
    auto batch = (*result)->next();
    return batch && *batch && (*batch)->rows() > 0 ? std::string((*batch)->value(0, 0).value_or("NULL")) : "nothing";
  }
};

TEST_F(BoundParametersTest, KeepTheirTypes) {
  EXPECT_EQ(one("SELECT typeof(?)", parse({"17"})), "BIGINT");
  EXPECT_EQ(one("SELECT ?", parse({"-1.50"})), "-1.50");
  EXPECT_EQ(one("SELECT ?", parse({"12345678901234567890.5"})), "12345678901234567890.5");
  EXPECT_EQ(one("SELECT typeof(?)", parse({"2e3"})), "DOUBLE");
  EXPECT_EQ(one("SELECT typeof(?)", parse({"DATE '2021-05-28'"})), "DATE");
  EXPECT_EQ(one("SELECT ? - INTERVAL '1' HOUR", parse({"TIMESTAMP '2021-05-28 01:30:00'"})), "2021-05-28 00:30:00");
  EXPECT_EQ(one("SELECT ? || '!'", parse({"it's"})), "it's!");
}

TEST_F(BoundParametersTest, ChooseRowsAndPartitions) {
  write("t/dt=2021-05/0.ndjson", "{\"name\":\"a\",\"n\":1}\n{\"name\":\"b\",\"n\":2}\n");
  write("t/dt=2021-06/0.ndjson", "{\"name\":\"c\",\"n\":3}\n");
  crawl();
  EXPECT_EQ(one("SELECT name FROM t WHERE n > ? AND dt = ?", parse({"1", "2021-05"})), "b");
  EXPECT_EQ(one("SELECT name FROM t WHERE n > ? AND dt = ?", parse({"1", "2021-06"})), "c");
}

// On a lake that is not here, only the partitions are there that the values were found to leave.
TEST_F(BoundParametersTest, NeverLosePartitions) {
  write("t/dt=2021-05/0.ndjson", "{\"name\":\"a\",\"n\":1}\n{\"name\":\"b\",\"n\":9}\n");
  write("t/dt=2021-06/0.ndjson", "{\"name\":\"c\",\"n\":3}\n");
  crawl();
  const std::string names = "SELECT string_agg(name, '' ORDER BY name) FROM t WHERE ";
  EXPECT_EQ(one(names + "dt = '2021-05' AND n > 5-? OR dt = '2021-06'", parse({"-1"})), "bc");
  EXPECT_EQ(one(names + "dt = '2021-05' AND n > 5 -- ?\r - ? OR dt = '2021-06'", parse({"-1"})), "bc");
  EXPECT_EQ(one(names + "dt = $1 OR n = $2 OR dt = $1", parse({"2021-05", "3"})), "abc");
  EXPECT_EQ(one(names + "dt = ?2 AND n > ?1", parse({"1", "2021-06"})), "c");
  EXPECT_EQ(one(names + "dt = ? OR dt = '2021-06' AND typeof(?) = 'BIGINT'", parse({"2021-05", "1"})), "abc");
  EXPECT_EQ(one(names + "n >= ? LIMIT ?", parse({"2", "5"})), "bc");
  EXPECT_EQ(one(names + "DATE '2021-05-30' + INTERVAL (?) DAY > DATE '2021-06-01'", parse({"3"})), "abc");
}

TEST_F(BoundParametersTest, MustBeAsManyAsTheMarks) {
  for (const auto& parameters : {parse({}), parse({"1"}), parse({"1", "2", "3"})}) {
    const auto result = engine().run("SELECT ? + ?", parameters);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::query);
    EXPECT_THAT(result.error().message, HasSubstr("--param"));
  }
  EXPECT_EQ(engine().run("SELECT 1", parse({"1"})).error().kind, ErrorKind::query);
}

}  // namespace
}  // namespace stack::query
