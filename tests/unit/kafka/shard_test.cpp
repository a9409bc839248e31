#include "kafka/shard.hpp"

#include <gtest/gtest.h>

namespace stack::kafka {
namespace {

TEST(Shard, IsReadAsNumberAndCount) {
  EXPECT_EQ(parse_shard("1/1"), (Shard{1, 1}));
  EXPECT_EQ(parse_shard("2/3"), (Shard{2, 3}));
  EXPECT_EQ(parse_shard("10000/10000"), (Shard{10'000, 10'000}));
  EXPECT_EQ(parse_shard("2/3")->text(), "2/3");
}

TEST(Shard, RefusesEverythingElse) {
  for (const auto* text : {"",      "/",    "1",    "1/",  "/3",    "0/3",     "4/3",
                           "-1/3",  "1/-3", "+1/3", "1/0", "0/0",   "01/3",    "1/03",
                           "1/3/3", "1 /3", "1/3 ", "a/b", "1.0/3", "1/10001", "4294967297/4294967297"})
    EXPECT_EQ(parse_shard(text), std::nullopt) << text;
}

TEST(Shard, EverySymbolIsInExactlyOne) {
  for (std::uint32_t count = 1; count <= 7; ++count) {
    for (std::size_t symbol = 0; symbol < 20; ++symbol) {
      int shards = 0;
      for (std::uint32_t number = 1; number <= count; ++number) shards += Shard{number, count}.has(symbol) ? 1 : 0;
      EXPECT_EQ(shards, 1);
    }
  }
}

}  // namespace
}  // namespace stack::kafka
