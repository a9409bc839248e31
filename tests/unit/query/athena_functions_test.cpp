// The embedded engine answers Athena's SQL as Athena does: athena_functions.txt holds the expressions and their values,
// docs/athena.md the list of functions.
#include "query/athena_functions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "lake/json_text.hpp"
#include "small_lake.hpp"

namespace stack::query {
namespace {

struct Expectation {
  std::string sql;
  std::string json;
};

std::string text_of(const std::string& path) {
  const char* source = std::getenv("STACK_SOURCE_DIR");
  std::ifstream in(std::string(source == nullptr ? "." : source) + "/" + path);
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

std::vector<Expectation> expectations() {
  std::vector<Expectation> out;
  std::istringstream in(text_of("tests/unit/query/athena_functions.txt"));
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto arrow = line.rfind(" => ");
    const std::string expression = line.substr(0, arrow);
    out.push_back({expression.starts_with("SELECT") ? expression : "SELECT " + expression, line.substr(arrow + 4)});
  }
  return out;
}

std::string as_json(const ResultColumn& column, std::optional<std::string_view> value) {
  if (!value) return "null";
  const bool bare =
      column.kind == ValueKind::number || column.kind == ValueKind::boolean || column.kind == ValueKind::json;
  return bare ? std::string(*value) : lake::json_string(*value);
}

class AthenaFunctionsTest : public SmallLake {
 protected:
  [[nodiscard]] std::string answer(const std::string& sql) {
    auto result = engine().run(sql);
    if (!result) return result.error().message;
    auto batch = (*result)->next();
    if (!batch) return batch.error().message;
    if (!*batch || (*batch)->rows() != 1 || (*result)->columns().size() != 1) return "not one value";
    return as_json((*result)->columns().front(), (*batch)->value(0, 0));
  }
};

TEST_F(AthenaFunctionsTest, AnswerAsAthenaDoes) {
  const auto all = expectations();
  EXPECT_GT(all.size(), 200U);
  for (const auto& each : all) EXPECT_EQ(answer(each.sql), each.json) << each.sql;
}

// What is DuckDB's own of a name that is taken over.
TEST_F(AthenaFunctionsTest, KeepDuckdbsOwnForms) {
  EXPECT_EQ(answer("SELECT date_add(DATE '2021-05-28', INTERVAL 1 DAY)"), "\"2021-05-29 00:00:00\"");
  EXPECT_EQ(answer("SELECT regexp_replace('1a 2b', '\\d', 'x', 'g')"), "\"xa xb\"");
  EXPECT_EQ(answer("SELECT regexp_extract('1a', '(\\d)([A-Z])', 2, 'i')"), "\"a\"");
  EXPECT_EQ(answer("SELECT datediff('day', TIMESTAMP '2021-01-31 23:00:00', TIMESTAMP '2021-02-01 01:00:00')"), "1");
}

TEST_F(AthenaFunctionsTest, WorkOverTables) {
  write("t/0.ndjson", "{\"seen\":\"2021-05-28 01:31:00\",\"x\":1}\n{\"seen\":\"2021-05-28 01:32:00\",\"x\":5}\n");
  crawl();
  EXPECT_THAT(
      rows("SELECT date_trunc('hour', seen) AS h, approx_percentile(x, 0.5) AS p, max_by(x, seen) AS last, "
           "date_diff('second', min(seen), max(seen)) AS s FROM t "
           "WHERE seen < date_add('day', 1, DATE '2021-05-28') GROUP BY date_trunc('hour', seen)"),
      testing::ElementsAre(testing::ElementsAre("2021-05-28 01:00:00", testing::AnyOf("1", "3", "5"), "5", "60")));
}

// The functions between "covered" and the next heading of the document, as `name`.
std::set<std::string> documented() {
  const std::string text = text_of("docs/athena.md");
  const auto begin = text.find("### Covered");
  const std::string part = text.substr(begin, text.find("\n### ", begin + 1) - begin);
  std::set<std::string> names;
  static const std::regex name("`([a-z_0-9]+)`");
  for (std::sregex_iterator at(part.begin(), part.end(), name); at != std::sregex_iterator(); ++at)
    names.insert((*at)[1]);
  return names;
}

std::set<std::string> tested() {
  std::set<std::string> names;
  static const std::regex call("([A-Za-z_0-9]+)\\(");
  for (const auto& each : expectations()) {
    for (std::sregex_iterator at(each.sql.begin(), each.sql.end(), call); at != std::sregex_iterator(); ++at) {
      std::string name = (*at)[1];
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      names.insert(name);
    }
  }
  return names;
}

TEST(AthenaFunctionsListTest, WhatIsDocumentedIsTested) {
  const auto names = documented();
  EXPECT_GT(names.size(), 100U);
  const auto known = tested();
  for (const auto& name : names) EXPECT_TRUE(known.contains(name)) << name << " is in docs/athena.md, but not tested";
}

TEST(AthenaFunctionsListTest, WhatIsMadeIsDocumented) {
  const auto names = documented();
  const std::set<std::string_view> inner{"mysql_format",  "constant_format", "unit_interval",
                                         "first_of_each", "has_null",        "bucket_above"};
  for (const auto name : AthenaFunctions::names())
    EXPECT_TRUE(names.contains(std::string(name)) || inner.contains(name)) << name;
}

}  // namespace
}  // namespace stack::query
