// The catalog's contract, and what is Glue's own, against a Glue that nobody here wrote: moto's.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "../../unit/catalog/catalog_contract.hpp"
#include "../s3/s3_server.hpp"
#include "aws/http_client.hpp"
#include "catalog/glue_catalog.hpp"
#include "catalog/glue_entry.hpp"

namespace stack::catalog {
namespace {

using lake::testing_support::S3Server;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const S3Server& moto() {
  static const S3Server server{S3Server::Kind::moto};
  return server;
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::unique_ptr<aws::ServiceClient> client() {
  const aws::Environment keys{{{"AWS_ACCESS_KEY_ID", "tester"},
                               {"AWS_SECRET_ACCESS_KEY", "tester-secret"},
                               {"AWS_CONFIG_FILE", "/nonexistent"},
                               {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}}};
  auto credentials = std::make_shared<aws::CredentialProvider>(keys, aws::ProviderOptions{}, system_clock());
  return aws::ServiceClient::open(aws::kGlue, {.region = "us-east-1", .endpoint = moto().url()}, std::move(credentials),
                                  system_clock(), keys)
      .value();
}

void forget_all() {
  const auto answer = aws::http_call({.method = "POST", .url = moto().url() + "/moto-api/reset"},
                                     std::chrono::steady_clock::now() + std::chrono::seconds{10});
  ASSERT_TRUE(answer && answer->status == 200);
}

std::shared_ptr<Catalog> make() {
  forget_all();
  return std::make_shared<GlueCatalog>(client(), "", system_clock());
}

INSTANTIATE_TEST_SUITE_P(Glue, CatalogContract, testing::Values(CatalogFactory{"moto", make}),
                         [](const auto& each) { return each.param.name; });

class GlueOfMoto : public testing::Test {
 protected:
  void SetUp() override { forget_all(); }
  std::string call(std::string_view operation, const std::string& body) {
    const auto answer = glue_->call(operation, body);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? answer->body : "";
  }
  // Through a catalog that knows nothing yet.
  Table table() {
    GlueCatalog fresh(client(), "", system_clock());
    const auto found = fresh.find("stack", "ticks").value();
    EXPECT_TRUE(found);
    return found.value_or(Table{});
  }
  // Types of the column, in each of the table's partitions.
  std::vector<std::string> types_in_partitions(std::string_view column) {
    std::vector<std::string> types;
    const auto partitions = read_partitions(*glue_, {"stack", "ticks"}).value().value();
    for (const GluePartition& partition : partitions) {
      const auto found = std::ranges::find(partition.storage.columns, column, &GlueColumn::name);
      types.push_back(found == partition.storage.columns.end() ? "none" : found->type);
    }
    return types;
  }
  std::size_t versions() {
    simdjson::dom::parser parser;
    const std::string body = call("GetTableVersions", R"({"DatabaseName":"stack","TableName":"ticks"})");
    return objects_of(parser.parse(body).get_object().value(), "TableVersions").size();
  }
  std::unique_ptr<aws::ServiceClient> glue_ = client();
  GlueCatalog catalog_{client(), "", system_clock()};
};

Table many_days(int days) {
  Table table = full_table("ticks");
  table.partitions.clear();
  for (int day = 0; day < days; ++day) {
    const std::string dt = format_date(Date{std::chrono::year{2020} / 1 / 1} + std::chrono::days{day});
    table.partitions.push_back({{dt}, "dt=" + dt, 1, 2, 3});
  }
  return table;
}

TEST_F(GlueOfMoto, PartitionsComeChangeAndGoByTheHundreds) {
  ASSERT_TRUE(catalog_.put(many_days(350)));
  EXPECT_EQ(table(), many_days(350));
  Table other = many_days(500);
  other.partitions.erase(other.partitions.begin(), other.partitions.begin() + 130);  // more than 25
  for (std::size_t i = 0; i < 150; ++i) other.partitions[i].rows = 1000 + i;
  ASSERT_TRUE(catalog_.put(other));
  EXPECT_EQ(table(), other);
}

TEST_F(GlueOfMoto, ColumnsReachTheirPartitions) {
  Table wanted = many_days(120);
  ASSERT_TRUE(catalog_.put(wanted));
  EXPECT_THAT(types_in_partitions("symbol"), AllOf(SizeIs(120), Each("string")));
  wanted.columns[0].type = TypeKind::bigint;
  wanted.columns.push_back({"size", TypeKind::bigint, {"size"}, false});
  ASSERT_TRUE(catalog_.put(wanted));
  EXPECT_THAT(types_in_partitions("symbol"), AllOf(SizeIs(120), Each("bigint")));
  EXPECT_THAT(types_in_partitions("size"), Each("bigint"));
  EXPECT_EQ(table(), wanted);
}

TEST_F(GlueOfMoto, TheSameAgainMakesNoVersion) {
  ASSERT_TRUE(catalog_.put(many_days(3)));
  const auto made = versions();
  for (int i = 0; i < 3; ++i) {
    GlueCatalog fresh(client(), "", system_clock());
    ASSERT_TRUE(fresh.put(many_days(3)));
  }
  EXPECT_EQ(versions(), made);
}

TEST_F(GlueOfMoto, WhatWasChangedByHandIsMended) {
  ASSERT_TRUE(catalog_.put(many_days(3)));
  call("DeletePartition", R"({"DatabaseName":"stack","TableName":"ticks","PartitionValues":["2020-01-02"]})");
  EXPECT_THAT(table().partitions, SizeIs(2));
  GlueCatalog fresh(client(), "", system_clock());
  ASSERT_TRUE(fresh.put(many_days(3)));
  EXPECT_EQ(table(), many_days(3));
}

TEST_F(GlueOfMoto, AnEntryWhoseWriterWasKilledIsNoTableUntilItIsWhole) {
  call("CreateDatabase", R"({"DatabaseInput":{"Name":"stack"}})");
  call("CreateTable",
       fmt::format(R"({{"DatabaseName":"stack","TableInput":{}}})", table_input(glue_table(many_days(3), "").value())));
  EXPECT_FALSE(catalog_.find("stack", "ticks").value());
  EXPECT_THAT(catalog_.tables("stack").value(), IsEmpty());
  ASSERT_TRUE(catalog_.put(many_days(3)));
  EXPECT_EQ(table(), many_days(3));
}

TEST_F(GlueOfMoto, OtherPartitionKeysMakeTheTableAnew) {
  ASSERT_TRUE(catalog_.put(many_days(3)));
  const auto partitions = glue_partitions(many_days(3));
  GlueTable described = glue_table(many_days(3), fingerprint(partitions)).value();
  described.description = "every tick";
  call("UpdateTable", fmt::format(R"({{"DatabaseName":"stack","TableInput":{}}})", table_input(described)));
  Table whole = many_days(0);
  whole.partition_keys.clear();
  ASSERT_TRUE(catalog_.put(whole));
  EXPECT_EQ(table(), whole);
  EXPECT_THAT(call("GetTable", R"({"DatabaseName":"stack","Name":"ticks"})"), HasSubstr("every tick"));
  Table hours = many_days(2);
  hours.partition_keys = {"dt", "hour"};
  for (Partition& partition : hours.partitions) {
    partition.values.emplace_back("07");
    partition.path += "/hour=07";
  }
  ASSERT_TRUE(catalog_.put(hours));
  EXPECT_EQ(table(), hours);
  EXPECT_THAT(call("GetTable", R"({"DatabaseName":"stack","Name":"ticks"})"), HasSubstr("every tick"));
}

TEST_F(GlueOfMoto, TablesOfOthersAreTakenOverWhereTheyAgree) {
  call("CreateDatabase", R"({"DatabaseInput":{"Name":"stack"}})");
  GlueTable theirs = glue_table(many_days(0), "f").value();
  theirs.parameters.erase("stack.table");
  theirs.parameters["owner.team"] = "quants";
  theirs.storage.columns.pop_back();
  call("CreateTable", fmt::format(R"({{"DatabaseName":"stack","TableInput":{}}})", table_input(theirs)));
  ASSERT_TRUE(catalog_.put(many_days(2)));
  EXPECT_EQ(table(), many_days(2));
  EXPECT_THAT(call("GetTable", R"({"DatabaseName":"stack","Name":"ticks"})"), HasSubstr("quants"));
}

TEST_F(GlueOfMoto, TablesOfOthersThatContradictStayAsTheyAre) {
  call("CreateDatabase", R"({"DatabaseInput":{"Name":"stack"}})");
  GlueTable theirs = glue_table(many_days(0), "f").value();
  theirs.parameters.erase("stack.table");
  theirs.storage.columns[0].type = "decimal(9,2)";
  call("CreateTable", fmt::format(R"({{"DatabaseName":"stack","TableInput":{}}})", table_input(theirs)));
  const std::string before = call("GetTable", R"({"DatabaseName":"stack","Name":"ticks"})");
  const auto refused = catalog_.put(many_days(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("'symbol' is decimal(9,2), that of the files string"));
  EXPECT_EQ(call("GetTable", R"({"DatabaseName":"stack","Name":"ticks"})"), before);
  EXPECT_THAT(read_partitions(*glue_, {"stack", "ticks"}).value().value(), IsEmpty());
}

}  // namespace
}  // namespace stack::catalog
