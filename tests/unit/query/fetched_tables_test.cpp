// A lake that is not on this machine: what of it is fetched for a question, and that nothing else can be read.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "catalog/crawler.hpp"
#include "small_lake.hpp"

namespace stack::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class FetchedTablesTest : public SmallLake {
 protected:
  // Days 1 to 4 of a month, a file each, and a file beside them.
  void write_days() {
    for (const char* day : {"01", "02", "03", "04"})
      write(std::string("t/dt=2021-05-") + day + "/a.ndjson", std::string("{\"n\":") + day[1] + ",\"s\":\"x\"}\n");
    crawl();
    (void)distant_->take_reads();
  }

  // The names of the partitions from which SQL makes something be fetched; a fetch is one request.
  std::vector<std::string> fetched(std::string_view sql) {
    (void)rows(sql);
    std::vector<std::string> keys;
    for (const auto& [key, reads] : distant_->take_reads()) {
      EXPECT_EQ(reads, 1) << key;
      keys.push_back(key.substr(0, key.rfind('/')));
    }
    return keys;
  }
};

TEST_F(FetchedTablesTest, OnlyPartitionsThatTheConditionsLeave) {
  write_days();
  EXPECT_THAT(fetched("SELECT * FROM t WHERE dt = '2021-05-02'"), ElementsAre("t/dt=2021-05-02"));
  EXPECT_THAT(fetched("SELECT * FROM t WHERE dt = '2021-05-02'"), IsEmpty());
  EXPECT_THAT(fetched("WITH w AS (FROM t) SELECT max(n) FROM w WHERE dt > '2021-05-02' AND dt <= '2021-05-03'"),
              ElementsAre("t/dt=2021-05-03"));
  EXPECT_THAT(fetched("DESCRIBE t"), IsEmpty());
  EXPECT_THAT(fetched("SELECT 1"), IsEmpty());
  EXPECT_THAT(fetched("SELECT * FROM t WHERE dt LIKE '2020%'"), IsEmpty());
  EXPECT_THAT(fetched("SELECT count(*) FROM t WHERE n > 2"), ElementsAre("t/dt=2021-05-01", "t/dt=2021-05-04"));
  EXPECT_EQ(rows("SELECT n FROM t WHERE dt < '2021-05-03' ORDER BY n"), (std::vector<Row>{{"1"}, {"2"}}));
}

TEST_F(FetchedTablesTest, ConditionsThatTellNothingBeforehand) {
  write_days();
  EXPECT_EQ(rows("SELECT n FROM t WHERE dt = (SELECT max(dt) FROM t)"), (std::vector<Row>{{"4"}}));
  EXPECT_EQ(rows("SELECT a.n FROM t a JOIN t b ON a.n = b.n + 1 WHERE b.dt = '2021-05-01'"), (std::vector<Row>{{"2"}}));
  EXPECT_EQ(rows("SELECT count(*) FROM t WHERE random() >= 0 AND dt IS NOT NULL"), (std::vector<Row>{{"4"}}));
  EXPECT_EQ(rows("SELECT count(*) FROM t WHERE EXISTS (FROM t u WHERE u.dt > t.dt)"), (std::vector<Row>{{"3"}}));
  EXPECT_EQ(rows("SELECT 'partition_of_lake_0', count(*) FROM t WHERE dt = '2021-05-01'"),
            (std::vector<Row>{{"partition_of_lake_0", "1"}}));
}

TEST_F(FetchedTablesTest, PartitionsWhoseValuesTheFolderSpellsOtherwise) {
  write("t/dt=a%20b/a.ndjson", "{\"n\":1}\n");
  write("t/dt=__HIVE_DEFAULT_PARTITION__/a.ndjson", "{\"n\":2}\n");
  write("t/loose.ndjson", "{\"n\":3}\n");
  crawl();
  EXPECT_EQ(rows("SELECT n FROM t WHERE dt = 'a b'"), (std::vector<Row>{{"1"}}));
  EXPECT_EQ(rows("SELECT n FROM t WHERE dt IS NULL ORDER BY n"), (std::vector<Row>{{"2"}, {"3"}}));
}

TEST_F(FetchedTablesTest, ManyMegabytesInPieces) {
  std::string lines;
  const std::size_t line = std::string("{\"n\":1,\"s\":\"\"}\n").size() + 1000;
  while (lines.size() < (9U << 20)) lines += "{\"n\":1,\"s\":\"" + std::string(1000, 'x') + "\"}\n";
  write("t/a.ndjson", lines);
  crawl();
  (void)distant_->take_reads();
  EXPECT_EQ(rows("SELECT count(*), sum(length(s)) FROM t"),
            (std::vector<Row>{{std::to_string(lines.size() / line), std::to_string(lines.size() / line * 1000)}}));
  EXPECT_THAT(distant_->take_reads(), ElementsAre(testing::Pair("t/a.ndjson", 3)));
}

