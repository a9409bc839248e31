#include "catalog/crawler.hpp"

#include <thread>

#include "duckdb/database.hpp"
#include "lake_fixture.hpp"

namespace stack::catalog {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kTick =
    R"({"symbol":"HSI","session_date":"2021-05-28","event_time":"2021-05-28 01:30:00.004512","seq":17,"price":29113.2,"size":1200})"
    "\n";

class CrawlerTest : public LakeFixture {
 protected:
  void write_parquet(std::string_view key, const std::string& select) {
    write(key, "");
    auto database = duckdb_embedded::Database::open({}).value();
    auto connection = database.connect().value();
    const auto made =
        connection.run("COPY (" + select + ") TO " + duckdb_embedded::quote_literal((folder_.path() / key).native()) +
                       " (FORMAT parquet)");
    ASSERT_TRUE(made) << made.error().message;
  }
};

TEST_F(CrawlerTest, EveryRootFolderIsOneTable) {
  write("ticks/dt=2021-05/a+0+0.ndjson", kTick);
  write("ticks/dt=2021-06/a+0+1.ndjson", kTick);
  write("bars/bars.ndjson", "{\"symbol\":\"HSI\",\"close\":1.5}\n");
  write("_stack/claims/ticks/a/0/0", "{}");
  write(".hidden/a.ndjson", "{}");
  write("loose.ndjson", "{}");
  const CrawlSummary summary = crawl_lake();
  EXPECT_THAT(catalog_.tables("stack").value(), ElementsAre("bars", "ticks"));
  EXPECT_EQ(summary.files, 3U);
  EXPECT_EQ(summary.partitions, 2U);
  EXPECT_EQ(summary.files_read, 3U);
  const Table ticks = table("ticks");
  EXPECT_EQ(ticks.location, store_->uri() + "/ticks");
  EXPECT_THAT(ticks.partition_keys, ElementsAre("dt"));
  ASSERT_EQ(ticks.partitions.size(), 2U);
  EXPECT_EQ(ticks.partitions[0], (Partition{{"2021-05"}, "dt=2021-05", 1, kTick.size(), 1}));
  EXPECT_EQ(location_of(ticks, ticks.partitions[1]), store_->uri() + "/ticks/dt=2021-06");
  EXPECT_EQ(ticks.parameters.at("classification"), "json");
  EXPECT_EQ(ticks.parameters.at("compressionType"), "none");
}

TEST_F(CrawlerTest, TicksAreDeclaredWhateverTheirValues) {
  write(
      "ticks/a.ndjson",
      R"({"venue":"x","size":null,"price":29113,"seq":1,"event_time":null,"session_date":"2021-05-28","symbol":"2021-05-28"})");
  crawl_lake();
  EXPECT_THAT(columns("ticks"), ElementsAre("symbol string", "session_date date", "event_time timestamp", "seq bigint",
                                            "price double", "size bigint", "venue string"));
}

TEST_F(CrawlerTest, TheQuotesOfTicksAreDeclaredBehindThem) {
  write(
      "ticks/a.ndjson",
      R"({"ask":2,"bid":1,"size":5,"price":2,"seq":1,"event_time":null,"session_date":"2021-05-28","symbol":"A","venue":1})");
  crawl_lake();
  EXPECT_THAT(columns("ticks"), ElementsAre("symbol string", "session_date date", "event_time timestamp", "seq bigint",
                                            "price double", "size bigint", "bid double", "ask double", "venue bigint"));
}

TEST_F(CrawlerTest, QuotesThatAreNoneAreInferred) {
  write("ticks/a.ndjson",
        R"({"ask":"x","bid":1,"size":5,"price":2,"seq":1,"event_time":null,"session_date":"2021-05-28","symbol":"A"})");
  crawl_lake();
  EXPECT_THAT(columns("ticks"), Contains("price double"));
  EXPECT_THAT(columns("ticks"), Contains("ask string"));
  EXPECT_THAT(columns("ticks"), Contains("bid bigint"));
}

TEST_F(CrawlerTest, ColumnsThatDoNotFitATickAreInferred) {
  write("ticks/a.ndjson", R"({"symbol":"a","session_date":"2021-05-28","event_time":"x","seq":1,"price":1,"size":1})");
  crawl_lake();
  EXPECT_THAT(columns("ticks"), Contains("event_time string"));
  EXPECT_THAT(columns("ticks"), Contains("price bigint"));
}

TEST_F(CrawlerTest, ASecondCrawlReadsNothing) {
  write("ticks/dt=2021-05/a.ndjson", kTick);
  EXPECT_TRUE(crawl_lake().changed());
  const CrawlSummary second = crawl_lake();
  EXPECT_EQ(second.files_read, 0U);
  EXPECT_EQ(second.bytes_read, 0U);
  EXPECT_EQ(second.files, 1U);
  EXPECT_FALSE(second.changed());
  EXPECT_EQ(crawl_lake({.full = true}).files_read, 1U);
}

TEST_F(CrawlerTest, OnlyNewFilesAreReadAndTheirColumnsJoin) {
  write("ticks/dt=2021-05/a.ndjson", kTick);
  crawl_lake();
  write("ticks/dt=2021-06/b.ndjson", R"({"symbol":"X","venue":"XHKG"})");
  const CrawlSummary second = crawl_lake();
  EXPECT_EQ(second.files_read, 1U);
  EXPECT_EQ(second.bytes_read, 29U);
  EXPECT_THAT(columns("ticks"), Contains("venue string"));
  ASSERT_EQ(second.tables.size(), 1U);
  EXPECT_THAT(second.tables[0].notes, ElementsAre("new column 'venue' string"));
}

TEST_F(CrawlerTest, ANewColumnHalfWayThroughDoesNotChangeTheOrderOfTheOthers) {
  write("t/b.ndjson", R"({"z":1,"a":1})");
  write("t/c.ndjson", R"({"m":1,"z":1})");
  crawl_lake();
  EXPECT_THAT(columns("t"), ElementsAre("z bigint", "a bigint", "m bigint"));
}

TEST_F(CrawlerTest, TypesThatDifferBetweenFilesMeet) {
  write("t/a.ndjson", R"({"v":1,"w":"2021-05-28"})");
  write("t/b.ndjson", R"({"v":1.5,"w":"x"})");
  const CrawlSummary summary = crawl_lake();
  EXPECT_THAT(columns("t"), ElementsAre("v double", "w string"));
  EXPECT_THAT(summary.tables.at(0).notes,
              ElementsAre("column 'v' is bigint and double in different files: double holds all",
                          "column 'w' is date and string in different files: string holds all"));
}

TEST_F(CrawlerTest, WhatVanishedLeavesTheCatalog) {
  write("t/dt=1/a.ndjson", R"({"a":1})");
  write("t/dt=2/b.ndjson", R"({"b":1})");
  write("u/a.ndjson", R"({"a":1})");
  crawl_lake();
  erase("t/dt=2/b.ndjson");
  erase("u/a.ndjson");
  const CrawlSummary summary = crawl_lake();
  EXPECT_EQ(summary.files_read, 0U);
  EXPECT_THAT(summary.removed_tables, ElementsAre("u"));
  EXPECT_THAT(catalog_.tables("stack").value(), ElementsAre("t"));
  EXPECT_EQ(table("t").partitions.size(), 1U);
  EXPECT_THAT(columns("t"), ElementsAre("a bigint"));
  EXPECT_THAT(summary.tables.at(0).notes, ElementsAre("column 'b' is in no file any more"));
  EXPECT_FALSE(crawl_lake().changed());
}

TEST_F(CrawlerTest, AFileThatChangedIsReadAgain) {
  write("t/a.ndjson", R"({"a":1})");
  crawl_lake();
  write("t/a.ndjson", R"({"a":1.25})");
  EXPECT_EQ(crawl_lake().files_read, 1U);
  EXPECT_THAT(columns("t"), ElementsAre("a double"));
}

TEST_F(CrawlerTest, AnEntryThatWasRemovedComesBackWithoutReading) {
  write("t/a.ndjson", R"({"a":1})");
  crawl_lake();
  ASSERT_TRUE(catalog_.remove("stack", "t"));
  EXPECT_EQ(crawl_lake().files_read, 0U);
  EXPECT_THAT(columns("t"), ElementsAre("a bigint"));
}

TEST_F(CrawlerTest, ADamagedStateCostsOnlyReading) {
  write("t/a.ndjson", R"({"a":1})");
  crawl_lake();
  for (const char* bytes :
       {"", "{", "{\"version\":99,\"schemas\":[]}\n", "{\"version\":1,\"schemas\":[]}\n{\"path\":\"a.ndjson\"}\n"}) {
    write("_stack/crawl/stack/t.ndjson", bytes);
    EXPECT_EQ(crawl_lake().files_read, 1U) << bytes;
    EXPECT_EQ(crawl_lake().files_read, 0U) << bytes;
  }
}

TEST_F(CrawlerTest, SpellingsThatDifferInCaseAreOneColumn) {
  write("t/a.ndjson", R"({"Adj Close":1})");
  write("t/b.ndjson", R"({"adj close":1.5})");
  crawl_lake();
  EXPECT_THAT(columns("t"), ElementsAre("adj close double"));
  EXPECT_THAT(table("t").columns.at(0).json_keys, ElementsAre("Adj Close", "adj close"));
}

TEST_F(CrawlerTest, AColumnThatRepeatsThePartitionKeyIsLeftOut) {
  write("t/dt=2021/a.ndjson", R"({"dt":"2021","a":1})");
  crawl_lake();
  EXPECT_THAT(columns("t"), ElementsAre("a bigint"));
}

TEST_F(CrawlerTest, FormatsMayMix) {
  write("t/dt=1/a.ndjson", R"({"a":1,"b":"x"})");
  write_parquet("t/dt=1/b.parquet", "SELECT 2.5::DOUBLE AS a, DATE '2021-05-28' AS c");
  write("t/root.ndjson", R"({"a":1})");
  const CrawlSummary summary = crawl_lake();
  EXPECT_THAT(columns("t"), ElementsAre("a double", "b string", "c date"));
  const Table mixed = table("t");
  EXPECT_TRUE(mixed.mixed_formats);
  EXPECT_TRUE(mixed.uniform_parquet);
  EXPECT_EQ(mixed.unpartitioned_files, 1U);
  EXPECT_EQ(mixed.rows, 3U);
  EXPECT_TRUE(mixed.columns[0].in_parquet);
  EXPECT_FALSE(mixed.columns[1].in_parquet);
  EXPECT_THAT(summary.tables.at(0).notes, Contains(HasSubstr("1 files are in no dt= folder")));
  EXPECT_THAT(summary.tables.at(0).notes, Contains(HasSubstr("NDJSON and Parquet")));
}

TEST_F(CrawlerTest, ParquetTypesHaveTheirHiveNames) {
  write_parquet("t/a.parquet",
                "SELECT 1::TINYINT AS i8, 1::INTEGER AS i32, 1::BIGINT AS i64, 1::UBIGINT AS u64, 1::FLOAT AS f, "
                "1.5::DECIMAL(18,3) AS d, true AS b, 'x' AS s, DATE '2021-05-28' AS day, "
                "TIMESTAMP '2021-05-28 01:30:00' AS t, TIMESTAMPTZ '2021-05-28 01:30:00+00' AS tz, "
                "[1,2]::BIGINT[] AS l, {'Bid': 1.5::DOUBLE} AS st, 'x'::BLOB AS bin, TIME '01:30:00' AS clock");
  write_parquet("t/b.parquet", "SELECT 1 AS more");
  crawl_lake();
  EXPECT_THAT(columns("t"),
              ElementsAre("i8 bigint", "i32 bigint", "i64 bigint", "u64 double", "f double", "d decimal(18,3)",
                          "b boolean", "s string", "day date", "t timestamp", "tz timestamp", "l array<bigint>",
                          "st struct<bid:double>", "bin string", "clock string", "more bigint"));
  EXPECT_FALSE(table("t").uniform_parquet);
  EXPECT_EQ(table("t").format, TableFormat::parquet);
  EXPECT_EQ(table("t").rows, 2U);
}

TEST_F(CrawlerTest, FilesThatCannotBeReadAreNamedAndTriedAgain) {
  write("t/a.ndjson", R"({"a":1})");
  write("t/b.ndjson.gz", "{\"torn\":1}\n");
  write("t/dt=1/c.parquet", "not parquet at all");
  for (int i = 0; i < 9; ++i) write_parquet("u/" + std::to_string(i) + ".parquet", "SELECT 1 AS a");
  write("u/5.parquet", "PAR1");
  for (int i = 0; i < 2; ++i) {
    const CrawlSummary summary = crawl_lake();
    EXPECT_EQ(summary.unreadable_files, 3U);
    EXPECT_EQ(summary.files, 9U);
    EXPECT_EQ(summary.files_read, i == 0 ? 9U : 0U);
    EXPECT_EQ(summary.changed(), i == 0);
    ASSERT_EQ(summary.tables.size(), 2U);
    ASSERT_EQ(summary.tables[0].unreadable.size(), 2U);
    for (const UnreadableFile& file : summary.tables[0].unreadable) {
      EXPECT_THAT(file.reason, HasSubstr(file.key));
      EXPECT_THAT(file.reason, Not(HasSubstr("\n")));
    }
  }
  EXPECT_THAT(columns("t"), ElementsAre("a bigint"));
  EXPECT_THAT(table("t").partition_keys, IsEmpty());
  EXPECT_THAT(table("t").unreadable_files, ElementsAre("b.ndjson.gz", "dt=1/c.parquet"));
  EXPECT_EQ(table("u").rows, 8U);
  write_parquet("t/dt=1/c.parquet", "SELECT 1 AS c");
  erase("t/b.ndjson.gz");
  EXPECT_EQ(crawl_lake().files_read, 1U);
  EXPECT_THAT(columns("t"), ElementsAre("a bigint", "c bigint"));
  EXPECT_THAT(table("t").unreadable_files, IsEmpty());
}

TEST_F(CrawlerTest, ADamagedFileLeavesNothingInTheNext) {
  write("t/a.ndjson.gz", "no gzip");
  write("t/b.ndjson", R"({"b":1})");
  crawl_lake({.threads = 1});
  EXPECT_THAT(columns("t"), ElementsAre("b bigint"));
  EXPECT_EQ(table("t").rows, 1U);
}

TEST_F(CrawlerTest, ATableOfWhichNothingCanBeReadStaysAsItWas) {
  write("t/a.parquet", "no parquet");
  crawl_lake();
  EXPECT_THAT(catalog_.tables("stack").value(), IsEmpty());
  write_parquet("t/a.parquet", "SELECT 1 AS a");
  crawl_lake();
  write("t/a.parquet", "no parquet");
  EXPECT_EQ(crawl_lake().unreadable_files, 1U);
  EXPECT_THAT(columns("t"), ElementsAre("a bigint"));
}

TEST_F(CrawlerTest, AFolderThatIsRenamedKeepsItsTable) {
  write("ticks-a/a.ndjson", R"({"a":1})");
  crawl_lake();
  erase("ticks-a/a.ndjson");
  write("Ticks-A/a.ndjson", R"({"a":1})");
  const CrawlSummary summary = crawl_lake();
  EXPECT_THAT(summary.removed_tables, IsEmpty());
  EXPECT_EQ(table("ticks_a").folder, "Ticks-A");
  EXPECT_FALSE(crawl_lake().changed());
}

TEST_F(CrawlerTest, AnEmptyKeyBecomesAColumnWithAName) {
  write("t/a.ndjson", R"({"":1})");
  crawl_lake();
  EXPECT_THAT(columns("t"), ElementsAre("unnamed bigint"));
  EXPECT_THAT(table("t").columns.at(0).json_keys, ElementsAre(""));
}

TEST_F(CrawlerTest, PartitionsInSeveralFoldersKeepThem) {
  write("t/s1/dt=1/a.ndjson", R"({"a":1})");
  write("t/s2/DT=1/a.ndjson", R"({"a":1})");
  const CrawlSummary summary = crawl_lake();
  ASSERT_EQ(table("t").partitions.size(), 2U);
  EXPECT_EQ(table("t").partitions[0].path, "s1/dt=1");
  EXPECT_EQ(table("t").partitions[1].path, "s2/DT=1");
  EXPECT_THAT(summary.tables.at(0).notes, Contains(HasSubstr("e.g. s2/DT=1")));
}

TEST_F(CrawlerTest, MalformedLinesAreReportedAndNotFatal) {
  write("t/a.ndjson", "{\"a\":1}\nnot json\n{\"a\":2}\n");
  const CrawlSummary summary = crawl_lake();
  EXPECT_EQ(summary.tables.at(0).malformed_lines, 1U);
  EXPECT_THAT(summary.tables.at(0).notes, Contains(HasSubstr("1 lines are not JSON objects")));
  EXPECT_EQ(table("t").malformed_lines, 1U);
  EXPECT_EQ(crawl_lake().tables.at(0).malformed_lines, 1U);
}

TEST_F(CrawlerTest, FilesOfUnknownKindAndFoldersWithoutTablesAreNoted) {
  write("t/a.ndjson", R"({"a":1})");
  write("t/readme.txt", "x");
  write("csvs/a.csv", "x");
  write("T/a.ndjson", R"({"a":1})");
  const CrawlSummary summary = crawl_lake();
  EXPECT_THAT(summary.notes, Contains(HasSubstr("csvs/ holds no NDJSON or Parquet files")));
  EXPECT_THAT(summary.notes, Contains(HasSubstr("t/ is passed over: the table 't' is of T/ already")));
}

TEST_F(CrawlerTest, LongLinesAreReadWholeAndTooLongOnesCounted) {
  write("t/a.ndjson", "{\"a\":\"" + std::string(3'000'000, 'x') + "\"}\n{\"b\":1}\n");
  std::string long_text;
  for (int i = 0; i < 40; ++i) long_text.append(1'000'000, 'x');
  write("t/b.ndjson", "{\"c\":\"" + long_text + "\"}\n{\"d\":1}\n");
  crawl_lake();
  EXPECT_THAT(columns("t"), ElementsAre("a string", "b bigint", "d bigint"));
  EXPECT_EQ(table("t").malformed_lines, 1U);
  EXPECT_EQ(table("t").rows, 4U);
}

TEST_F(CrawlerTest, AnEmptyLakeHasNoTables) {
  EXPECT_FALSE(crawl_lake().changed());
  EXPECT_THAT(catalog_.tables("stack").value(), IsEmpty());
}

TEST_F(CrawlerTest, ThreadsMakeNoDifference) {
  for (int i = 0; i < 200; ++i)
    write("t/dt=" + std::to_string(i % 7) + "/" + std::to_string(i) + ".ndjson",
          "{\"c" + std::to_string(i % 13) + "\":" + (i % 2 == 0 ? "1" : "1.5") + "}\n");
  crawl_lake({.threads = 1});
  const Table one = table("t");
  crawl_lake({.threads = 4, .full = true});
  EXPECT_EQ(table("t"), one);
}

TEST_F(CrawlerTest, TwoAtOnceLeaveOneCompleteCatalog) {
  for (int i = 0; i < 50; ++i) write("t/dt=1/" + std::to_string(i) + ".ndjson", kTick);
  {
    std::vector<std::jthread> crawlers;
    crawlers.reserve(4);
    for (int i = 0; i < 4; ++i)
      crawlers.emplace_back([this] {
        const auto summary = crawl(*store_, catalog_, {}, clock_, stop_);
        EXPECT_TRUE(summary) << summary.error().message;
      });
  }
  EXPECT_EQ(table("t").rows, 50U);
  EXPECT_EQ(crawl_lake().files_read, 0U);
}

TEST_F(CrawlerTest, StopsWhenAsked) {
  write("t/a.ndjson", kTick);
  stop_.request();
  const auto summary = crawl(*store_, catalog_, {}, clock_, stop_);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().kind, ErrorKind::interrupted);
  EXPECT_THAT(catalog_.tables("stack").value(), IsEmpty());
}

