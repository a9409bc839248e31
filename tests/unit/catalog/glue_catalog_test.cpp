// What AWS Glue refuses, and how it pages: scripted. The contract runs against moto (tests/integration/glue).
#include "catalog/glue_catalog.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/glue_entry.hpp"
#include "scripted_glue.hpp"

namespace stack::catalog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Table ticks(int months) {
  Table table;
  table.database = "stack";
  table.folder = table.name = "ticks";
  table.location = "s3://bucket/lake/ticks";
  table.columns = {{"symbol", TypeKind::string, {"symbol"}, false}};
  table.partition_keys = {"dt"};
  for (int month = 0; month < months; ++month) {
    const std::string dt = fmt::format("{}-{:02}", 2000 + month / 12, 1 + month % 12);
    table.partitions.push_back({{dt}, "dt=" + dt, 1, 2, 3});
    ++table.files;
  }
  table.parameters = {{"classification", "json"}};
  return table;
}

std::string get_table(const Table& table, const std::string& version = "1") {
  std::string entry = table_input(glue_table(table, fingerprint(glue_partitions(table))).value());
  entry.pop_back();
  return fmt::format(R"({{"Table":{},"VersionId":"{}"}}}})", entry, version);
}

std::string get_partitions(const Table& table, const std::string& token = "") {
  std::string inputs;
  for (const GluePartition& partition : glue_partitions(table))
    inputs += (inputs.empty() ? "" : ",") + partition_input(partition);
  return fmt::format(R"({{"Partitions":[{}]{}}})", inputs,
                     token.empty() ? "" : fmt::format(R"(,"NextToken":"{}")", token));
}

std::string batch_error(const std::string& dt, const std::string& code, const std::string& list = "PartitionValues") {
  return fmt::format(R"({{"Errors":[{{"{}":["{}"],"ErrorDetail":{{"ErrorCode":"{}","ErrorMessage":"it says"}}}}]}})",
                     list, dt, code);
}

class GlueCatalogTest : public testing::Test {
 protected:
  // Glue has TABLE already.
  void holds(const Table& table) {
    glue_.on("GetTable", get_table(table));
    glue_.on("GetPartitions", get_partitions(table));
  }
  ScriptedGlue glue_;
  GlueCatalog catalog_{glue_.client(), "s3://bucket/lake", glue_.clock()};
};

TEST_F(GlueCatalogTest, ReadsAllPages) {
  glue_.on("GetDatabases", {ScriptedGlue::says(R"({"DatabaseList":[{"Name":"b"}],"NextToken":"n\"1"})"),
                            ScriptedGlue::says(R"({"DatabaseList":[{"Name":"a"}]})")});
  EXPECT_THAT(catalog_.databases().value(), ElementsAre("a", "b"));
  EXPECT_THAT(glue_.asked("GetDatabases")[1], HasSubstr(R"("NextToken":"n\"1")"));
  glue_.on("GetTables", {ScriptedGlue::says(R"({"TableList":[{"Name":"t"}],"NextToken":"2"})"),
                         ScriptedGlue::says(R"({"TableList":[{"Name":"s"}]})")});
  EXPECT_THAT(catalog_.tables("stack").value(), ElementsAre("s", "t"));
  Table first = ticks(3);
  Table second = ticks(5);
  second.partitions.erase(second.partitions.begin(), second.partitions.begin() + 3);
  glue_.on("GetTable", get_table(ticks(5)));
  glue_.on("GetPartitions",
           {ScriptedGlue::says(get_partitions(second, "more")), ScriptedGlue::says(get_partitions(first))});
  EXPECT_EQ(catalog_.find("stack", "ticks").value(), ticks(5));
  EXPECT_THAT(glue_.asked("GetPartitions")[1], HasSubstr(R"("NextToken":"more")"));
}

TEST_F(GlueCatalogTest, WritesNothingWhereNothingIsNew) {
  holds(ticks(3));
  EXPECT_TRUE(catalog_.put(ticks(3)));
  EXPECT_THAT(glue_.operations(), ElementsAre("GetTable", "GetPartitions"));
}

TEST_F(GlueCatalogTest, ReadsPartitionsOnceForManyRegistrations) {
  holds(ticks(3));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(catalog_.find("stack", "ticks").value(), ticks(3));
  ASSERT_TRUE(catalog_.put(ticks(4)));
  EXPECT_THAT(glue_.asked("GetPartitions"), SizeIs(1));
  EXPECT_THAT(glue_.asked("BatchCreatePartition"), ElementsAre(AllOf(HasSubstr("2000-04"), Not(HasSubstr("2000-03")))));
  EXPECT_THAT(glue_.asked("BatchUpdatePartition"), IsEmpty());
  // What it has written it knows as well.
  glue_.on("GetTable", get_table(ticks(4), "2"));
  ASSERT_TRUE(catalog_.put(ticks(5)));
  EXPECT_THAT(glue_.asked("GetPartitions"), SizeIs(1));
  EXPECT_THAT(glue_.asked("BatchCreatePartition"), SizeIs(2));
}