TEST_F(FetchedTablesTest, ObjectsThatGoBetweenListingAndFetch) {
  write_days();
  (void)rows("SELECT * FROM t WHERE dt = '2021-05-01'");  // lists the table
  ASSERT_TRUE(store_->remove("t/dt=2021-05-02/a.ndjson"));
  write("t/dt=2021-05-02/merged.ndjson", "{\"n\":2}\n");
  EXPECT_EQ(rows("SELECT n FROM t WHERE dt = '2021-05-02'"), (std::vector<Row>{{"2"}}));
}

TEST_F(FetchedTablesTest, CopiesAreKeptAndBounded) {
  write_days();
  EXPECT_EQ(fetched("SELECT * FROM t").size(), 4U);
  reopen();
  EXPECT_THAT(fetched("SELECT * FROM t"), IsEmpty());
  reopen();
  lake::ObjectCacheOptions small{.root = folder_.path() / "cache", .bytes = 20};
  {
    auto first = lake::ObjectCache::open(*distant_, small).value();
    auto second = lake::ObjectCache::open(*distant_, small).value();
    write("t/dt=2021-05-05/a.ndjson", "{\"n\":5}\n");
    const auto objects = store_->list("t/dt=2021-05-05/").value();
    EXPECT_TRUE(first->fetch(objects, stop_).value());
    first.reset();  // the second may be about to read: nothing goes
    EXPECT_TRUE(std::filesystem::exists(second->path_of(objects[0])));
    write("t/dt=2021-05-06/a.ndjson", "{\"n\":6}\n");
    EXPECT_TRUE(second->fetch(store_->list("t/dt=2021-05-06/").value(), stop_).value());
  }
  std::uint64_t bytes = 0;
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / "cache")) {
    if (!entry.is_regular_file()) continue;
    bytes += entry.file_size();
    if (entry.file_size() > 0) left.push_back(entry.path().parent_path().parent_path().filename());
  }
  EXPECT_LE(bytes, 20U);
  EXPECT_THAT(left, UnorderedElementsAre("dt=2021-05-05", "dt=2021-05-06"));  // those used last
}

TEST_F(FetchedTablesTest, NothingButThisLakesCopiesCanBeRead) {
  write_days();
  (void)rows("SELECT * FROM t");
  const std::string outside = (folder_.path() / "secret.csv").string();
  std::ofstream(outside) << "a\n1\n";
  for (const std::string& path : {outside, store_->uri() + "/t/dt=2021-05-01/a.ndjson", std::string("/etc/passwd"),
                                  (folder_.path() / "cache" / "in-use").string(), std::string("s3://b/k")})
    EXPECT_THAT(error("SELECT * FROM read_text('" + path + "')").message, HasSubstr("read the lake's own files only"));
  EXPECT_EQ(error("COPY t TO '" + outside + "'").kind, ErrorKind::query);
  EXPECT_EQ(error("SET enable_external_access = true").kind, ErrorKind::query);
  EXPECT_EQ(error("SELECT nope FROM t").kind, ErrorKind::query);
}

TEST_F(FetchedTablesTest, FootersOfParquetAreCrawledWithoutTheRows) {
  write_with_duckdb("p/a.parquet", "SELECT range AS n, md5(range::VARCHAR) AS s FROM range(100000)", "FORMAT parquet");
  write("p/b.parquet", "no parquet at all");
  const auto before = distant_->bytes_read();
  const auto summary = catalog::crawl(*distant_, *catalog_, {}, SystemClock{}, stop_).value();
  EXPECT_LT(distant_->bytes_read() - before, 200'000U);
  ASSERT_EQ(summary.tables.size(), 1U);
  EXPECT_EQ(summary.tables[0].rows, 100000U);
  ASSERT_EQ(summary.tables[0].unreadable.size(), 1U);
  EXPECT_THAT(summary.tables[0].unreadable[0].reason, HasSubstr(distant_->uri() + "/p/b.parquet"));
  EXPECT_EQ(rows("SELECT count(*), count(DISTINCT s) FROM p"), (std::vector<Row>{{"100000", "100000"}}));
}

}  // namespace
}  // namespace stack::query
