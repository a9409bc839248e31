#include "query/print.hpp"

#include <gmock/gmock.h>
#include <simdjson.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "query/print_table.hpp"
#include "small_lake.hpp"

namespace stack::query {
namespace {

using ::testing::HasSubstr;

class PrintTest : public SmallLake {
 protected:
  std::string printed(std::string_view sql, const PrintOptions& options) {
    auto result = engine().run(sql);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    if (!result) return {};
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* file = ::open_memstream(&text, &size);
    const auto count = print_result(**result, options, file);
    EXPECT_TRUE(count);
    count_ = count.value_or(0);
    std::fclose(file);
    std::string out(text, size);
    std::free(text);  // NOLINT: open_memstream's
    return out;
  }

  std::uint64_t count_ = 0;
};

TEST_F(PrintTest, Table) {
  EXPECT_EQ(printed("SELECT * FROM (VALUES ('HSI', 1.5, NULL), ('N225', 22.25, true)) t(symbol, price, flag)", {}),
            "symbol | price | flag\n"
            "-------+-------+-----\n"
            "HSI    |  1.50 | NULL\n"
            "N225   | 22.25 | true\n"
            "(2 rows)\n");
  EXPECT_EQ(printed("SELECT 1 AS a", {.box = true}), "a\n─\n1\n(1 row)\n");
  EXPECT_EQ(printed("SELECT 1 AS a WHERE false", {}), "a\n-\n(0 rows)\n");
}

TEST_F(PrintTest, TableFitsItsWidth) {
  const std::string sql = "SELECT repeat('x', 50) AS long, 'y' AS short";
  EXPECT_EQ(printed(sql, {.width = 20}), "long         | short\n-------------+------\nxxxxxxxxxxx… | y\n(1 row)\n");
  EXPECT_EQ(printed("SELECT 'aaaaaaaa' AS a, 'bbbbbbbb' AS b, 'c' AS c", {.width = 12}),
            "a       \n--------\naaaaaaaa\n(1 row, 1 of 3 columns shown)\n");
  EXPECT_EQ(printed("SELECT * FROM range(5)", {.max_rows = 2}), "range\n-----\n    0\n    1\n(5 rows, 2 shown)\n");
}

TEST_F(PrintTest, TableCellsAreOneHarmlessLine) {
  EXPECT_THAT(printed("SELECT E'a\\nb\\tc\\x1b[2J' AS a", {}), HasSubstr("a\\nb\\tc\\?[2J\n"));
  EXPECT_EQ(display_width("Zürich…"), 7U);
  EXPECT_EQ(fitted("Zürich am See", 7), "Zürich…");
}

TEST_F(PrintTest, PlansAreDrawn) { EXPECT_THAT(printed("EXPLAIN SELECT 42 AS answer", {}), HasSubstr("─┐\n")); }

TEST_F(PrintTest, Csv) {
  EXPECT_EQ(printed("SELECT * FROM (VALUES (1, 'a,b', NULL), (2, 'say \"x\"', ''), (3, E'l1\\nl2', 'é')) "
                    "t(n, \"te,xt\", e)",
                    {.format = OutputFormat::csv}),
            "n,\"te,xt\",e\n1,\"a,b\",\n2,\"say \"\"x\"\"\",\"\"\n3,\"l1\nl2\",é\n");
  EXPECT_EQ(count_, 3U);
}

TEST_F(PrintTest, Json) {
  const std::string text = printed(
      "SELECT 1 AS a, 'x\"y' AS a, NULL AS b, 'nan'::DOUBLE AS c, true AS d, [1] AS e, DATE '2021-05-28' AS f "
      "FROM range(2)",
      {.format = OutputFormat::json});
  const std::string object = R"({"a":1,"a_1":"x\"y","b":null,"c":null,"d":true,"e":[1],"f":"2021-05-28"})";
  EXPECT_EQ(text, "[\n" + object + ",\n" + object + "\n]\n");
  EXPECT_EQ(printed("SELECT 1 AS a WHERE false", {.format = OutputFormat::json}), "[]\n");
  simdjson::dom::parser parser;
  const std::string all = printed(
      "SELECT COLUMNS(c -> c NOT IN ('bignum', 'time_ns', 'geometry', 'variant', 'hugeint', 'uhugeint')) FROM "
      "test_all_types()",
      {.format = OutputFormat::json});
  EXPECT_EQ(parser.parse(all).error(), simdjson::SUCCESS);
}

TEST_F(PrintTest, OneObject) {
  auto result = engine().run("SELECT 1 AS a, 'x' AS a FROM range(2)");
  ASSERT_TRUE(result);
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* file = ::open_memstream(&text, &size);
  EXPECT_EQ(print_object(
                **result, [] { return 0.25; }, file)
                .value_or(0),
            2U);
  std::fclose(file);
  EXPECT_EQ(std::string(text, size),
            "{\"columns\":[{\"name\":\"a\",\"type\":\"INTEGER\"},{\"name\":\"a_1\",\"type\":\"VARCHAR\"}],\"rows\":[\n"
            "{\"a\":1,\"a_1\":\"x\"},\n{\"a\":1,\"a_1\":\"x\"}\n],\"row_count\":2,\"seconds\":0.250}");
  std::free(text);  // NOLINT: open_memstream's
}

TEST_F(PrintTest, AReaderThatHasGoneEndsItQuietly) {
  ::signal(SIGPIPE, SIG_IGN);
  for (const OutputFormat format : {OutputFormat::csv, OutputFormat::json, OutputFormat::table}) {
    auto result = engine().run("SELECT * FROM range(1000000000)");
    ASSERT_TRUE(result);
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ::close(ends[0]);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> gone(::fdopen(ends[1], "w"), &std::fclose);
    const auto done = print_result(**result, {.format = format}, gone.get());
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_LT(*done, 10'000'000U);
  }
}

TEST_F(PrintTest, ManyRowsKeepTheWidthOfTheFirst) {
  const std::string text =
      printed("SELECT CASE WHEN range = 9000 THEN 'abcdef' ELSE 'x' END AS v FROM range(10000)", {});
  EXPECT_THAT(text, HasSubstr("\n…\n"));
  EXPECT_THAT(text, HasSubstr("(10000 rows)"));
}

TEST_F(PrintTest, AFullDeviceIsAnError) {
  auto result = engine().run("SELECT * FROM range(100000)");
  ASSERT_TRUE(result);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> full(std::fopen("/dev/full", "w"), &std::fclose);
  ASSERT_NE(full, nullptr);
  const auto done = print_result(**result, {.format = OutputFormat::csv}, full.get());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::storage);
}

TEST(OutputFormatNames, Parse) {
  EXPECT_EQ(parse_output_format("csv"), OutputFormat::csv);
  EXPECT_FALSE(parse_output_format("xml"));
}

}  // namespace
}  // namespace stack::query
