// What readers of Parquet make of whole files is tested elsewhere; here are the parts whose results are published.
#include "lake/parquet_encoding.hpp"

#include <gtest/gtest.h>

#include <array>

#include "lake/bloom_filter.hpp"
#include "lake/thrift_compact.hpp"

namespace stack::lake {
namespace {

TEST(ParquetEncoding, Xxh64IsThatOfItsSpecification) {
  EXPECT_EQ(xxh64(""), 0xEF46DB3751D8E999U);
  EXPECT_EQ(xxh64("a"), 0xD24EC4F1A98C6E5BU);
  EXPECT_EQ(xxh64("abc"), 0x44BC2CF5AD770999U);
}

TEST(ParquetEncoding, ABloomFilterHoldsWhatWasAddedAndFewOthers) {
  BloomFilter filter(1000);
  for (int i = 0; i < 1000; ++i) filter.add(std::to_string(i));
  int others = 0;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(filter.may_hold(std::to_string(i)));
    others += filter.may_hold("x" + std::to_string(i)) ? 1 : 0;
  }
  EXPECT_LT(others, 50);
}

TEST(ParquetEncoding, BitsForSoManyValues) {
  EXPECT_EQ(bits_for(1), 1U);
  EXPECT_EQ(bits_for(2), 1U);
  EXPECT_EQ(bits_for(3), 2U);
  EXPECT_EQ(bits_for(256), 8U);
  EXPECT_EQ(bits_for(257), 9U);
}

TEST(ParquetEncoding, EqualValuesAreOneRun) {
  std::string out;
  append_runs(out, std::array<std::uint32_t, 5>{3, 3, 3, 300, 300}, 9);
  EXPECT_EQ(out, std::string("\6\3\0\4\x2c\1", 6));
}

// The example of the format's page: 1 to 5 have equal differences, which take no bits.
TEST(ParquetEncoding, EqualDifferencesTakeNoBits) {
  std::string out;
  append_deltas(out, std::array<std::int64_t, 5>{1, 2, 3, 4, 5});
  EXPECT_EQ(out, std::string("\x80\1\4\5\2\2\0\0\0\0", 10));
}

}  // namespace
}  // namespace stack::lake
