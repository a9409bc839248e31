#include "query/sql_error.hpp"

#include <gtest/gtest.h>

namespace stack::query {
namespace {

TEST(SqlError, NamesLineAndColumn) {
  const Error error = sql_error(
      {ErrorKind::query,
       R"(Catalog Error: {"exception_type":"Catalog","exception_message":"Table with name tiks does not exist!\nDid you mean \"ticks\"?","position":"15"})"},
      "SELECT *\n FROM tiks");
  EXPECT_EQ(error.kind, ErrorKind::query);
  EXPECT_EQ(error.message,
            "SQL error at line 2, column 7: Table with name tiks does not exist!; Did you mean \"ticks\"?; SHOW TABLES "
            "lists the tables, `stack crawl` registers what is new in the lake");
}

TEST(SqlError, KeepsWhatItDoesNotUnderstandOnOneLine) {
  EXPECT_EQ(sql_error({ErrorKind::query, "Parser Error: a\n\nb\n"}, "").message, "Parser Error: a; b");
  EXPECT_EQ(sql_error({ErrorKind::query, "{broken"}, "").message, "{broken");
}

TEST(SqlError, TellsKindsApart) {
  EXPECT_EQ(sql_error({ErrorKind::query, R"({"exception_type":"IO","exception_message":"gone"})"}, "").kind,
            ErrorKind::storage);
  EXPECT_EQ(sql_error({ErrorKind::query, R"({"exception_type":"INTERRUPT","exception_message":"x"})"}, "").kind,
            ErrorKind::interrupted);
  EXPECT_EQ(sql_error({ErrorKind::interrupted, "x"}, "").message, "the query was interrupted");
}

}  // namespace
}  // namespace stack::query