TEST_F(GlueCatalogTest, MakesAVersionForColumnsAndNotForFiles) {
  holds(ticks(3));
  Table more = ticks(3);
  more.rows = 100;
  ASSERT_TRUE(catalog_.put(more));
  Table wider = more;
  wider.columns.push_back({"price", TypeKind::real, {"price"}, false});
  ASSERT_TRUE(catalog_.put(wider));
  const auto updates = glue_.asked("UpdateTable");
  ASSERT_THAT(updates, SizeIs(2));
  EXPECT_THAT(updates[0], AllOf(HasSubstr(R"("SkipArchive":true)"), HasSubstr(R"("VersionId":"1")")));
  EXPECT_THAT(updates[1], HasSubstr(R"("SkipArchive":false)"));
  EXPECT_THAT(glue_.asked("BatchUpdatePartition"), ElementsAre(HasSubstr("price")));  // all three at once
}

TEST_F(GlueCatalogTest, WritesPartitionsBeforeTheEntry) {
  holds(ticks(3));
  ASSERT_TRUE(catalog_.put(ticks(4)));
  EXPECT_THAT(glue_.operations(), ElementsAre("GetTable", "GetPartitions", "BatchCreatePartition", "UpdateTable"));
}

TEST_F(GlueCatalogTest, TakesPartitionsAsOthersLeaveThem) {
  holds(ticks(3));
  Table wanted = ticks(4);
  wanted.partitions[0].rows = 9;
  wanted.partitions.erase(wanted.partitions.begin() + 1);
  glue_.on("BatchCreatePartition",
           {ScriptedGlue::says(batch_error("2000-04", "AlreadyExistsException")), ScriptedGlue::says("{}")});
  glue_.on("BatchUpdatePartition",
           {ScriptedGlue::says(batch_error("2000-01", "EntityNotFoundException", "PartitionValueList")),
            ScriptedGlue::says("{}")});
  glue_.on("BatchDeletePartition", batch_error("2000-02", "EntityNotFoundException"));
  ASSERT_TRUE(catalog_.put(wanted));
  const auto created = glue_.asked("BatchCreatePartition");
  const auto updated = glue_.asked("BatchUpdatePartition");
  ASSERT_THAT(created, SizeIs(2));
  ASSERT_THAT(updated, SizeIs(2));
  EXPECT_THAT(created[1], HasSubstr("2000-01"));
  EXPECT_THAT(updated[1], HasSubstr("2000-04"));
  EXPECT_THAT(glue_.asked("BatchDeletePartition"), SizeIs(1));
}

TEST_F(GlueCatalogTest, TriesAPartitionAgainThatMayPass) {
  holds(ticks(3));
  glue_.on("BatchCreatePartition",
           {ScriptedGlue::says(batch_error("2000-04", "InternalServiceException")), ScriptedGlue::says("{}")});
  ASSERT_TRUE(catalog_.put(ticks(5)));
  const auto created = glue_.asked("BatchCreatePartition");
  ASSERT_THAT(created, SizeIs(2));
  EXPECT_THAT(created[1], Not(HasSubstr("2000-05")));
}

TEST_F(GlueCatalogTest, NamesThePartitionThatIsRefused) {
  holds(ticks(3));
  glue_.on("BatchCreatePartition", batch_error("2000-04", "AccessDeniedException"));
  const auto denied = catalog_.put(ticks(4));
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().kind, ErrorKind::access);
  EXPECT_THAT(denied.error().message,
              AllOf(HasSubstr("2000-04"), HasSubstr("stack.ticks"), HasSubstr("glue:BatchCreatePartition")));
  EXPECT_THAT(glue_.asked("UpdateTable"), IsEmpty());
  glue_.on("BatchCreatePartition", batch_error("2000-04", "ResourceNumberLimitExceededException"));
  EXPECT_THAT(catalog_.put(ticks(4)).error().message, HasSubstr("Service Quotas"));
}

TEST_F(GlueCatalogTest, ComparesAgainWhenAnotherWriterCameFirst) {
  holds(ticks(3));
  glue_.on("GetTable", {ScriptedGlue::says(get_table(ticks(3), "1")), ScriptedGlue::says(get_table(ticks(3), "2"))});
  glue_.on("UpdateTable", {ScriptedGlue::refuses("ConcurrentModificationException"), ScriptedGlue::says("{}")});
  ASSERT_TRUE(catalog_.put(ticks(4)));
  const auto updates = glue_.asked("UpdateTable");
  ASSERT_THAT(updates, SizeIs(2));
  EXPECT_THAT(updates[1], HasSubstr(R"("VersionId":"2")"));
  EXPECT_THAT(glue_.asked("GetPartitions"), SizeIs(2));
}

TEST_F(GlueCatalogTest, MakesTheDatabaseWhenThereIsNone) {
  glue_.on("GetTable", {ScriptedGlue::refuses("EntityNotFoundException"), ScriptedGlue::says(get_table(ticks(0)))});
  glue_.on("CreateTable", {ScriptedGlue::refuses("EntityNotFoundException"), ScriptedGlue::says("{}")});
  ASSERT_TRUE(catalog_.put(ticks(0)));
  EXPECT_THAT(glue_.operations(), ElementsAre("GetTable", "CreateTable", "CreateDatabase", "CreateTable"));
}

