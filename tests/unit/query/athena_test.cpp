// What Athena answers, taken apart: executions and their cost, pages of results, failures.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/athena_error.hpp"
#include "query/athena_execution.hpp"
#include "query/athena_history.hpp"
#include "query/athena_results.hpp"

namespace stack::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr AthenaPlace kPlace{.database = "stack", .workgroup = "analysts", .output_location = {}};

AthenaExecution execution(AthenaState state, std::uint64_t scanned, std::string type = "DML") {
  AthenaExecution out;
  out.id = "11111111-2222";
  out.state = state;
  out.bytes_scanned = scanned;
  out.statement_type = std::move(type);
  return out;
}

TEST(AthenaExecutionTest, IsReadWhole) {
  const auto seen = parse_execution(
      R"({"QueryExecution":{"QueryExecutionId":"q1","Query":"SELECT 1","StatementType":"DML","SubstatementType":"SELECT",
      "Status":{"State":"RUNNING","SubmissionDateTime":1622165400.25},
      "Statistics":{"DataScannedInBytes":1000,"QueryQueueTimeInMillis":120,"EngineExecutionTimeInMillis":900,
      "TotalExecutionTimeInMillis":1100,"ResultReuseInformation":{"ReusedPreviousResult":true}}}})");
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->id, "q1");
  EXPECT_EQ(seen->state, AthenaState::running);
  EXPECT_EQ(seen->bytes_scanned, 1000U);
  EXPECT_EQ(seen->queued, Milliseconds{120});
  EXPECT_EQ(seen->engine, Milliseconds{900});
  EXPECT_EQ(seen->total, Milliseconds{1100});
  EXPECT_TRUE(seen->reused);
  EXPECT_EQ(format_micros(*seen->submitted), "2021-05-28 01:30:00.250000");
}

TEST(AthenaExecutionTest, WhatIsNoneIsAnError) {
  for (const char* answer : {"", "{}", "[]", R"({"QueryExecution":{}})", R"({"QueryExecution":[]})",
                             R"({"QueryExecution":{"QueryExecutionId":"q","Status":{"State":"ASLEEP"}}})"}) {
    const auto seen = parse_execution(answer);
    ASSERT_FALSE(seen) << answer;
    EXPECT_EQ(seen.error().kind, ErrorKind::storage);
  }
}

TEST(AthenaCostTest, IsByTheMegabyteWithTenAtLeast) {
  constexpr double kMegabyte = 5.0 / (1 << 20);
  EXPECT_DOUBLE_EQ(cost_usd(execution(AthenaState::succeeded, 0)), 10 * kMegabyte);
  EXPECT_DOUBLE_EQ(cost_usd(execution(AthenaState::succeeded, 1)), 10 * kMegabyte);
  EXPECT_DOUBLE_EQ(cost_usd(execution(AthenaState::succeeded, 10 << 20)), 10 * kMegabyte);
  EXPECT_DOUBLE_EQ(cost_usd(execution(AthenaState::succeeded, (10 << 20) + 1)), 11 * kMegabyte);
  EXPECT_DOUBLE_EQ(cost_usd(execution(AthenaState::succeeded, 1ULL << 40U)), 5.0);
  EXPECT_EQ(cost_text(cost_usd(execution(AthenaState::succeeded, 1))), "0.000048");
}

TEST(AthenaCostTest, IsNothingForWhatAthenaDoesNotCharge) {
  EXPECT_EQ(cost_usd(execution(AthenaState::failed, 1 << 30)), 0);
  EXPECT_EQ(cost_usd(execution(AthenaState::succeeded, 0, "DDL")), 0);
  EXPECT_EQ(cost_usd(execution(AthenaState::succeeded, 0, "UTILITY")), 0);
  EXPECT_GT(cost_usd(execution(AthenaState::succeeded, 1, "UTILITY")), 0);  // EXPLAIN ANALYZE
  EXPECT_EQ(cost_usd(execution(AthenaState::running, 0)), 0);
  EXPECT_GT(cost_usd(execution(AthenaState::cancelled, 1 << 20)), 0);
  auto reused = execution(AthenaState::succeeded, 1 << 30);
  reused.reused = true;
  EXPECT_EQ(cost_usd(reused), 0);
}

