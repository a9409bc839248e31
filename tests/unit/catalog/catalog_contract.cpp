#include "catalog_contract.hpp"

#include <thread>

namespace stack::catalog {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Table full_table(std::string name) {
  Table table;
  table.database = "stack";
  table.folder = table.name = std::move(name);
  table.location = "/lake/" + table.folder;
  table.compression = "gzip";
  table.columns = {{"symbol", TypeKind::string, {"Symbol", "symbol"}, false},
                   {"adj close", TypeKind::real, {"Adj Close"}, true},
                   {"book", *parse_type("array<struct<Bid:double,t:timestamp>>"), {"book"}, false}};
  table.partition_keys = {"dt"};
  table.partitions = {{{"2021-05-28"}, "dt=2021-05-28", 2, 100, 7}, {{"it's \"é\""}, "dt=it's \"é\"", 1, 50, 3}};
  table.files = 3;
  table.bytes = 150;
  table.rows = 10;
  table.malformed_lines = 1;
  table.mixed_formats = true;
  table.uniform_parquet = false;
  table.unpartitioned_files = 1;
  table.parameters = {{"classification", "json"}, {"compressionType", "gzip"}};
  return table;
}

TEST_P(CatalogContract, IsEmptyAtFirst) {
  EXPECT_THAT(catalog_->databases().value(), IsEmpty());
  EXPECT_THAT(catalog_->tables("stack").value(), IsEmpty());
  EXPECT_FALSE(catalog_->find("stack", "ticks").value());
}

TEST_P(CatalogContract, GivesBackWhatWasPut) {
  const Table table = full_table("ticks");
  ASSERT_TRUE(catalog_->put(table));
  EXPECT_EQ(catalog_->find("stack", "ticks").value(), table);
}

TEST_P(CatalogContract, ListsTablesByDatabaseAndName) {
  for (const char* name : {"ticks", "bars"}) ASSERT_TRUE(catalog_->put(full_table(name)));
  Table elsewhere = full_table("other");
  elsewhere.database = "second";
  ASSERT_TRUE(catalog_->put(elsewhere));
  EXPECT_THAT(catalog_->databases().value(), ElementsAre("second", "stack"));
  EXPECT_THAT(catalog_->tables("stack").value(), ElementsAre("bars", "ticks"));
  EXPECT_THAT(catalog_->tables("second").value(), ElementsAre("other"));
}

TEST_P(CatalogContract, ReplacesTheTableWithItsPartitions) {
  ASSERT_TRUE(catalog_->put(full_table("ticks")));
  Table fewer = full_table("ticks");
  fewer.partitions.pop_back();
  fewer.columns.pop_back();
  ASSERT_TRUE(catalog_->put(fewer));
  EXPECT_EQ(catalog_->find("stack", "ticks").value(), fewer);
}

TEST_P(CatalogContract, RemovesTables) {
  ASSERT_TRUE(catalog_->put(full_table("ticks")));
  ASSERT_TRUE(catalog_->remove("stack", "ticks"));
  EXPECT_FALSE(catalog_->find("stack", "ticks").value());
  EXPECT_TRUE(catalog_->remove("stack", "ticks"));
}

TEST_P(CatalogContract, KeepsAThousandPartitions) {
  Table table = full_table("ticks");
  table.partitions.clear();
  for (int i = 1000; i < 2000; ++i) {
    const std::string dt = std::to_string(i);
    table.partitions.push_back({{dt}, "dt=" + dt, 1, 2, 3});
  }
  ASSERT_TRUE(catalog_->put(table));
  EXPECT_EQ(catalog_->find("stack", "ticks").value(), table);
}

TEST_P(CatalogContract, RefusesNamesThatLeadElsewhere) {
  for (const char* name : {"", "..", "a/b", "../x", "A", "a b", "a.json"}) {
    EXPECT_EQ(catalog_->find("stack", name).error().kind, ErrorKind::usage) << name;
    EXPECT_EQ(catalog_->tables(name).error().kind, ErrorKind::usage) << name;
    Table table = full_table("ticks");
    table.name = name;
    EXPECT_EQ(catalog_->put(table).error().kind, ErrorKind::usage) << name;
  }
}

TEST_P(CatalogContract, WritersAtOnceLeaveOneWholeTable) {
  Table first = full_table("ticks");
  Table second = first;
  second.columns.pop_back();
  second.rows = 99;
  {
    std::vector<std::jthread> writers;
    for (const Table* table : {&first, &second})
      writers.emplace_back([&, table] {
        for (int i = 0; i < 50; ++i) EXPECT_TRUE(catalog_->put(*table));
      });
    for (int i = 0; i < 50; ++i) {
      const auto read = catalog_->find("stack", "ticks").value();
      EXPECT_TRUE(!read || *read == first || *read == second);
    }
  }
  const auto last = catalog_->find("stack", "ticks").value();
  EXPECT_TRUE(last == first || last == second);
}

TEST_P(CatalogContract, AMissingTableIsAnErrorThatListsTheOthers) {
  EXPECT_THAT(require_table(*catalog_, "stack", "tick").error().message, HasSubstr("stack crawl"));
  ASSERT_TRUE(catalog_->put(full_table("ticks")));
  const auto missing = require_table(*catalog_, "stack", "tick");
  EXPECT_EQ(missing.error().kind, ErrorKind::usage);
  EXPECT_THAT(missing.error().message, HasSubstr("there are: ticks"));
  EXPECT_TRUE(require_table(*catalog_, "stack", "TICKS"));
}

}  // namespace stack::catalog
