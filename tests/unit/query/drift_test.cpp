// Files of one table that do not agree: the view answers with the catalog's types.
#include <gmock/gmock.h>

#include "small_lake.hpp"

namespace stack::query {
namespace {

class DriftTest : public SmallLake {
 protected:
  void parquet(std::string_view key, std::string_view select) { write_with_duckdb(key, select, "FORMAT parquet"); }
};

TEST_F(DriftTest, ParquetColumnsThatComeAndGo) {
  parquet("t/dt=1/a.parquet", "SELECT 1 AS a, 'x' AS gone");
  parquet("t/dt=2/b.parquet", "SELECT 2 AS a, 2.5::DOUBLE AS came");
  crawl();
  EXPECT_EQ(rows("SELECT a, gone, came, dt FROM t ORDER BY a"),
            (std::vector<Row>{{"1", "x", "NULL", "1"}, {"2", "NULL", "2.5", "2"}}));
}

TEST_F(DriftTest, ParquetTypesThatDiffer) {
  parquet("t/a.parquet", "SELECT 1 AS n, 1 AS s, DATE '2021-05-28' AS d, 1::UTINYINT AS small");
  parquet("t/b.parquet", "SELECT 1.5::DOUBLE AS n, 'x' AS s, 'later' AS d, 2::BIGINT AS small");
  crawl();
  EXPECT_EQ(rows("SELECT n, s, d, small FROM t ORDER BY n"),
            (std::vector<Row>{{"1.0", "1", "2021-05-28", "1"}, {"1.5", "x", "later", "2"}}));
}

TEST_F(DriftTest, ParquetNamesThatDifferInCase) {
  parquet("t/a.parquet", "SELECT 1 AS \"Adj Close\"");
  parquet("t/b.parquet", "SELECT 2 AS \"adj close\"");
  crawl();
  EXPECT_EQ(rows("SELECT \"adj close\" FROM t ORDER BY 1"), (std::vector<Row>{{"1"}, {"2"}}));
}

TEST_F(DriftTest, StructsGainMembers) {
  write("j/a.ndjson", "{\"q\":{\"bid\":1}}\n");
  write("j/b.ndjson", "{\"q\":{\"bid\":2.5,\"ask\":3}}\n");
  parquet("p/a.parquet", "SELECT {'bid': 1} AS q");
  parquet("p/b.parquet", "SELECT {'bid': 2.5::DOUBLE, 'ask': 3} AS q");
  crawl();
  const std::vector<Row> expected{{"1.0", "NULL"}, {"2.5", "3"}};
  EXPECT_EQ(rows("SELECT q.bid, q.ask FROM j ORDER BY 1"), expected);
  EXPECT_EQ(rows("SELECT q.bid, q.ask FROM p ORDER BY 1"), expected);
}

TEST_F(DriftTest, MembersThatDifferInCaseAreOne) {
  write("t/a.ndjson", "{\"q\":{\"Bid\":1,\"x\":{\"L\":[{\"P\":1}]}},\"a\":1}\n");
  write("t/b.ndjson", "{\"q\":{\"bid\":2.5,\"X\":{\"l\":[{\"p\":2},{\"P\":3}]}},\"a\":2}\n");
  write("t/c.ndjson", "{\"q\":{\"Bid\":null,\"BID\":3},\"a\":3}\n{\"q\":null,\"a\":4}\n{\"a\":5}\n");
  parquet("t/d.parquet", "SELECT {'biD': 6, 'x': {'L': [{'P': 6}]}} AS q, 6 AS a");
  crawl();
  EXPECT_EQ(rows("SELECT a, q.bid, q.x.l[1].p, len(q.x.l) FROM t ORDER BY a"),
            (std::vector<Row>{{"1", "1.0", "1", "1"},
                              {"2", "2.5", "2", "2"},
                              {"3", "3.0", "NULL", "NULL"},
                              {"4", "NULL", "NULL", "NULL"},
                              {"5", "NULL", "NULL", "NULL"},
                              {"6", "6.0", "6", "1"}}));
  write("t/b.ndjson", "{\"q\":7}\n");
  reopen();
  EXPECT_THAT(error("SELECT max(q.bid) FROM t").message, ::testing::HasSubstr("7"));
}

TEST_F(DriftTest, PartitionKeysInAnyCase) {
  write("t/DT=1/a.ndjson", "{\"a\":1}\n");
  write("t/dt=2/a.ndjson", "{\"a\":2}\n");
  write("t/x/Dt=3/a.ndjson", "{\"a\":3}\n");
  parquet("t/DT=4/a.parquet", "SELECT 4 AS a");
  crawl();
  EXPECT_EQ(rows("SELECT a, dt FROM t ORDER BY a"), (std::vector<Row>{{"1", "1"}, {"2", "2"}, {"3", "3"}, {"4", "4"}}));
  EXPECT_EQ(column_names("FROM t"), (std::vector<std::string>{"a", "dt"}));
  EXPECT_EQ(rows("SELECT a FROM t WHERE dt >= '3' ORDER BY a"), (std::vector<Row>{{"3"}, {"4"}}));
}

TEST_F(DriftTest, TheFoldersDtWins) {
  write("j/dt=2021-05/a.ndjson", "{\"a\":1,\"dt\":\"other\"}\n");
  parquet("p/dt=2021-05/a.parquet", "SELECT 1 AS a, 'other' AS dt");
  crawl();
  EXPECT_EQ(rows("SELECT a, dt FROM j"), (std::vector<Row>{{"1", "2021-05"}}));
  EXPECT_EQ(rows("SELECT a, dt FROM p"), (std::vector<Row>{{"1", "2021-05"}}));
}

TEST_F(DriftTest, DaysMonthsAndYearsInOneTable) {
  write("t/dt=2021/a.ndjson", "{\"a\":1}\n");
  write("t/dt=2021-05/b.ndjson", "{\"a\":2}\n");
  write("t/dt=2021-05-28/c.ndjson", "{\"a\":3}\n");
  crawl();
  EXPECT_EQ(rows("SELECT a FROM t WHERE dt >= '2021-05' ORDER BY a"), (std::vector<Row>{{"2"}, {"3"}}));
}

TEST_F(DriftTest, ColumnsWithoutAnyValue) {
  write("t/a.ndjson", "{\"a\":null,\"b\":[],\"c\":{}}\n");
  write("nothing/a.ndjson", "{}\n{}\n");
  crawl();
  EXPECT_EQ(rows("SELECT a FROM t"), (std::vector<Row>{{"NULL"}}));
  EXPECT_EQ(rows("SELECT count(*) FROM nothing"), (std::vector<Row>{{"2"}}));
}

TEST_F(DriftTest, NumbersBeyondTheTypesOfHive) {
  write("t/a.ndjson", "{\"a\":18446744073709551615,\"b\":1}\n{\"a\":1,\"b\":1e3}\n");
  crawl();
  EXPECT_EQ(rows("SELECT a > 1e19, b FROM t ORDER BY b").size(), 2U);
}

TEST_F(DriftTest, TicksStayTicksWhateverOneFileHolds) {
  write(
      "ticks/a.ndjson",
      R"({"symbol":"HSI","session_date":"2021-05-28","event_time":"2021-05-28 01:30:00.1","seq":0,"price":29113,"size":1})"
      "\n");
  crawl();
  EXPECT_EQ(rows("SELECT typeof(price), typeof(event_time), price FROM ticks"),
            (std::vector<Row>{{"DOUBLE", "TIMESTAMP", "29113.0"}}));
}

}  // namespace
}  // namespace stack::query