TEST_F(GlueCatalogTest, SaysWhatToDoWhenItIsDenied) {
  glue_.on("GetTable", {ScriptedGlue::refuses(
                           "AccessDeniedException",
                           "User: arn:aws:iam::123456789012:user/u is not authorized to perform: glue:GetTable")});
  const auto denied = catalog_.put(ticks(1));
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().kind, ErrorKind::access);
  EXPECT_THAT(denied.error().message, AllOf(HasSubstr("glue:GetTable"), HasSubstr("stack.ticks")));
}

TEST_F(GlueCatalogTest, LeavesOthersTablesAlone) {
  GlueTable theirs = glue_table(ticks(1), "f").value();
  theirs.parameters.erase("stack.table");
  theirs.storage.columns = {{"symbol", "int", {}}};
  glue_.on("GetTable", fmt::format(R"({{"Table":{}}})", table_input(theirs)));
  const auto refused = catalog_.put(ticks(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("its column 'symbol' is int, that of the files string"),
                                             HasSubstr("--database"), HasSubstr("aws glue delete-table")));
  EXPECT_FALSE(catalog_.remove("stack", "ticks").value());
  EXPECT_THAT(glue_.operations(), ElementsAre("GetTable", "GetTable"));
}

TEST_F(GlueCatalogTest, SaysThatItTakesOverATableThatOthersMade) {
  std::vector<std::string> said;
  GlueCatalog catalog{glue_.client(), "s3://bucket/lake", glue_.clock(),
                      [&](const std::string& line) { said.push_back(line); }};
  GlueTable theirs = glue_table(ticks(2), "f").value();
  theirs.parameters.erase("stack.table");
  std::string entry = table_input(theirs);
  entry.insert(1, R"("VersionId":"3",)");
  glue_.on("GetTable", fmt::format(R"({{"Table":{}}})", entry));
  glue_.on("GetPartitions", get_partitions(ticks(2)));
  ASSERT_TRUE(catalog.put(ticks(2)));
  EXPECT_THAT(glue_.asked("UpdateTable"), ElementsAre(HasSubstr(R"("SkipArchive":false)")));
  EXPECT_THAT(said,
              ElementsAre(HasSubstr("table stack.ticks, which others had made, agrees with the files and is taken "
                                    "over (as it was: version 3)")));
  holds(ticks(2));
  ASSERT_TRUE(catalog.put(ticks(3)));
  EXPECT_THAT(said, SizeIs(1));
}

TEST_F(GlueCatalogTest, LeavesOthersTablesOfOtherKeysAlone) {
  GlueTable theirs = glue_table(ticks(0), "f").value();
  theirs.parameters.erase("stack.table");
  theirs.keys[0].type = "date";
  glue_.on("GetTable", fmt::format(R"({{"Table":{}}})", table_input(theirs)));
  const auto refused = catalog_.put(ticks(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("partition keys are dt date, those of the files dt string"));
  EXPECT_THAT(glue_.operations(), ElementsAre("GetTable"));
}

TEST_F(GlueCatalogTest, LeavesOthersPartitionsAlone) {
  GlueTable theirs = glue_table(ticks(3), "f").value();
  theirs.parameters.erase("stack.table");
  glue_.on("GetTable", fmt::format(R"({{"Table":{}}})", table_input(theirs)));
  glue_.on("GetPartitions", get_partitions(ticks(3)));
  const auto refused = catalog_.put(ticks(2));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("its partition 2000-03 has no files in the lake"));
  Table elsewhere = ticks(2);
  elsewhere.location = "s3://other/ticks";
  glue_.on("GetPartitions", get_partitions(elsewhere));
  EXPECT_THAT(catalog_.put(ticks(2)).error().message,
              HasSubstr("its partition 2000-01 is at s3://other/ticks/dt=2000-01/"));
  EXPECT_THAT(glue_.asked("BatchDeletePartition"), IsEmpty());
  EXPECT_THAT(glue_.asked("UpdateTable"), IsEmpty());
}

TEST_F(GlueCatalogTest, LeavesTablesOfAnotherLakeAlone) {
  Table elsewhere = ticks(1);
  elsewhere.location = "s3://bucket/other/ticks";
  holds(elsewhere);
  const auto refused = catalog_.put(ticks(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("s3://bucket/other/ticks/"), HasSubstr("--database")));
  EXPECT_EQ(catalog_.find("stack", "ticks").error().kind, ErrorKind::conflict);
  EXPECT_FALSE(catalog_.remove("stack", "ticks").value());
  EXPECT_THAT(glue_.asked("DeleteTable"), IsEmpty());
}

TEST_F(GlueCatalogTest, OfAnEndpointThatIsNotGluesSaysSo) {
  glue_.on("GetTable", "<html>");
  EXPECT_THAT(catalog_.find("stack", "ticks").error().message, HasSubstr("AWS_ENDPOINT_URL_GLUE"));
}

}  // namespace
}  // namespace stack::catalog
