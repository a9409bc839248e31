#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "catalog/crawler.hpp"
#include "engine_contract.hpp"
#include "small_lake.hpp"

namespace stack::query {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kTick =
    R"({"symbol":"HSI","session_date":"2021-05-28","event_time":"2021-05-28 01:30:00.004512","seq":17,"price":29113.2,"size":1200})"
    "\n";

class EngineTest : public SmallLake {
 protected:
  Row row(std::string_view sql) {
    auto all = rows(sql);
    EXPECT_EQ(all.size(), 1U) << sql;
    return all.empty() ? Row{} : all.front();
  }
};

TEST_F(EngineTest, AnswersOverTicks) {
  write("ticks/dt=2021-05/t+0+00000000000000000000.ndjson", kTick);
  crawl();
  EXPECT_THAT(row("SELECT * FROM ticks"),
              ElementsAre("HSI", "2021-05-28", "2021-05-28 01:30:00.004512", "17", "29113.2", "1200", "2021-05"));
  EXPECT_THAT(column_names("FROM stack.ticks"),
              ElementsAre("symbol", "session_date", "event_time", "seq", "price", "size", "dt"));
  EXPECT_THAT(row("SHOW TABLES"), ElementsAre("ticks"));
  EXPECT_THAT(row("SELECT dt FROM STACK.Ticks;"), ElementsAre("2021-05"));
}

TEST_F(EngineTest, FiltersOnDtLeaveOtherFilesUnopened) {
  for (const char* dt : {"2021-01", "2021-02", "2021-03", "2021-04"})
    write(std::string("ticks/dt=") + dt + "/a.ndjson", kTick);
  for (const char* dt : {"2021-05", "2021-06", "2021-07"})
    write_with_duckdb(std::string("ticks/dt=") + dt + "/a.parquet", "SELECT 'N225' AS symbol, 1.5::DOUBLE AS price",
                      "FORMAT parquet");
  crawl();
  EXPECT_THAT(row("SELECT count(*) FROM ticks WHERE dt = '2021-02'"), ElementsAre("1"));
  if (kLakeIsDistant) {
    // Files of other partitions are not even there.
    EXPECT_THAT(row("EXPLAIN ANALYZE SELECT max(price) FROM ticks WHERE dt = '2021-02'").at(1),
                HasSubstr("Total Files Read: 1"));
    return;
  }
  EXPECT_THAT(row("EXPLAIN ANALYZE SELECT max(price) FROM ticks WHERE dt = '2021-02'").at(1),
              AllOf(HasSubstr("Scanning Files: 1/4"), Not(HasSubstr("Scanning Files: 4/4"))));
  EXPECT_THAT(row("EXPLAIN ANALYZE SELECT max(price) FROM ticks WHERE dt >= '2021-06'").at(1),
              HasSubstr("Scanning Files: 2/3"));
}

TEST_F(EngineTest, AColumnThatComesHalfWayIsNullBefore) {
  write("trades/dt=1/a.ndjson", "{\"a\":1}\n");
  write("trades/dt=2/b.ndjson", "{\"a\":2.5,\"b\":\"x\"}\n");
  crawl();
  EXPECT_EQ(rows("SELECT a, b, dt FROM trades ORDER BY dt"),
            (std::vector<Row>{{"1.0", "NULL", "1"}, {"2.5", "x", "2"}}));
}

TEST_F(EngineTest, OneTableOfEveryFormat) {
  write("t/dt=1/a.ndjson", "{\"a\":1,\"b\":\"x\"}\n");
  for (const auto& [name, compression] : {std::pair{"t/dt=1/b.ndjson.gz", "gzip"}, {"t/dt=2/c.ndjson.zst", "zstd"}})
    write_with_duckdb(name, "SELECT 2 AS a, 'y' AS b", std::string("FORMAT json, COMPRESSION ") + compression);
  write_with_duckdb("t/dt=2/d.parquet", "SELECT 3 AS a, DATE '2021-05-28' AS c", "FORMAT parquet");
  write_with_duckdb("t/dt=3/e.parquet", "SELECT 4.5 AS a", "FORMAT parquet");
  write("t/f.ndjson", "{\"a\":6}\n");
  crawl();
  EXPECT_EQ(rows("SELECT a, b, c, dt FROM t ORDER BY a, dt"), (std::vector<Row>{{"1.0", "x", "NULL", "1"},
                                                                                {"2.0", "y", "NULL", "1"},
                                                                                {"2.0", "y", "NULL", "2"},
                                                                                {"3.0", "NULL", "2021-05-28", "2"},
                                                                                {"4.5", "NULL", "NULL", "3"},
                                                                                {"6.0", "NULL", "NULL", "NULL"}}));
}

TEST_F(EngineTest, ColumnsWithBlanksAndCapitals) {
  write("sample/a.ndjson", "{\"Adj Close\":1.5,\"O'Neil \\\"x\\\"\":1}\n");
  crawl();
  EXPECT_THAT(row("SELECT \"adj close\", \"Adj Close\" FROM sample"), ElementsAre("1.5", "1.5"));
}

TEST_F(EngineTest, OneColumnInTwoSpellings) {
  write("t/a.ndjson", "{\"Bid\":1,\"n\":{\"x\":[1]},\"s/~\":\"q\"}\n{\"bid\":2,\"n\":{\"x\":[2,3]}}\n");
  crawl();
  EXPECT_EQ(rows("SELECT bid, n, \"s/~\" FROM t ORDER BY bid"),
            (std::vector<Row>{{"1", "{\"x\":[1]}", "q"}, {"2", "{\"x\":[2,3]}", "NULL"}}));
}

TEST_F(EngineTest, TypesThatDifferMeet) {
  write("t/a.ndjson", "{\"a\":1,\"b\":true,\"c\":\"2021-05-28\"}\n");
  write("t/b.ndjson", "{\"a\":\"x\",\"b\":[1],\"c\":7}\n");
  crawl();
  EXPECT_EQ(rows("SELECT a, b, c FROM t ORDER BY a"),
            (std::vector<Row>{{"1", "true", "2021-05-28"}, {"x", "[1]", "7"}}));
}

TEST_F(EngineTest, LinesThatAreNoObjectsAreNoRows) {
  write("t/a.ndjson", "{\"a\":1}\nbroken\n[1]\n5\n\n{\"a\":2}\n");
  crawl();
  EXPECT_EQ(rows("SELECT a FROM t ORDER BY a"), (std::vector<Row>{{"1"}, {"2"}}));
  EXPECT_EQ(rows("SELECT count(*) FROM t"), (std::vector<Row>{{"2"}}));
}

TEST_F(EngineTest, RowsOfNothingButNullsAreRowsBesideMalformedLines) {
  write("t/dt=1/a.ndjson", "{\"a\":null}\nbroken\n{}\nnull\n{\"a\":1.5,\"b\":{\"c\":[1]},\"d\":\"2021-05-28\"}\n");
  crawl();
  EXPECT_EQ(rows("SELECT a, b, d, dt FROM t ORDER BY a"), (std::vector<Row>{{"1.5", "{\"c\":[1]}", "2021-05-28", "1"},
                                                                            {"NULL", "NULL", "NULL", "1"},
                                                                            {"NULL", "NULL", "NULL", "1"}}));
  EXPECT_THAT(row("SELECT count(*) FROM t"), ElementsAre("3"));
}

TEST_F(EngineTest, AnEmptyKeyIsAColumnAllTheSame) {
  write("t/a.ndjson", "{\"\":1,\"b\":2}\n");
  crawl();
  EXPECT_THAT(row("SELECT unnamed, b FROM t"), ElementsAre("1", "2"));
}

TEST_F(EngineTest, ATableThatCannotBeReadFailsOnlyTheQueriesThatNameIt) {
  write("good/a.ndjson", "{\"a\":1}\n");
  write_with_duckdb("bad/a.parquet", "SELECT 1 AS a", "FORMAT parquet");
  crawl();
  write("bad/a.parquet", "not parquet at all");
  write("_stack/catalog/stack/damaged.json", "{");
  EXPECT_THAT(row("SELECT a FROM good"), ElementsAre("1"));
  for (const char* sql : {"SELECT * FROM bad", "SELECT * FROM stack.BAD JOIN good USING (a)", "EXPLAIN FROM bad"})
    EXPECT_THAT(error(sql).message, AllOf(HasSubstr("table 'bad'"), HasSubstr("a.parquet"), HasSubstr("stack crawl"),
                                          Not(HasSubstr("\n"))));
  EXPECT_THAT(error("SELECT * FROM damaged").message, HasSubstr("damaged"));
  EXPECT_THAT(error("SELECT * FROM nowhere").message, HasSubstr("SHOW TABLES"));
}

TEST_F(EngineTest, FilesThatTheCrawlCouldNotReadAreLeftOutAndNamed) {
  write_with_duckdb("t/a.parquet", "SELECT 1 AS a", "FORMAT parquet");
  write("t/b.parquet", "not parquet at all");
  write("t/c.ndjson.gz", "not gzip at all");
  write("u/a.ndjson", "{\"a\":1}\n");
  crawl();
  EXPECT_EQ(rows("SELECT a FROM t"), (std::vector<Row>{{"1"}}));
  EXPECT_THAT(engine().caveats("SELECT a FROM T"), ElementsAre(AllOf(HasSubstr("2 files"), HasSubstr("b.parquet"))));
  EXPECT_THAT(engine().caveats("SELECT a FROM u"), ElementsAre());
}

TEST_F(EngineTest, EmptyTablesAndLakes) {
  EXPECT_THAT(rows("SHOW TABLES"), ElementsAre());
  EXPECT_THAT(error("SELECT * FROM ticks").message, AllOf(HasSubstr("SHOW TABLES"), Not(HasSubstr("Did you mean"))));
  reopen();
  write("t/a.ndjson", "");
  catalog::Table table;
  table.database = "stack";
  table.name = table.folder = "empty";
  table.columns = {{"a", catalog::TypeKind::bigint, {"a"}, false}};
  table.partition_keys = {"dt"};
  ASSERT_TRUE(catalog_->put(table));
  crawl();
  ASSERT_TRUE(catalog_->put(table));
  EXPECT_THAT(row("SELECT count(a), count(dt) FROM empty"), ElementsAre("0", "0"));
}

TEST_F(EngineTest, FoldersWithPatternCharacters) {
  store_ = lake::FolderStore::open(folder_.path() / "l[a]k*e?'s").value();
  catalog_ = std::make_unique<catalog::LakeCatalog>(*store_);
  write("t/dt=1/a.ndjson", "{\"a\":1}\n");
  crawl();
  EXPECT_THAT(row("SELECT a, dt FROM t"), ElementsAre("1", "1"));
}

TEST_F(EngineTest, ErrorsNameThePlace) {
  write("ticks/a.ndjson", kTick);
  crawl();
  const Error syntax = error("SELECT *\nFORM ticks");
  EXPECT_EQ(syntax.kind, ErrorKind::query);
  EXPECT_THAT(syntax.message, HasSubstr("line 2, column"));
  EXPECT_THAT(error("SELECT nope FROM ticks").message, AllOf(HasSubstr("line 1, column 8"), HasSubstr("nope")));
  EXPECT_THAT(error("SELECT 1/0 + 'a'::INT").message, Not(HasSubstr("\n")));
  EXPECT_THAT(error("SELECT ?").message, HasSubstr("parameters"));
  EXPECT_THAT(error("SELECT price FROM ticks WHERE symbol::INT = 3").message, HasSubstr("HSI"));
}

TEST_F(EngineTest, AFileThatTheCrawlDidNotSeeMayAskForOne) {
  write("t/a.ndjson", "{\"a\":1}\n");
  crawl();
  write("t/b.ndjson", "{\"a\":\"x\"}\n");
  EXPECT_THAT(error("SELECT max(a) FROM t").message, HasSubstr("stack crawl"));
  reopen();
  write("t/b.ndjson", "{broken\n");
  EXPECT_THAT(error("SELECT max(a) FROM t").message, HasSubstr("stack crawl"));
}

TEST_F(EngineTest, NewFilesAreReadNewPartitionsAfterACrawl) {
  write("t/dt=1/a.ndjson", "{\"a\":1}\n");
  crawl();
  write("t/dt=1/b.ndjson", "{\"a\":2}\n");
  write("t/dt=2/c.ndjson", "{\"a\":3}\n");
  EXPECT_THAT(row("SELECT sum(a) FROM t"), ElementsAre("3"));
  crawl();
  reopen();
  EXPECT_THAT(row("SELECT sum(a) FROM t"), ElementsAre("6"));
}

TEST_F(EngineTest, InterruptsARunningQuery) {
  (void)engine();
  const auto begin = std::chrono::steady_clock::now();
  std::jthread interrupter([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    stop_.request();
  });
  EXPECT_EQ(error("SELECT count(*) FROM range(3000000) a, range(3000000) b WHERE a.range * b.range % 7 = 3").kind,
            ErrorKind::interrupted);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{20});
}

