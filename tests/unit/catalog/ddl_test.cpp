#include "catalog/ddl.hpp"

#include <gmock/gmock.h>

namespace stack::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Table ticks() {
  Table table;
  table.database = "stack";
  table.name = table.folder = "ticks";
  table.location = "s3://bucket/lake/ticks";
  for (const auto& [name, type] : tick_columns()) table.columns.push_back({name, type, {name}, false});
  table.partition_keys = {"dt"};
  table.partitions = {{{"2021-05"}, "dt=2021-05", 1, 1, 1}, {{"2021-06"}, "dt=2021-06", 1, 1, 1}};
  table.parameters = {{"classification", "json"}, {"compressionType", "none"}};
  return table;
}

TEST(Ddl, OfATickTable) {
  EXPECT_EQ(athena_ddl(ticks()), R"(CREATE EXTERNAL TABLE IF NOT EXISTS `stack`.`ticks` (
  `symbol` string,
  `session_date` date,
  `event_time` timestamp,
  `seq` bigint,
  `price` double,
  `size` bigint
)
PARTITIONED BY (`dt` string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://bucket/lake/ticks/'
TBLPROPERTIES ('classification' = 'json', 'compressionType' = 'none');

ALTER TABLE `stack`.`ticks` ADD IF NOT EXISTS
  PARTITION (`dt` = '2021-05') LOCATION 's3://bucket/lake/ticks/dt=2021-05/'
  PARTITION (`dt` = '2021-06') LOCATION 's3://bucket/lake/ticks/dt=2021-06/';
)");
}

TEST(Ddl, ParquetHasItsOwnSerDe) {
  Table table = ticks();
  table.format = TableFormat::parquet;
  const std::string ddl = athena_ddl(table);
  EXPECT_THAT(ddl, HasSubstr("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"));
  EXPECT_THAT(ddl, HasSubstr("MapredParquetInputFormat"));
  EXPECT_THAT(ddl, Not(HasSubstr("JsonSerDe")));
}

TEST(Ddl, ALakeInAFolderSaysThatItsAddressIsToBeFilledIn) {
  Table table = ticks();
  table.location = "/data/lake/ticks";
  const std::string ddl = athena_ddl(table);
  EXPECT_THAT(ddl, HasSubstr("-- This lake is the folder /data/lake/:"));
  EXPECT_THAT(ddl, HasSubstr("LOCATION 's3://YOUR-BUCKET/YOUR-PREFIX/ticks/'"));
}

TEST(Ddl, MalformedLinesAreToBePassedOver) {
  Table table = ticks();
  EXPECT_THAT(athena_ddl(table), Not(HasSubstr("ignore.malformed.json")));
  table.malformed_lines = 1;
  EXPECT_THAT(athena_ddl(table), HasSubstr("WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true')"));
}

TEST(Ddl, OddNamesAndValuesAreQuoted) {
  Table table = ticks();
  table.columns = {{"adj close", TypeKind::real, {"Adj Close"}, false}, {"a`b", TypeKind::string, {"a`b"}, false}};
  table.partitions = {{{"it's"}, "dt=it's", 1, 1, 1}};
  const std::string ddl = athena_ddl(table);
  EXPECT_THAT(ddl, HasSubstr("`adj close` double,\n  `a``b` string"));
  EXPECT_THAT(ddl, HasSubstr(R"(`dt` = 'it\'s')"));
}

TEST(Ddl, ManyPartitionsMakeSeveralStatements) {
  Table table = ticks();
  table.partitions.clear();
  for (int i = 1000; i < 2001; ++i)
    table.partitions.push_back({{std::to_string(i)}, "dt=" + std::to_string(i), 1, 1, 1});
  const std::string ddl = athena_ddl(table);
  std::size_t statements = 0;
  for (std::size_t at = ddl.find("ALTER TABLE"); at != std::string::npos; at = ddl.find("ALTER TABLE", at + 1))
    ++statements;
  EXPECT_EQ(statements, 3U);
}

TEST(Ddl, PartitionsAreWhereTheirFilesAre) {
  Table table = ticks();
  table.partitions = {{{"1"}, "s1/DT=1", 1, 1, 1}, {{"1"}, "s2/dt=1", 1, 1, 1}, {{"2"}, "s2/dt=2", 1, 1, 1}};
  const std::string ddl = athena_ddl(table);
  EXPECT_THAT(ddl, HasSubstr("PARTITION (`dt` = '1') LOCATION 's3://bucket/lake/ticks/s1/DT=1/'\n"
                             "  PARTITION (`dt` = '2') LOCATION 's3://bucket/lake/ticks/s2/dt=2/';"));
  EXPECT_THAT(ddl, HasSubstr("-- s2/dt=1/ has the values of another partition: Athena does not read it.\n"));
}

TEST(Ddl, FilesThatCannotBeReadAreNamed) {
  Table table = ticks();
  table.unreadable_files = {"dt=2021-05/a.ndjson.gz"};
  EXPECT_THAT(athena_ddl(table), HasSubstr("-- dt=2021-05/a.ndjson.gz cannot be read: "));
}

TEST(Ddl, ATableWithoutPartitions) {
  Table table = ticks();
  table.partition_keys.clear();
  table.partitions.clear();
  EXPECT_THAT(athena_ddl(table), Not(HasSubstr("PARTITION")));
}

}  // namespace
}  // namespace stack::catalog