std::string page(std::string_view columns, std::string_view rows, std::string_view more = "") {
  return fmt::format(R"({{"ResultSet":{{"Rows":[{}],"ResultSetMetadata":{{"ColumnInfo":[{}]}}}}{}}})", rows, columns,
                     more);
}
constexpr std::string_view kTwo = R"({"Name":"a","Type":"varchar"},{"Name":"b","Type":"bigint"})";
constexpr std::string_view kNames = R"({"Data":[{"VarCharValue":"a"},{"VarCharValue":"b"}]})";
constexpr std::string_view kRow = R"({"Data":[{"VarCharValue":""},{}]})";

TEST(AthenaPageTest, HasValuesAndNulls) {
  const auto read =
      parse_page(page(kTwo, fmt::format("{},{}", kNames, kRow), R"(,"NextToken":"t")"), AthenaHeader::first_row);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->rows.rows(), 1U);
  EXPECT_EQ(read->rows.value(0, 0), "");
  EXPECT_EQ(read->rows.value(0, 1), std::nullopt);
  EXPECT_EQ(read->next, "t");
  EXPECT_EQ(read->columns[1].kind, ValueKind::number);
}

TEST(AthenaPageTest, HeaderIsThereByTheKindOfStatement) {
  EXPECT_EQ(header_of(execution(AthenaState::succeeded, 0)), AthenaHeader::first_row);
  EXPECT_EQ(header_of(execution(AthenaState::succeeded, 0, "UTILITY")), AthenaHeader::none);
  EXPECT_EQ(header_of(execution(AthenaState::succeeded, 0, "DDL")), AthenaHeader::none);
  auto explain = execution(AthenaState::succeeded, 0, "UTILITY");
  explain.substatement = "EXPLAIN";
  EXPECT_EQ(header_of(explain), AthenaHeader::if_it_repeats_names);
  const std::string both = page(kTwo, fmt::format("{},{}", kNames, kRow));
  EXPECT_EQ(parse_page(both, AthenaHeader::none)->rows.rows(), 2U);
  EXPECT_EQ(parse_page(both, AthenaHeader::if_it_repeats_names)->rows.rows(), 1U);
  EXPECT_EQ(parse_page(page(kTwo, kRow), AthenaHeader::if_it_repeats_names)->rows.rows(), 1U);
}

TEST(AthenaPageTest, DescribeComesAsOneTabbedValue) {
  const auto read = parse_page(
      page(
          R"({"Name":"col_name","Type":"string"},{"Name":"data_type","Type":"string"},{"Name":"comment","Type":"string"})",
          R"({"Data":[{"VarCharValue":"price               \tdouble              \t                    "}]})"),
      AthenaHeader::none);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->rows.value(0, 0), "price");
  EXPECT_EQ(read->rows.value(0, 1), "double");
  EXPECT_EQ(read->rows.value(0, 2), "");
}

// As before "# Partition Information" of a table with partitions.
TEST(AthenaPageTest, AnEmptyLineOfDescribeHasNoValue) {
  const auto read = parse_page(
      page(kTwo, R"({"Data":[{"VarCharValue":"dt\tstring"}]},{"Data":[{}]},{"Data":[{"VarCharValue":"# x"}]})"),
      AthenaHeader::none);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->rows.rows(), 3U);
  EXPECT_EQ(read->rows.value(1, 0), "");
  EXPECT_EQ(read->rows.value(1, 1), "");
  EXPECT_EQ(read->rows.value(2, 0), "# x");
}

