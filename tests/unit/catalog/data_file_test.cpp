#include "catalog/data_file.hpp"

#include <gtest/gtest.h>

namespace stack::catalog {
namespace {

std::optional<DataFile> named(std::string key) { return data_file("ticks", {std::move(key), 10, Micros{}}); }

TEST(DataFileName, SaysFormatCompressionAndPartition) {
  const auto file = named("ticks/dt=2021-05/stock+0+00000000000000000042.ndjson.zst");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->format, TableFormat::ndjson);
  EXPECT_EQ(file->compression, FileCompression::zstd);
  ASSERT_EQ(file->partition.size(), 1U);
  EXPECT_EQ(file->partition.front(), (PartitionValue{"dt", "2021-05"}));
  EXPECT_EQ(file->partition_path, "dt=2021-05");
}

TEST(DataFileName, FoldersThatAreNoPartitionsArePassedThrough) {
  const auto file = named("ticks/2021/Region=hk/x/dt=2021-05/a.parquet");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->format, TableFormat::parquet);
  EXPECT_EQ(file->partition_path, "2021/Region=hk/x/dt=2021-05");
  EXPECT_EQ(spelled_keys(file->partition_path), (std::vector<std::string>{"Region", "dt"}));
  EXPECT_EQ(file->partition.front().key, "region");
}

TEST(DataFileName, WhatHiveSkipsIsSkipped) {
  for (const char* key : {"ticks/_SUCCESS", "ticks/.a.ndjson", "ticks/_stack/a.ndjson", "ticks/dt=1/_tmp/a.ndjson",
                          "ticks/a.csv", "ticks/ndjson", "ticks/dt=2021"})
    EXPECT_FALSE(named(key)) << key;
}

TEST(TableName, IsWhatHiveTakes) {
  EXPECT_EQ(table_name_of("Stock-Ticks 1"), "stock_ticks_1");
  EXPECT_EQ(table_name_of("ticks"), "ticks");
}

}  // namespace
}  // namespace stack::catalog
