#include "query/statements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/engine.hpp"

namespace stack::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SplitStatements, AtSemicolonsOutsideQuotesAndComments) {
  EXPECT_THAT(split_statements("SELECT 1; SELECT 2 ;\n"), ElementsAre("SELECT 1", " SELECT 2 "));
  EXPECT_THAT(split_statements("SELECT ';', \"a;b\" -- c;d\n, $$;$$, $x$;$$;$x$ /* ; /* ; */ ; */"),
              ElementsAre(::testing::_));
  EXPECT_THAT(split_statements("SELECT 'it''s;'"), ElementsAre("SELECT 'it''s;'"));
  EXPECT_THAT(split_statements("SELECT E'\\';'; SELECT 2"), ElementsAre("SELECT E'\\';'", " SELECT 2"));
  EXPECT_THAT(split_statements("SELECT 'abc\\'; SELECT 2"), ElementsAre("SELECT 'abc\\'", " SELECT 2"));
  EXPECT_THAT(split_statements(" ; -- nothing\n ; /* nothing */"), IsEmpty());
  EXPECT_THAT(split_statements("SELECT 'open"), ElementsAre("SELECT 'open"));
}

TEST(ReadStatement, TakesStatementsThatRead) {
  for (const char* sql :
       {"SELECT 1", "select 1;", "  -- why\n/* a /* b */ */ SELECT 1", "WITH x AS (SELECT 1) SELECT * FROM x",
        "FROM ticks", "VALUES (1)", "(SELECT 1) UNION (SELECT 2)", "DESCRIBE ticks", "SHOW TABLES", "SUMMARIZE ticks",
        "TABLE ticks", "EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT 1", "EXPLAIN (FORMAT json) SELECT 1",
        "EXPLAIN (SELECT 1)"})
    EXPECT_TRUE(read_statement(sql)) << sql;
}

// What looks like a SELECT by DuckDB's comments and strings, and is a statement that writes by Athena's.
TEST(ReadStatement, ReadsAthenasStatementsAsAthenaDoes) {
  for (const char* sql : {"/* /* */ INSERT INTO ticks -- */\nSELECT * FROM ticks",
                          "/* /* */ CREATE TABLE x AS -- */\nSELECT * FROM ticks",
                          "EXPLAIN ANALYZE /* /* */ INSERT INTO ticks -- */\nSELECT * FROM ticks",
                          "-- x\rINSERT INTO ticks -- \nSELECT * FROM ticks",
                          "SELECT E'\\'; INSERT INTO ticks SELECT '", "SELECT $$; INSERT INTO ticks SELECT 1 -- $$"})
    EXPECT_FALSE(read_statement(sql, SqlDialect::athena)) << sql;
  EXPECT_TRUE(read_statement("/* /* */ SELECT 1", SqlDialect::athena));
  EXPECT_TRUE(read_statement("SELECT E'\\'", SqlDialect::athena));
  EXPECT_FALSE(read_statement("-- x\rCOPY ticks TO 'x' -- \nSELECT 1"));
}

TEST(ReadStatement, KnowsWhatExplainRuns) {
  EXPECT_EQ(read_statement("explain /* x */ analyze select 1")->explained, "select 1");
  EXPECT_EQ(read_statement("EXPLAIN (ANALYZE, FORMAT json) FROM t")->explained, "FROM t");
  EXPECT_EQ(read_statement("SELECT 1")->explained, "");
}

TEST(ReadStatement, RefusesEverythingElse) {
  for (const char* sql : {"COPY ticks TO 'x'",
                          "copy(select 1) to 'x'",
                          "ATTACH 'x'",
                          "INSTALL httpfs",
                          "LOAD httpfs",
                          "SET threads = 1",
                          "PRAGMA database_list",
                          "EXPORT DATABASE 'x'",
                          "IMPORT DATABASE 'x'",
                          "CREATE TABLE t(a INT)",
                          "DROP VIEW ticks",
                          "INSERT INTO t VALUES (1)",
                          "UPDATE t SET a = 1",
                          "DELETE FROM t",
                          "CALL pragma_version()",
                          "USE memory",
                          "PREPARE p AS SELECT 1",
                          "EXECUTE p",
                          "CHECKPOINT",
                          "VACUUM",
                          "BEGIN",
                          "RESET threads",
                          "ALTER TABLE t ADD a INT",
                          "EXPLAIN ANALYZE COPY (SELECT 1) TO 'x'",
                          "EXPLAIN CREATE TABLE t(a INT)",
                          "EXPLAIN ANALYZE INSTALL httpfs",
                          "EXPLAIN (ANALYZE) COPY (SELECT 1) TO 'x'",
                          "EXPLAIN EXPLAIN SELECT 1",
                          "EXPLAIN",
                          "-- SELECT\nCOPY ticks TO 'x'",
                          "/* SELECT */ COPY ticks TO 'x'"}) {
    const auto statement = read_statement(sql);
    ASSERT_FALSE(statement) << sql;
    EXPECT_EQ(statement.error().kind, ErrorKind::query);
    EXPECT_THAT(statement.error().message, HasSubstr("SELECT, WITH")) << sql;
  }
}

TEST(ReadStatement, WantsExactlyOne) {
  EXPECT_THAT(read_statement("SELECT 1; COPY t TO 'x'").error().message, HasSubstr("one at a time"));
  EXPECT_THAT(read_statement(" -- nothing").error().message, HasSubstr("no SQL statement"));
  EXPECT_FALSE(read_statement(std::string_view("SELECT 1\0; DROP", 15)));
}

TEST(StatementsTest, FunctionsAreRenamedInPlace) {
  EXPECT_EQ(with_function("SELECT Transform (a, x -> x), 'transform(', transform, my_transform(1) -- transform(",
                          "transform", "apply"),
            "SELECT apply     (a, x -> x), 'transform(', transform, my_transform(1) -- transform(");
}

}  // namespace
}  // namespace stack::query