TEST_F(CrawlerTest, WatchSeesWhatArrives) {
  write("t/a.ndjson", R"({"a":1})");
  std::vector<CrawlSummary> reports;
  const auto watched = watch(
      *store_, catalog_, {}, clock_, stop_, [](Micros) { return std::chrono::milliseconds{1}; },
      [&](const CrawlSummary& summary) {
        reports.push_back(summary);
        if (reports.size() == 1) write("t/b.ndjson", R"({"b":1})");
        if (reports.size() == 2) stop_.request();
      });
  ASSERT_TRUE(watched) << watched.error().message;
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[1].files_read, 1U);
}

// A catalog that refuses what a test says.
class StubbornCatalog final : public Catalog {
 public:
  explicit StubbornCatalog(Catalog& inner) : inner_(inner) {}
  bool keeps_tables = false;
  std::string of_others;  // a table's name

  [[nodiscard]] std::string description() const override { return inner_.description(); }
  [[nodiscard]] Result<std::vector<std::string>> databases() override { return inner_.databases(); }
  [[nodiscard]] Result<std::vector<std::string>> tables(std::string_view database) override {
    return inner_.tables(database);
  }
  [[nodiscard]] Result<std::optional<Table>> find(std::string_view database, std::string_view name) override {
    return inner_.find(database, name);
  }
  [[nodiscard]] Result<void> put(const Table& table) override {
    if (table.name == of_others) return fail(ErrorKind::conflict, "it is another's");
    return inner_.put(table);
  }
  [[nodiscard]] Result<bool> remove(std::string_view database, std::string_view name) override {
    if (keeps_tables) return fail(ErrorKind::access, "denied");
    return inner_.remove(database, name);
  }

