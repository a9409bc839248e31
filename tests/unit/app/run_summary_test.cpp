#include "app/run_summary.hpp"

#include <gtest/gtest.h>

namespace stack::app {
namespace {

catalog::Table table_of(std::vector<std::string> days) {
  catalog::Table table;
  table.partition_keys = {"dt"};
  for (std::string& day : days) table.partitions.push_back({{day}, "dt=" + day, 1, 1, 1});
  return table;
}

TEST(LastYear, IsTheTablesWhateverItsPartitionsAre) {
  EXPECT_EQ(last_year_of(table_of({"2020-12-31", "2021-05-28"})), "dt >= '2021'");
  EXPECT_EQ(last_year_of(table_of({"2020", "2021-04", "2021-05-28"})), "dt >= '2021'");
  EXPECT_EQ(last_year_of(table_of({"2019"})), "dt >= '2019'");
}

TEST(LastYear, IsAllWhereDtDoesNotTell) {
  EXPECT_EQ(last_year_of({}), "true");
  EXPECT_EQ(last_year_of(table_of({})), "true");
  EXPECT_EQ(last_year_of(table_of({"2021", "__HIVE_DEFAULT_PARTITION__"})), "true");
  catalog::Table table = table_of({"2021"});
  table.unpartitioned_files = 1;
  EXPECT_EQ(last_year_of(table), "true");
  table = table_of({"2021"});
  table.partition_keys = {"day"};
  EXPECT_EQ(last_year_of(table), "true");
}

}  // namespace
}  // namespace stack::app