TEST(AthenaPageTest, TypesHaveKinds) {
  for (const char* number : {"tinyint", "smallint", "integer", "bigint", "float", "real", "double", "decimal"})
    EXPECT_EQ(kind_of_athena_type(number), ValueKind::number) << number;
  for (const char* text : {"varchar", "char", "string", "array", "map", "row", "varbinary", "time", "unknown"})
    EXPECT_EQ(kind_of_athena_type(text), ValueKind::text) << text;
  EXPECT_EQ(kind_of_athena_type("boolean"), ValueKind::boolean);
  EXPECT_EQ(kind_of_athena_type("date"), ValueKind::date);
  EXPECT_EQ(kind_of_athena_type("timestamp"), ValueKind::timestamp);
  EXPECT_EQ(kind_of_athena_type("timestamp with time zone"), ValueKind::timestamp);
  EXPECT_EQ(kind_of_athena_type("json"), ValueKind::json);
  const auto read =
      parse_page(page(R"({"Name":"x","Type":"decimal","Precision":10,"Scale":2})", ""), AthenaHeader::none);
  EXPECT_EQ(read->columns.at(0).type, "decimal(10,2)");
}

TEST(AthenaPageTest, WhatIsNoneIsAnError) {
  std::vector<std::string> answers{"", "{}"};
  for (const char* row : {R"({"Data":[{},{},{}]})", "{}", R"({"Data":[{}]})"})
    answers.push_back(page(kTwo, fmt::format("{},{}", kNames, row)));
  for (const std::string& answer : answers) {
    const auto read = parse_page(answer, AthenaHeader::first_row);
    ASSERT_FALSE(read) << answer;
    EXPECT_EQ(read.error().kind, ErrorKind::storage);
  }
}

TEST(AthenaTableTest, GoesOnToTheLastPage) {
  std::vector<std::string> tokens;
  const auto table = athena_table(
      [&tokens](const std::string& token) -> Result<std::string> {
        tokens.push_back(token);
        if (token == "3") return fail(ErrorKind::unreachable, "gone");
        return page(kTwo, token.empty() ? fmt::format("{},{}", kNames, kRow) : std::string(kNames),
                    token.empty() ? R"(,"NextToken":"2")" : R"(,"NextToken":"3")");
      },
      AthenaHeader::first_row);
  ASSERT_TRUE(table);
  EXPECT_EQ((*table)->next()->value().rows(), 1U);
  const auto second = (*table)->next();
  EXPECT_EQ((*second)->value(0, 0), "a") << "only the first page begins with names";
  EXPECT_EQ((*table)->next().error().kind, ErrorKind::unreachable);
  EXPECT_THAT(tokens, ElementsAre("", "2", "3"));
}

TEST(AthenaErrorTest, PlaceComesFirstAsInTheEmbeddedEngine) {
  auto failed = execution(AthenaState::failed, 0);
  failed.reason = "COLUMN_NOT_FOUND: line 2:8: Column 'nope' cannot be resolved";
  const Error error = athena_failure(failed, kPlace);
  EXPECT_EQ(error.kind, ErrorKind::query);
  EXPECT_EQ(
      error.message,
      "SQL error at line 2, column 8: COLUMN_NOT_FOUND: Column 'nope' cannot be resolved (Athena query 11111111-2222)");
  // So Athena says it where Lake Formation might hide a column: it is most often not there.
  failed.reason = "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved or requester is not authorized";
  EXPECT_EQ(athena_failure(failed, kPlace).kind, ErrorKind::query);
  failed.reason = "GENERIC_USER_ERROR: no such line here\nand a second one.";
  EXPECT_EQ(athena_failure(failed, kPlace).message,
            "SQL error: GENERIC_USER_ERROR: no such line here and a second one (Athena query 11111111-2222)");
}

TEST(AthenaErrorTest, SaysWhatToDo) {
  auto failed = execution(AthenaState::failed, 0);
  failed.reason = "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.stack.x' does not exist";
  EXPECT_THAT(athena_failure(failed, kPlace).message, HasSubstr("SHOW TABLES lists the tables of database stack"));
  failed.reason = "SCHEMA_NOT_FOUND: line 1:15: Schema 'nope' does not exist";
  EXPECT_THAT(athena_failure(failed, kPlace).message, HasSubstr("--database"));
  failed.reason = "Access denied when writing output to url: s3://results/x.csv";
  EXPECT_EQ(athena_failure(failed, kPlace).kind, ErrorKind::access);
  EXPECT_THAT(athena_failure(failed, kPlace).message, HasSubstr("s3:PutObject"));
  failed.reason = "Query exhausted resources at this scale factor";
  failed.retryable = true;
  EXPECT_THAT(athena_failure(failed, kPlace).message, HasSubstr("run again"));
  auto cancelled = execution(AthenaState::cancelled, 0);
  cancelled.reason = "Bytes scanned limit was exceeded";
  EXPECT_THAT(athena_failure(cancelled, kPlace).message, HasSubstr("raise the limit of workgroup analysts"));
}

