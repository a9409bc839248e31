#include "kafka/partitioner.hpp"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace stack::kafka
