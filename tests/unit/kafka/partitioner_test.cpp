#include "kafka/partitioner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace stack::kafka {
namespace {

// The expected values are those of Apache Kafka's own UtilsTest.testMurmur2.
TEST(Murmur2, AgreesWithTheJavaClient) {
  const auto as_java = [](std::string_view key) { return static_cast<std::int32_t>(murmur2(key)); };
  EXPECT_EQ(as_java("21"), -973932308);
  EXPECT_EQ(as_java("foobar"), -790332482);
  EXPECT_EQ(as_java("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(as_java("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(as_java("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(as_java("abc"), 479470107);
}

TEST(Partitioner, TakesTheHashWithoutItsSign) {
  EXPECT_EQ(partition_of("foobar", 1000), (-790332482 & 0x7fffffff) % 1000);
  EXPECT_EQ(partition_of("abc", 4), 479470107 % 4);
}

TEST(Partitioner, StaysWithinThePartitions) {
  for (int i = 0; i < 1000; ++i) {
    const auto key = std::to_string(i);
    EXPECT_EQ(partition_of(key, 1), 0);
    EXPECT_GE(partition_of(key, 7), 0);
    EXPECT_LT(partition_of(key, 7), 7);
  }
}

TEST(Partitioner, BalancedDealsSymbolsOutInOrder) {
  const std::vector<std::string> symbols{"A", "B", "C", "D", "E", "F", "G"};
  EXPECT_EQ(partitions_of(Partitioner::balanced, symbols, 3), (std::vector<std::int32_t>{0, 1, 2, 0, 1, 2, 0}));
  EXPECT_EQ(partitions_of(Partitioner::balanced, symbols, 1), std::vector<std::int32_t>(7, 0));
  EXPECT_TRUE(partitions_of(Partitioner::balanced, {}, 3).empty());
}

TEST(Partitioner, BalancedIsEvenForAnyCounts) {
  std::vector<std::string> symbols;
  for (std::int32_t count = 1; count <= 60; ++count) {
    symbols.push_back(std::to_string(count));
    for (std::int32_t partitions = 1; partitions <= 12; ++partitions) {
      std::vector<std::int32_t> load(static_cast<std::size_t>(partitions), 0);
      for (const auto partition : partitions_of(Partitioner::balanced, symbols, partitions))
        ++load.at(static_cast<std::size_t>(partition));
      const auto [least, most] = std::ranges::minmax(load);
      EXPECT_LE(most - least, 1) << count << " over " << partitions;
    }
  }
}

TEST(Partitioner, Murmur2LooksAtTheSymbolAlone) {
  const std::vector<std::string> few{"HSI"};
  const std::vector<std::string> many{"AAA", "HSI", "IXIC"};
  EXPECT_EQ(partitions_of(Partitioner::murmur2, few, 16).at(0), partitions_of(Partitioner::murmur2, many, 16).at(1));
  EXPECT_EQ(partitions_of(Partitioner::murmur2, few, 16).at(0), partition_of("HSI", 16));
}

TEST(Partitioner, LayoutNamesPartitionerAndCount) {
  EXPECT_EQ(layout_of(Partitioner::murmur2, 4), "murmur2/4");
  EXPECT_EQ(layout_of(Partitioner::balanced, 12), "balanced/12");
}

}  // namespace
}  // namespace stack::kafka
