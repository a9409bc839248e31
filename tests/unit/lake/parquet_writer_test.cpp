// A file of ticks is read by a reader of its own: it must make of them what DuckDB's reader of JSON makes.
#include "lake/parquet_writer.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <random>

#include "temporary_folder.hpp"

namespace stack::lake {
namespace {

using testing::HasSubstr;

class ParquetOfTicks : public testing::Test {
 protected:
  ParquetOfTicks() : connection_(database_.connect().value()) {}

  static std::string tick(std::string_view symbol, std::string_view date, int micros, int seq, std::string_view price) {
    return fmt::format(
        R"({{"symbol":"{}","session_date":"{}","event_time":"{} 23:59:58.{:06}","seq":{},"price":{},"size":{}}})",
        symbol, date, date, micros, seq, price, seq * 3'000'000'007LL);
  }
  std::filesystem::path write(const std::vector<std::string>& lines) {
    std::ofstream file(lines_);
    for (const auto& line : lines) file << line << '\n';
    count_ = lines.size();
    return lines_;
  }
  Result<void> convert(bool as_ticks, const char* name, Compression compression = Compression::zstd,
                       const std::vector<Column>& columns = tick_columns()) {
    ParquetWriter writer(folder_.path(), 128U << 20);
    return writer.convert({.path = lines_, .longest = 300, .rows = count_, .all_ticks = as_ticks}, columns, compression,
                          folder_.path() / name);
  }
  static std::string quoted(std::string tick, std::string_view bid, std::string_view ask) {
    tick.pop_back();
    return fmt::format(R"({},"bid":{},"ask":{}}})", tick, bid, ask);
  }
  std::int64_t number(const std::string& sql) {
    const auto chunk = connection_.query(sql).value().next().value();
    if (!chunk) return -1;
    return chunk->values<std::int64_t>(0)[0];
  }
  [[nodiscard]] std::string file(const char* name) const {
    return fmt::format("read_parquet('{}', file_row_number = true)", (folder_.path() / name).native());
  }

  TemporaryFolder folder_;
  std::filesystem::path lines_ = folder_.path() / "lines.ndjson";
  std::size_t count_ = 0;
  duckdb_embedded::Database database_ = duckdb_embedded::Database::open({}).value();
  duckdb_embedded::Connection connection_;
};

TEST_F(ParquetOfTicks, HasTheSameRowsInTheSameOrderAsOneOfAnyJson) {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp)
  std::vector<std::string> lines;
  constexpr std::array symbols{"HSI", "N225", "A-rather-long-name-of-an-index", "000001.SS", "IXIC"};
  for (int i = 0; i < 30'000; ++i) {
    const auto price = i % 3 == 0 ? fmt::format("{}.{}", random() % 100'000, random() % 1'000'000)
                                  : fmt::format("-0.{:06}", random() % 1'000'000);
    lines.push_back(tick(symbols.at(random() % symbols.size()), i % 2 == 0 ? "2021-05-28" : "0001-01-01",
                         static_cast<int>(random() % 1'000'000), i, price));
  }
  write(lines);
  ASSERT_TRUE(convert(true, "ticks"));
  ASSERT_TRUE(convert(false, "json"));
  EXPECT_EQ(number("SELECT count(*) FROM " + file("ticks")), 30'000);
  EXPECT_EQ(number(fmt::format("SELECT count(*) FROM (SELECT * FROM {} EXCEPT SELECT * FROM {})", file("ticks"),
                               file("json"))),
            0);
  EXPECT_EQ(number("SELECT count(*) FROM (SELECT symbol, event_time, seq, lag((symbol, event_time, seq)) OVER (ORDER "
                   "BY file_row_number) AS before FROM " +
                   file("ticks") + ") WHERE (symbol, event_time, seq) < before"),
            0);
}

TEST_F(ParquetOfTicks, HasTheQuotesOfThoseThatHaveOne) {
  std::vector<std::string> lines;
  for (int i = 0; i < 5000; ++i) {
    lines.push_back(tick(i % 3 == 0 ? "B" : "A", "2021-05-28", 5000 - i, i, fmt::format("{}.5", i + 1)));
    if (i % 2 == 0) lines.back() = quoted(lines.back(), fmt::format("{}.25", i + 1), fmt::format("{}.5", i + 1));
  }
  write(lines);
  ASSERT_TRUE(convert(true, "ticks", Compression::zstd, quoted_tick_columns()));
  ASSERT_TRUE(convert(false, "json", Compression::zstd, quoted_tick_columns()));
  EXPECT_EQ(number("SELECT count(*) FROM " + file("ticks") + " WHERE bid = price - 0.25 AND ask = price"), 2500);
  EXPECT_EQ(number("SELECT count(*) FROM " + file("ticks") + " WHERE bid IS NULL AND ask IS NULL"), 2500);
  EXPECT_EQ(number(fmt::format("SELECT count(*) FROM (SELECT * FROM {} EXCEPT SELECT * FROM {})", file("ticks"),
                               file("json"))),
            0);
}

TEST_F(ParquetOfTicks, HasColumnsOfQuotesWhereItsRangeHas) {
  write({tick("A", "2021-05-28", 1, 0, "1.5")});  // another file of the range has quotes
  ASSERT_TRUE(convert(true, "none", Compression::zstd, quoted_tick_columns()));
  EXPECT_EQ(number("SELECT count(*) FROM " + file("none") + " WHERE bid IS NULL AND ask IS NULL"), 1);
}

TEST_F(ParquetOfTicks, TakesAFileOfNoWholePiece) {
  write({tick("A", "2021-05-28", 1, 0, "1.5")});
  ASSERT_TRUE(convert(true, "one"));
  EXPECT_EQ(number("SELECT count(*) FROM " + file("one")), 1);
}

TEST_F(ParquetOfTicks, ALineThatIsNoneIsAnError) {
  write({tick("A", "2021-05-28", 1, 0, "1.5"), "{}"});
  const auto converted = convert(true, "none");
  ASSERT_FALSE(converted);
  EXPECT_THAT(converted.error().message, HasSubstr("lines.ndjson"));
}

TEST_F(ParquetOfTicks, IsCompressedAsAskedFor) {
  write({tick("A", "2021-05-28", 1, 0, "1.5")});
  for (const auto& [compression, codec] :
       {std::pair{Compression::none, "UNCOMPRESSED"}, std::pair{Compression::gzip, "GZIP"},
        std::pair{Compression::zstd, "ZSTD"}}) {
    ASSERT_TRUE(convert(true, "coded", compression));
    EXPECT_EQ(number(fmt::format("SELECT count(*) FROM parquet_metadata('{}') WHERE compression = '{}'",
                                 (folder_.path() / "coded").native(), codec)),
              6)
        << codec;
  }
}

}  // namespace
}  // namespace stack::lake