 private:
  Catalog& inner_;
};

TEST_F(CrawlerTest, WhatCouldNotBeRemovedIsRemovedTheNextTime) {
  write("a/x.ndjson", "{\"n\":1}\n");
  write("b/x.ndjson", "{\"n\":1}\n");
  crawl_lake();
  erase("b/x.ndjson");
  StubbornCatalog stubborn(catalog_);
  stubborn.keeps_tables = true;
  EXPECT_FALSE(crawl(*store_, stubborn, {}, clock_, stop_));
  stubborn.keeps_tables = false;
  const auto summary = crawl(*store_, stubborn, {}, clock_, stop_).value();
  EXPECT_THAT(summary.removed_tables, testing::ElementsAre("b"));
  EXPECT_FALSE(catalog_.find("stack", "b").value());
}

TEST_F(CrawlerTest, ATableOfOthersHoldsNoOtherTableUp) {
  for (const char* folder : {"a", "b", "c"}) write(std::string(folder) + "/x.ndjson", "{\"n\":1}\n");
  StubbornCatalog stubborn(catalog_);
  stubborn.of_others = "b";
  const auto summary = crawl(*store_, stubborn, {}, clock_, stop_).value();
  EXPECT_THAT(summary.conflicts, testing::ElementsAre("it is another's"));
  EXPECT_THAT(catalog_.tables("stack").value(), testing::ElementsAre("a", "c"));
  stubborn.of_others.clear();
  EXPECT_THAT(crawl(*store_, stubborn, {}, clock_, stop_).value().conflicts, testing::IsEmpty());
  EXPECT_THAT(catalog_.tables("stack").value(), testing::ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace stack::catalog