TEST_F(EngineTest, WhatDoesNotFitInMemoryGoesToDisk) {
  auto small = DuckdbEngine::open(*catalog_, *store_, {.threads = 2, .memory_bytes = 64 << 20}, stop_);
  ASSERT_TRUE(small) << small.error().message;
  engine_ = *std::move(small);
  EXPECT_EQ(rows("SELECT max(s) FROM (SELECT sum(range) OVER (ORDER BY hash(range)) AS s FROM range(5000000))").size(),
            1U);
}

TEST_F(EngineTest, LargeAnswersComeInBatches) {
  auto result = engine().run("SELECT range FROM range(100000)");
  ASSERT_TRUE(result);
  std::size_t batches = 0;
  std::size_t total = 0;
  for (auto batch = (*result)->next(); batch && *batch; batch = (*result)->next()) total += (*batch)->rows(), ++batches;
  EXPECT_EQ(total, 100'000U);
  EXPECT_GT(batches, 10U);
}

// An engine with all that it leans on.
struct EngineOverFolder {
  lake::TemporaryFolder folder;
  std::unique_ptr<lake::FolderStore> store = lake::FolderStore::open(folder.path()).value();
  catalog::LakeCatalog catalog{*store};
  StopFlag stop;
  std::unique_ptr<DuckdbEngine> engine;
};

std::shared_ptr<QueryEngine> contract_engine() {
  auto all = std::make_shared<EngineOverFolder>();
  if (!all->store->put(kContractKey, kContractRows)) return nullptr;
  if (!catalog::crawl(*all->store, all->catalog, {}, SystemClock{}, all->stop)) return nullptr;
  all->engine = DuckdbEngine::open(all->catalog, *all->store, {}, all->stop).value();
  return {all, all->engine.get()};
}

INSTANTIATE_TEST_SUITE_P(DuckdbEngine, QueryEngineContract,
                         ::testing::Values(EngineFactory{"DuckdbEngine", contract_engine}),
                         [](const auto& factory) { return factory.param.name; });

}  // namespace
}  // namespace stack::query