TEST(AthenaErrorTest, RefusalsNameTheOptionThatMendsThem) {
  const auto refused = [](std::string_view said) { return athena_refusal("InvalidRequestException", said, kPlace); };
  EXPECT_EQ(refused("No output location provided. An output location is required").kind, ErrorKind::usage);
  EXPECT_THAT(refused("No output location provided.").message, HasSubstr("--output-location s3://"));
  EXPECT_EQ(refused("Unable to verify/create output bucket b").kind, ErrorKind::storage);
  EXPECT_EQ(refused("WorkGroup analysts is not found.").kind, ErrorKind::usage);
  EXPECT_EQ(refused("WorkGroup analysts is disabled.").kind, ErrorKind::conflict);
  EXPECT_EQ(refused("line 1:1: mismatched input 'SELEC'. Expecting: 'SELECT'").message,
            "SQL error at line 1, column 1: mismatched input 'SELEC'. Expecting: 'SELECT'");
  EXPECT_THAT(refused("Queries of this type are not supported").message, HasSubstr("InvalidRequestException"));
}

TEST(AthenaErrorTest, NamesInTheSqlAreNoAdvice) {
  auto failed = execution(AthenaState::failed, 0);
  for (const char* reason : {"TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.stack.output bucket' does not exist",
                             "COLUMN_NOT_FOUND: Column 'access denied' cannot be resolved"}) {
    failed.reason = reason;
    EXPECT_EQ(athena_failure(failed, kPlace).kind, ErrorKind::query) << reason;
  }
}

TEST(AthenaErrorTest, KnowsWhatIsNotThereFromWhatMayNotBeSeen) {
  EXPECT_TRUE(says_not_found("EntityNotFoundException: Entity Not Found (Service: AWSGlue; Status Code: 400)"));
  EXPECT_TRUE(says_not_found("Table simulated_bars not found"));
  for (const char* said : {"User: arn:aws:iam::1:user/x is not authorized to perform: glue:GetTable",
                           "Insufficient Lake Formation permission(s): Required Describe on simulated_bars",
                           "AccessDeniedException: table not found or access denied", "Rate exceeded", ""})
    EXPECT_FALSE(says_not_found(said)) << said;
}

TEST(AthenaErrorTest, AnyTextIsOneLine) {
  for (const char* said :
       {"", "line", "line :", "line 1", "line 1:", "line 1:2", "line 99999999999999999999:1: x", "\n\n", "line 1:2:"}) {
    const Error error = athena_refusal("X", said, kPlace);
    EXPECT_THAT(error.message, Not(HasSubstr("\n"))) << said;
  }
}

TEST(AthenaHistoryTest, IsATable) {
  auto first = execution(AthenaState::succeeded, 5);
  first.submitted = parse_micros("2021-05-28 01:30:00");
  first.total = Milliseconds{1500};
  first.sql = "SELECT 1";
  const auto table = history_table({first, execution(AthenaState::failed, 0)});
  const auto batch = table->next();
  ASSERT_TRUE(batch && *batch);
  std::vector<std::string> values;
  for (std::size_t i = 0; i < table->columns().size(); ++i) values.emplace_back((*batch)->value(0, i).value_or("NULL"));
  EXPECT_THAT(values, ElementsAre("2021-05-28 01:30:00.000000", "SUCCEEDED", "1.500", "5", "0.000048", "false",
                                  "11111111-2222", "SELECT 1"));
  EXPECT_EQ((*batch)->value(1, 0), std::nullopt);
  EXPECT_FALSE(table->next()->has_value());
}

}  // namespace
}  // namespace stack::query
