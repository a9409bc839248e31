#include "market/dataset.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "bars.hpp"

namespace stack::market {
namespace {

using test::dataset_of;
using test::kHeader;
using testing::HasSubstr;

std::string error_of(const std::string& csv, BadRowPolicy policy = BadRowPolicy::stop) {
  const auto dataset = Dataset::parse("bars.csv", csv, {policy, 10});
  EXPECT_FALSE(dataset.has_value());
  if (dataset) return {};
  EXPECT_EQ(dataset.error().kind, ErrorKind::data);
  EXPECT_EQ(dataset.error().message.find('\n'), std::string::npos);
  return dataset.error().message;
}

TEST(Dataset, FindsColumnsByNameInAnyOrderAndCase) {
  const auto dataset =
      dataset_of("volume, CLOSE ,low,HIGH,Open,Adj Close,date,Index\n5.0,2,1,3,2.5,2,2021-05-28,HSI\n");
  ASSERT_EQ(dataset->series().size(), 1U);
  const Series& series = dataset->series()[0];
  EXPECT_EQ(series.symbol, "HSI");
  const Bar& bar = series.bars.at(0);
  EXPECT_EQ(format_date(bar.date()), "2021-05-28");
  EXPECT_EQ(bar.price(bar.open), (Decimal{25, 1}));
  EXPECT_EQ(bar.price(bar.high), (Decimal{3, 0}));
  EXPECT_EQ(bar.price(bar.low), (Decimal{1, 0}));
  EXPECT_EQ(bar.price(bar.close), (Decimal{2, 0}));
  EXPECT_EQ(bar.volume, 5);
  EXPECT_EQ(dataset->columns()[1], "CLOSE");
}

TEST(Dataset, TakesByteOrderMarkCrlfQuotesAndAMissingLastNewline) {
  const auto dataset = dataset_of(
      "\xEF\xBB\xBF\"Ticker\",Date,Open,High,Low,Close,Volume,Note\r\n"
      "\"A,\"\"B\"\"\",2021-01-04,1,1,1,1,94403740000.0,\"two\r\nlines, and a comma\"\r\n"
      "\r\n"
      "\"A,\"\"B\"\"\",\"2021-01-05\", 1.5 ,2,1,1,0.0,x");
  ASSERT_EQ(dataset->series().size(), 1U);
  EXPECT_EQ(dataset->series()[0].symbol, "A,\"B\"");
  EXPECT_EQ(dataset->series()[0].bars.size(), 2U);
  EXPECT_EQ(dataset->series()[0].bars[0].volume, 94403740000);
}

TEST(Dataset, KeepsSymbolsInOrderHoweverTheFileMixesThem) {
  const auto dataset = dataset_of(std::string(kHeader) +
                                  "B,2021-01-04,1,1,1,1,0\nA,2021-01-04,1,1,1,1,0\n"
                                  "B,2021-01-05,1,1,1,1,0\n\xC3\x84,2021-01-05,1,1,1,1,0\n");
  ASSERT_EQ(dataset->series().size(), 3U);
  EXPECT_EQ(dataset->series()[0].symbol, "A");
  EXPECT_EQ(dataset->series()[1].bars.size(), 2U);
  EXPECT_EQ(dataset->series()[2].symbol, "\xC3\x84");
  EXPECT_EQ(dataset->row_text(dataset->series()[1].bars[1]), "B,2021-01-05,1,1,1,1,0");
}

TEST(Dataset, AQuoteInsideAnUnquotedFieldIsACharacterOfIt) {
  const auto dataset = dataset_of(
      "Symbol,Date,Open,High,Low,Close,Volume,Note\n"
      "A,2021-01-04,1,1,1,1,0,a 5\" pipe\n"
      "A,2021-01-05,1,1,1,1,0,x\n"
      "A,2021-01-06,1,1,1,1,0,a 6\" pipe\n"
      "B\"B,2021-01-06,1,1,1,1,0,\"a 7\"\" pipe\"\n");
  ASSERT_EQ(dataset->series().size(), 2U);
  EXPECT_EQ(dataset->series()[0].bars.size(), 3U);
  EXPECT_EQ(dataset->series()[1].symbol, "B\"B");
}

TEST(Dataset, AQuotedFieldWithoutAnEndTakesNoOtherRowsWithIt) {
  const std::string csv = std::string(kHeader) +
                          "A,2021-01-04,1,1,1,1,0\n"
                          "\"A,2021-01-05,1,1,1,1,0\n"
                          "A,2021-01-06,1,1,1,1,0\n"
                          "\"A\",2021-01-07,1,1,1,1,0\n"
                          "A,\"2021-01-08,1,1,1,1,0\n"
                          "A,2021-01-09,1,1,1,1,0\n";
  EXPECT_THAT(error_of(csv), HasSubstr("bars.csv:3: a quoted field has no end"));
  const auto dataset = dataset_of(csv, {BadRowPolicy::skip, 10});
  EXPECT_EQ(dataset->row_count(), 4U);
  ASSERT_EQ(dataset->skipped().size(), 2U);
  EXPECT_EQ(dataset->skipped()[0].line, 3U);
  EXPECT_EQ(dataset->skipped()[1].line, 6U);
}

TEST(Dataset, AQuotedFieldEndsWithinALongestRow) {
  std::string csv = std::string(kHeader) + "A,2021-01-04,1,1,1,1,0\nA,2021-01-05,1,1,1,1,\"0\n";
  for (int i = 0; i < 60'000; ++i)
    csv += fmt::format("A,{},1,1,1,1,0\n", format_date(*parse_date("2021-01-06") + std::chrono::days{i}));
  csv += "B,2021-01-04,1,1,1,1,\"0\"\n";
  const auto dataset = dataset_of(csv, {BadRowPolicy::skip, 10});
  EXPECT_EQ(dataset->row_count(), 60'002U);
  EXPECT_EQ(dataset->skipped().at(0).line, 3U);
}

struct BadRowCase {
  const char* row;
  const char* reason;
};

class BadRows : public testing::TestWithParam<BadRowCase> {};

TEST_P(BadRows, AreNamedByLineAndReason) {
  const std::string csv =
      std::string(kHeader) + "A,2021-01-04,2,3,1,2,10\n" + GetParam().row + "\nA,2021-02-01,2,3,1,2,10\n";
  EXPECT_THAT(error_of(csv), HasSubstr("bars.csv:3: "));
  EXPECT_THAT(error_of(csv), HasSubstr(GetParam().reason));
  const auto dataset = dataset_of(csv, {BadRowPolicy::skip, 10});
  EXPECT_EQ(dataset->row_count(), 2U);
  EXPECT_EQ(dataset->skipped_count(), 1U);
  ASSERT_EQ(dataset->skipped().size(), 1U);
  EXPECT_EQ(dataset->skipped()[0].line, 3U);
}

INSTANTIATE_TEST_SUITE_P(
    Dataset, BadRows,
    testing::Values(BadRowCase{"A,2021-01-05,x,3,1,2,10", "Open is not a finite number"},
                    BadRowCase{"A,2021-01-05,,3,1,2,10", "Open is empty"},
                    BadRowCase{"A,2021-01-05,2,inf,1,2,10", "High is not a finite number"},
                    BadRowCase{"A,2021-01-05,2,3,nan,2,10", "Low is not a finite number"},
                    BadRowCase{"A,2021-01-05,2,3,-1,2,10", "Low is not above 0"},
                    BadRowCase{"A,2021-01-05,0,3,0,2,10", "Open is not above 0"},
                    BadRowCase{"A,2021-01-05,2,1,3,2,10", "High 1 is below Low 3"},
                    BadRowCase{"A,2021-01-05,4,3,1,2,10", "Open 4 is above High 3"},
                    BadRowCase{"A,2021-01-05,2,3,1,0.5,10", "Close 0.5 is below Low 1"},
                    BadRowCase{"A,2021-01-05,2,3,1,2,1.5", "Volume is not whole"},
                    BadRowCase{"A,2021-01-05,2,3,1,2,-1", "Volume is negative"},
                    BadRowCase{"A,2021-01-05,2,3,1,2,", "Volume is empty"},
                    BadRowCase{"A,2021-13-05,2,3,1,2,10", "Date is not a date"},
                    BadRowCase{"A,05/01/2021,2,3,1,2,10", "Date is not a date"},
                    BadRowCase{"A,2021-01-04,2,3,1,2,10", "2021-01-04 of A is there twice"},
                    BadRowCase{"A,2020-12-31,2,3,1,2,10", "dates are not in order"},
                    BadRowCase{"A,2021-01-05,2,3,1,2", "6 fields where the header has 7"},
                    BadRowCase{"A,2021-01-05,2,3,1,2,10,11", "8 fields where the header has 7"},
                    BadRowCase{",2021-01-05,2,3,1,2,10", "the symbol is empty"},
                    BadRowCase{"A\tB,2021-01-05,2,3,1,2,10", "the symbol holds a control character"},
                    BadRowCase{"\xFF,2021-01-05,2,3,1,2,10", "the symbol is not UTF-8"},
                    BadRowCase{"\"A,2021-01-05,2,3,1,2,10", "a quoted field has no end"},
                    BadRowCase{"\"A\"B,2021-01-05,2,3,1,2,10", "text follows the end of a quoted field"}));

TEST(Dataset, CountsAllSkippedRowsAndKeepsTheFirstReasons) {
  std::string csv = std::string(kHeader) + "A,2021-01-04,2,3,1,2,10\n";
  for (int i = 0; i < 25; ++i) csv += "A,never,2,3,1,2,10\n";
  const auto dataset = dataset_of(csv, {BadRowPolicy::skip, 4});
  EXPECT_EQ(dataset->skipped_count(), 25U);
  EXPECT_EQ(dataset->skipped().size(), 4U);
}

TEST(Dataset, SaysWhichColumnIsMissingAndWhatIsThere) {
  EXPECT_THAT(error_of("Symbol,Date,Open,High,Close,Volume\n"),
              HasSubstr("no column low in the header; found: Symbol, Date"));
  EXPECT_THAT(error_of("\"a\nb\",Date\n"), HasSubstr("found: a b, Date"));  // one line, as error_of() checks
  EXPECT_THAT(error_of("Date,Open,High,Low,Close,Volume\n"), HasSubstr("Symbol (or Index, or Ticker)"));
  EXPECT_THAT(error_of("Symbol,Date,Open,High,Low,Close,Close,Volume\n"), HasSubstr("'close' twice"));
  EXPECT_THAT(error_of("\n\nSymbol,Date\n"), HasSubstr("bars.csv:3: no column open"));
}

TEST(Dataset, RefusesWhatHoldsNothing) {
  EXPECT_THAT(error_of(""), HasSubstr("is empty"));
  EXPECT_THAT(error_of("\n\n"), HasSubstr("is empty"));
  EXPECT_THAT(error_of(kHeader), HasSubstr("has no rows"));
  EXPECT_THAT(error_of(std::string(kHeader) + "A,x\n", BadRowPolicy::skip), HasSubstr("all 1 rows are bad"));
  EXPECT_THAT(error_of("\xFF\xFEx"), HasSubstr("UTF-16"));
  EXPECT_THAT(error_of(std::string("\x7F"
                                   "ELF\0\0\0",
                                   7) +
                       std::string(5000, 'x')),
              testing::EndsWith("bars.csv: is no CSV text in UTF-8; name a file of daily bars"));
  EXPECT_LT(error_of(std::string(5000, 'x')).size(), 500U);
}

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string form = (std::filesystem::temp_directory_path() / "stack-dataset-XXXXXX").string();
    ASSERT_NE(mkdtemp(form.data()), nullptr);
    folder_ = form;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& content) const {
    const auto path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  std::filesystem::path folder_;
};

TEST_F(Files, AreMapped) {
  const auto dataset = Dataset::load(write("bars.csv", std::string(kHeader) + "A,2021-01-04,1,1,1,1,7\n"));
  ASSERT_TRUE(dataset.has_value()) << dataset.error().message;
  EXPECT_EQ((*dataset)->row_count(), 1U);
}

TEST_F(Files, OfGzipAreReadWhateverTheirName) {
  std::string csv = kHeader;
  for (int i = 0; i < 20000; ++i)
    csv += fmt::format("A,{},1,2,1,2,{}\n", format_date(*parse_date("1950-01-01") + std::chrono::days{i}), i);
  const std::string path = (folder_ / "bars.csv.gz").string();
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, csv.data(), 300000);
  gzclose(file);
  file = gzopen(path.c_str(), "ab");  // a second member
  gzwrite(file, csv.data() + 300000, static_cast<unsigned>(csv.size() - 300000));
  gzclose(file);
  const auto dataset = Dataset::load(path);
  ASSERT_TRUE(dataset.has_value()) << dataset.error().message;
  EXPECT_EQ((*dataset)->row_count(), 20000U);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 3);
  const auto cut = Dataset::load(path);
  ASSERT_FALSE(cut.has_value());
  EXPECT_THAT(cut.error().message, HasSubstr("not a whole gzip file"));
}

TEST_F(Files, ThatAreNotThereOrNoFilesAreNamed) {
  const auto missing = Dataset::load((folder_ / "no.csv").string());
  ASSERT_FALSE(missing.has_value());
  EXPECT_THAT(missing.error().message, HasSubstr("no.csv: cannot be opened: No such file"));
  const auto directory = Dataset::load(folder_.string());
  ASSERT_FALSE(directory.has_value());
  EXPECT_THAT(directory.error().message, HasSubstr("is a directory"));
  const auto empty = Dataset::load(write("empty.csv", ""));
  ASSERT_FALSE(empty.has_value());
  EXPECT_THAT(empty.error().message, HasSubstr("empty.csv: is empty"));
}

}  // namespace
}  // namespace stack::market
