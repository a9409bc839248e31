#include "catalog/glue_crawler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stack::catalog {
namespace {

using testing::MatchesRegex;

TEST(GlueCrawlerName, IsOneLakesAlone) {
  EXPECT_THAT(default_crawler_name("s3://bucket/a/b", "stack"), MatchesRegex("stack-bucket-a-b-stack-[0-9a-f]{8}"));
  EXPECT_EQ(default_crawler_name("s3://bucket/a/b", "stack"), default_crawler_name("s3://bucket/a/b", "stack"));
  EXPECT_NE(default_crawler_name("s3://bucket/a/b", "stack"), default_crawler_name("s3://bucket/a-b", "stack"));
  EXPECT_NE(default_crawler_name("s3://b.c", "stack"), default_crawler_name("s3://b-c", "stack"));
  const std::string long_lake = "s3://bucket/" + std::string(400, 'x');
  EXPECT_LE(default_crawler_name(long_lake, "one").size(), 255U);
  EXPECT_NE(default_crawler_name(long_lake, "one"), default_crawler_name(long_lake, "two"));
}

}  // namespace
}  // namespace stack::catalog
