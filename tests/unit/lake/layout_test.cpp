#include <gtest/gtest.h>

#include "lake/file_format.hpp"
#include "lake/lake_layout.hpp"

namespace stack::lake {
namespace {

const Lane kLane{"ticks", "stock-events.v1_a", 3};

TEST(Layout, NamesAreTheContract) {
  EXPECT_EQ(data_key(kLane, "2021-05-28", 17, "ndjson"),
            "ticks/dt=2021-05-28/stock-events.v1_a+3+00000000000000000017.ndjson");
  EXPECT_EQ(data_key(kLane, "", 0, "parquet"), "ticks/stock-events.v1_a+3+00000000000000000000.parquet");
  EXPECT_EQ(claim_key(kLane, INT64_MAX), "_stack/claims/ticks/stock-events.v1_a/3/09223372036854775807");
  EXPECT_EQ(dead_letter_key(kLane, 5), "_stack/dlq/ticks/stock-events.v1_a+3+00000000000000000005.ndjson");
}

TEST(Layout, ReadsItsOwnNamesBack) {
  for (const char* extension : {"ndjson", "ndjson.gz", "ndjson.zst", "parquet"}) {
    const auto name = parse_file_key(data_key(kLane, "2021-05", 123456, extension));
    ASSERT_TRUE(name);
    EXPECT_EQ(name->dt, "2021-05");
    EXPECT_EQ(name->topic, kLane.topic);
    EXPECT_EQ(name->partition, 3);
    EXPECT_EQ(name->first, 123456);
    EXPECT_EQ(name->extension, extension);
  }
  EXPECT_EQ(parse_file_key(data_key(kLane, "", 1, "ndjson"))->dt, "");
}

TEST(Layout, KnowsNamesThatAreNotItsOwn) {
  for (const char* key :
       {"ticks/readme.txt", "ticks/a+b.ndjson", "ticks/dt=1/a+1+17.ndjson", "a+1+00000000000000000017",
        "ticks/a+x+00000000000000000017.ndjson", "ticks/a+1+0000000000000000001x.ndjson", "", "/"}) {
    EXPECT_FALSE(parse_file_key(key)) << key;
  }
}

TEST(Layout, TableNamesStayInTheLake) {
  for (const char* table : {"ticks", "T_1", "a"}) EXPECT_TRUE(check_table_name(table)) << table;
  for (const char* table : {"", "_stack", "..", "a/b", "../a", "a b", "a-b", "a.b", "dt=1", "\xc3\xa4"}) {
    const auto checked = check_table_name(table);
    ASSERT_FALSE(checked) << table;
    EXPECT_EQ(checked.error().kind, ErrorKind::usage);
  }
  EXPECT_FALSE(check_table_name(std::string(129, 'a')));
}

TEST(Layout, TopicNamesStayInTheLake) {
  EXPECT_TRUE(check_topic_name("stock-events.v1_A"));
  for (const char* topic : {"", ".", "..", "a/b", "a+b", "a b"}) EXPECT_FALSE(check_topic_name(topic)) << topic;
  EXPECT_FALSE(check_topic_name(std::string(201, 'a')));
}

TEST(FileFormats, NamesGoBothWays) {
  EXPECT_EQ(parse_file_format(name_of(FileFormat::parquet)), FileFormat::parquet);
  EXPECT_EQ(parse_compression(name_of(Compression::zstd)), Compression::zstd);
  EXPECT_EQ(parse_partition_by(name_of(PartitionBy::none)), PartitionBy::none);
  EXPECT_FALSE(parse_file_format("orc"));
  EXPECT_EQ(file_extension(FileFormat::ndjson, Compression::gzip), "ndjson.gz");
  EXPECT_EQ(file_extension(FileFormat::parquet, Compression::gzip), "parquet");
  EXPECT_EQ(dt_length(PartitionBy::month), 7U);
}

}  // namespace
}  // namespace stack::lake
