#include "engine_contract.hpp"

namespace stack::query {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::vector<std::string>> QueryEngineContract::rows(std::string_view sql) {
  std::vector<std::vector<std::string>> all;
  auto result = engine_->run(sql);
  EXPECT_TRUE(result) << sql << ": " << (result ? "" : result.error().message);
  while (result) {
    auto batch = (*result)->next();
    EXPECT_TRUE(batch) << sql << ": " << (batch ? "" : batch.error().message);
    if (!batch || !*batch) break;
    for (std::size_t row = 0; row < (*batch)->rows(); ++row) {
      auto& added = all.emplace_back();
      for (std::size_t i = 0; i < (*result)->columns().size(); ++i)
        added.emplace_back((*batch)->value(row, i).value_or("NULL"));
    }
  }
  return all;
}

TEST_P(QueryEngineContract, AnswersWithValuesAndNulls) {
  EXPECT_THAT(rows("SELECT name, price, count, day, ok, dt FROM quotes ORDER BY name"),
              ElementsAre(ElementsAre("a", "1.5", "1", "2021-05-28", "true", "2021-05"),
                          ElementsAre("b", "NULL", "2", "NULL", "NULL", "2021-05")));
  EXPECT_THAT(rows("SELECT count(*) AS n FROM stack.quotes WHERE dt = '2020-01'"), ElementsAre(ElementsAre("0")));
}

TEST_P(QueryEngineContract, KnowsItsColumns) {
  auto result = engine_->run("SELECT name, price, count, seen, day, ok FROM quotes");
  ASSERT_TRUE(result) << result.error().message;
  std::vector<ValueKind> kinds;
  for (const ResultColumn& column : (*result)->columns()) {
    kinds.push_back(column.kind);
    EXPECT_FALSE(column.type.empty());
  }
  EXPECT_THAT(kinds, ElementsAre(ValueKind::text, ValueKind::number, ValueKind::number, ValueKind::timestamp,
                                 ValueKind::date, ValueKind::boolean));
  EXPECT_EQ((*result)->columns()[3].name, "seen");
}

TEST_P(QueryEngineContract, RunsOneQueryAfterAnother) {
  { auto unfinished = engine_->run("SELECT name FROM quotes"); }
  EXPECT_THAT(rows("SELECT max(count) AS n FROM quotes;"), ElementsAre(ElementsAre("2")));
}

TEST_P(QueryEngineContract, WrongSqlIsOneLineOfKindQuery) {
  for (const char* sql : {"SELECT * FROM nowhere", "SELEC 1", "SELECT nope FROM quotes", "", "SELECT 1; SELECT 2"}) {
    const auto result = engine_->run(sql);
    ASSERT_FALSE(result) << sql;
    EXPECT_EQ(result.error().kind, ErrorKind::query) << sql;
    EXPECT_THAT(result.error().message, Not(HasSubstr("\n")));
  }
}

TEST_P(QueryEngineContract, ChangesNothing) {
  for (const char* sql : {"CREATE TABLE t AS SELECT 1", "INSERT INTO quotes SELECT * FROM quotes", "DROP TABLE quotes",
                          "DELETE FROM quotes", "ALTER TABLE quotes ADD COLUMN x INT"}) {
    const auto result = engine_->run(sql);
    ASSERT_FALSE(result) << sql;
    EXPECT_EQ(result.error().kind, ErrorKind::query) << sql;
  }
  EXPECT_THAT(rows("SELECT count(*) AS n FROM quotes"), ElementsAre(ElementsAre("2")));
}

TEST_P(QueryEngineContract, DescribesItself) { EXPECT_FALSE(engine_->description().empty()); }

}  // namespace stack::query
