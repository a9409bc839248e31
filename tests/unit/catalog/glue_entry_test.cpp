#include "catalog/glue_entry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/glue_own.hpp"
#include "catalog_contract.hpp"

namespace stack::catalog {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

Table ticks(TableFormat format = TableFormat::ndjson) {
  Table table;
  table.database = "stack";
  table.folder = table.name = "ticks";
  table.location = "s3://bucket/lake/ticks";
  table.format = format;
  for (const auto& [name, type] : tick_columns()) {
    Column& column = table.columns.emplace_back(Column{name, type, {}, format == TableFormat::parquet});
    if (format == TableFormat::ndjson) column.json_keys = {name};
  }
  table.partition_keys = {"dt"};
  table.partitions = {{{"2021-04"}, "dt=2021-04", 1, 50, 3}, {{"2021-05"}, "dt=2021-05", 2, 100, 7}};
  table.files = 3;
  table.bytes = 150;
  table.rows = 10;
  table.parameters = {{"classification", format == TableFormat::parquet ? "parquet" : "json"}};
  return table;
}

// Written as Glue is told it, and read as Glue tells it.
Result<Table> there_and_back(const Table& table, std::string_view lake) {
  const auto partitions = glue_partitions(table);
  STACK_TRY_ASSIGN(entry, glue_table(table, fingerprint(partitions)));
  simdjson::dom::parser parser;
  const std::string written = table_input(entry);
  const GlueTable read = parse_table(parser.parse(written).get_object().value());
  std::vector<GluePartition> read_partitions;
  for (const GluePartition& partition : partitions) {
    const std::string each = partition_input(partition);
    read_partitions.push_back(parse_partition(parser.parse(each).get_object().value()));
  }
  EXPECT_EQ(read_partitions, partitions);
  EXPECT_TRUE(same_entry(read, entry));
  return table_of(table.database, read, read_partitions, lake);
}

TEST(GlueEntry, HasEverythingOfATable) {
  for (const TableFormat format : {TableFormat::ndjson, TableFormat::parquet})
    EXPECT_EQ(there_and_back(ticks(format), "s3://bucket/lake").value(), ticks(format));
  EXPECT_EQ(there_and_back(full_table("full"), "/lake").value(), full_table("full"));
  Table odd = full_table("odd");
  odd.partitions.push_back({{"2021-05-28"}, "more/dt=2021-05-28", 1, 1, 1});  // which Glue cannot hold
  odd.partitions.push_back({{""}, "zero/dt=", 1, 1, 1});
  odd.unreadable_files = {"dt=2021-05-28/a \"b\".ndjson.gz"};
  EXPECT_EQ(there_and_back(odd, "/lake").value(), odd);
}

TEST(GlueEntry, SaysWhatAthenaAndTrinoRead) {
  Table table = ticks();
  table.compression = "gzip";
  table.malformed_lines = 1;
  const GlueTable json = glue_table(table, "f").value();
  EXPECT_EQ(json.kind, "EXTERNAL_TABLE");
  EXPECT_EQ(json.storage.location, "s3://bucket/lake/ticks/");
  EXPECT_EQ(json.storage.serde, "org.apache.hive.hcatalog.data.JsonSerDe");
  EXPECT_EQ(json.storage.input_format, "org.apache.hadoop.mapred.TextInputFormat");
  EXPECT_THAT(json.storage.serde_parameters, Contains(Pair("ignore.malformed.json", "true")));
  EXPECT_TRUE(json.storage.compressed);
  EXPECT_EQ(json.storage.columns[1].type, "date");
  EXPECT_EQ(json.storage.columns[4].type, "double");
  EXPECT_THAT(json.parameters, Contains(Pair("classification", "json")));
  EXPECT_THAT(json.parameters, Contains(Pair("recordCount", "10")));
  ASSERT_THAT(json.keys, SizeIs(1));
  EXPECT_EQ(json.keys[0].name + " " + json.keys[0].type, "dt string");
  const auto partitions = glue_partitions(table);
  ASSERT_THAT(partitions, SizeIs(2));
  EXPECT_EQ(partitions[0].storage.location, "s3://bucket/lake/ticks/dt=2021-04/");
  EXPECT_EQ(partitions[0].storage.columns, json.storage.columns);
  EXPECT_THAT(glue_table(ticks(TableFormat::parquet), "f").value().storage.serde, HasSubstr("ParquetHiveSerDe"));
}

TEST(GlueEntry, IsCompactForWhatMostTablesAre) {
  Table wide = ticks();
  for (int i = 0; i < 500; ++i)
    wide.columns.push_back({"column" + std::to_string(i), TypeKind::real, {"column" + std::to_string(i)}, false});
  EXPECT_LT(glue_table(wide, "0123456789abcdef").value().parameters.at("stack.table").size(), 200U);
}

TEST(GlueEntry, OfMoreThanGlueTakesIsAnError) {
  Table table = ticks();
  for (int i = 0; i < 20'000; ++i) table.unreadable_files.push_back("dt=2021-05/damaged-" + std::to_string(i) + ".gz");
  const auto entry = glue_table(table, "f");
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().kind, ErrorKind::conflict);
  EXPECT_THAT(entry.error().message, HasSubstr("20000 unreadable files"));
}

TEST(GlueEntry, OfNamesThatAreTooLongIsAnErrorThatNamesThem) {
  Table table = ticks();
  table.columns.push_back({std::string(300, 'x'), TypeKind::real, {"x"}, false});
  EXPECT_THAT(glue_table(table, "f").error().message, HasSubstr("column xxx"));
  Table partitioned = ticks();
  partitioned.partitions[0].values[0] = std::string(1100, 'y');
  EXPECT_THAT(glue_table(partitioned, "f").error().message, HasSubstr("partition yyy"));
}

TEST(GlueEntry, WithoutAFingerprintIsNotWhole) {
  const GlueTable half = glue_table(ticks(), "").value();
  EXPECT_TRUE(is_ours(half));
  EXPECT_FALSE(is_whole(half));
  EXPECT_TRUE(is_whole(glue_table(ticks(), "f").value()));
}

GlueTable foreign() {
  GlueTable entry;
  entry.name = "ticks";
  entry.kind = "EXTERNAL_TABLE";
  entry.storage.location = "s3://bucket/lake/ticks";
  entry.storage.serde = "org.openx.data.jsonserde.JsonSerDe";
  entry.storage.columns = {{"symbol", "string", {}}, {"Seq", "int", {}}, {"m", "map<string,int>", {}}};
  entry.keys = {{"dt", "string", {}}};
  entry.parameters = {{"classification", "json"}, {"UPDATED_BY_CRAWLER", "x"}};
  return entry;
}

TEST(GlueEntry, OfOthersIsUnderstood) {
  GluePartition partition;
  partition.values = {"2021-05"};
  partition.storage.location = "s3://bucket/lake/ticks/dt=2021-05/";
  GluePartition elsewhere = partition;
  elsewhere.storage.location = "s3://other/dt=2021-06/";
  const Table table = table_of("stack", foreign(), {partition, elsewhere}, "s3://bucket/lake").value();
  EXPECT_EQ(table.folder, "ticks");
  ASSERT_THAT(table.columns, SizeIs(3));
  EXPECT_EQ(table.columns[1].name, "seq");
  EXPECT_EQ(table.columns[1].type, Type(TypeKind::bigint));
  EXPECT_EQ(table.columns[2].type, Type(TypeKind::string));
  ASSERT_THAT(table.partitions, SizeIs(1));
  EXPECT_EQ(table.partitions[0].path, "dt=2021-05");
}

TEST(GlueEntry, OfAnotherPlaceOrFormatIsAnError) {
  const auto elsewhere = table_of("stack", foreign(), {}, "s3://bucket/lak");
  EXPECT_EQ(elsewhere.error().kind, ErrorKind::conflict);
  EXPECT_THAT(elsewhere.error().message, HasSubstr("s3://bucket/lake/ticks"));
  GlueTable csv = foreign();
  csv.storage.serde = "org.apache.hadoop.hive.serde2.OpenCSVSerde";
  csv.parameters = {{"classification", "csv"}};
  EXPECT_THAT(table_of("stack", csv, {}, "").error().message, HasSubstr("csv files"));
  GlueTable iceberg = foreign();
  iceberg.parameters["table_type"] = "ICEBERG";
  EXPECT_THAT(table_of("stack", iceberg, {}, "").error().message, HasSubstr("ICEBERG"));
  GlueTable view;
  view.name = "v";
  view.kind = "VIRTUAL_VIEW";
  EXPECT_THAT(table_of("stack", view, {}, "").error().message, HasSubstr("a view"));
}

TEST(GlueEntry, SaysWhatContradicts) {
  const GlueTable wanted = glue_table(ticks(), "f").value();
  EXPECT_THAT(contradictions(foreign(), wanted),
              ElementsAre("its column 'Seq' is int, that of the files bigint", "its column 'm' is in no file"));
  GlueTable other = wanted;
  other.storage.location = "s3://elsewhere/ticks/";
  other.keys.clear();
  EXPECT_THAT(contradictions(other, wanted),
              ElementsAre(HasSubstr("s3://elsewhere/ticks/"), HasSubstr("partition keys are none")));
  EXPECT_THAT(contradictions(glue_table(ticks(TableFormat::parquet), "f").value(), wanted),
              Contains(HasSubstr("a table of parquet files")));
  GlueTable fewer = wanted;
  fewer.storage.columns.pop_back();
  EXPECT_THAT(contradictions(fewer, wanted), IsEmpty());
}

TEST(GlueEntry, KeepsWhatPeopleHaveAdded) {
  GlueTable before = glue_table(ticks(), "f").value();
  before.parameters["has_encrypted_data"] = "false";
  before.description = "every tick";
  before.storage.columns[0].comment = "as in the CSV";
  Table changed = ticks();
  changed.parameters = {{"compressionType", "gzip"}};
  changed.rows = 11;
  const GlueTable after = with_additions_of(before, glue_table(changed, "g").value());
  EXPECT_EQ(after.parameters.at("has_encrypted_data"), "false");
  EXPECT_EQ(after.parameters.at("recordCount"), "11");
  EXPECT_FALSE(after.parameters.contains("classification"));  // which STACK had put there
  EXPECT_EQ(after.description, "every tick");
  EXPECT_EQ(after.storage.columns[0].comment, "as in the CSV");
}

}  // namespace
}  // namespace stack::catalog
