// Every type that DuckDB has, against DuckDB's own CAST to VARCHAR.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "small_lake.hpp"

namespace stack::query {
namespace {

using ::testing::ElementsAre;

class ValueTextTest : public SmallLake {
 protected:
  std::string shown(const std::string& expression) { return rows("SELECT " + expression).at(0).at(0); }
};

TEST_F(ValueTextTest, ScalarsAreAsDuckdbCastsThem) {
  const std::set<std::string> unlike{"bignum", "varint", "geometry", "variant", "time_ns"};  // not shown without a CAST
  const std::vector<Row> columns = rows("SELECT column_name, column_type FROM (DESCRIBE FROM test_all_types())");
  ASSERT_GT(columns.size(), 30U);
  std::size_t compared = 0;
  for (const Row& column : columns) {
    if (unlike.contains(column[0]) || column[1].find_first_of("[(") != std::string::npos) continue;
    const std::string name = '"' + column[0] + '"';
    for (const Row& row : rows(fmt::format("SELECT {0}, CAST({0} AS VARCHAR) FROM test_all_types()", name))) {
      // DuckDB's own CAST loses a microsecond of the last instant there is.
      if (row[1] == "294247-01-10 04:00:54.776806+00") continue;
      EXPECT_EQ(row[0], row[1]) << column[0] << ' ' << column[1];
      ++compared;
    }
  }
  EXPECT_GT(compared, 60U);
}

TEST_F(ValueTextTest, Decimals) {
  EXPECT_EQ(shown("1.50::DECIMAL(4,2)"), "1.50");
  EXPECT_EQ(shown("-0.05::DECIMAL(9,2)"), "-0.05");
  EXPECT_EQ(shown("123456789012345.678::DECIMAL(18,3)"), "123456789012345.678");
  EXPECT_EQ(shown("-12345678901234567890.12::DECIMAL(38,2)"), "-12345678901234567890.12");
}

TEST_F(ValueTextTest, FloatsKeepTheirPoint) {
  EXPECT_EQ(shown("29113::DOUBLE"), "29113.0");
  EXPECT_EQ(shown("0.1::DOUBLE + 0.2"), "0.30000000000000004");
  EXPECT_EQ(shown("'nan'::DOUBLE"), "nan");
}

TEST_F(ValueTextTest, NestedValuesAreJson) {
  EXPECT_EQ(shown("[1, NULL, 3]"), "[1,null,3]");
  EXPECT_EQ(shown("{'a': 'x\"y', 'b': [1.5::DOUBLE, 'nan'::DOUBLE]}"), R"({"a":"x\"y","b":[1.5,null]})");
  EXPECT_EQ(shown("MAP {1: DATE '2021-05-28'}"), R"({"1":"2021-05-28"})");
  EXPECT_EQ(shown("[1, 2]::BIGINT[2]"), "[1,2]");
  EXPECT_EQ(shown("union_value(num := 2)"), "2");
  EXPECT_EQ(shown("'{\"a\": 1}'::JSON"), "{\"a\": 1}");
}

TEST_F(ValueTextTest, TypesHaveTheirNames) {
  auto result = engine().run("SELECT 1::BIGINT a, {'x': [1.5::DECIMAL(3,1)]} b, '1'::JSON c, 'a'::ENUM('a','b') d");
  ASSERT_TRUE(result) << result.error().message;
  std::vector<std::string> types;
  for (const ResultColumn& column : (*result)->columns()) types.push_back(column.type);
  EXPECT_THAT(types, ElementsAre("BIGINT", "STRUCT(x DECIMAL(3,1)[])", "JSON", "ENUM"));
}

}  // namespace
}  // namespace stack::query
