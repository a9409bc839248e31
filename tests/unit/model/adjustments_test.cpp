#include "model/adjustments.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "histories.hpp"
#include "model/simulated_bars.hpp"

namespace stack::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Four days of A at 100, of which the third is the first after a split of 4:1, and of B at 50.
std::string split_csv(const std::string& adjusted_header = "", const std::vector<std::string>& adjusted = {}) {
  std::string csv = "Symbol,Date,Open,High,Low,Close,Volume";
  csv += adjusted_header.empty() ? "\n" : "," + adjusted_header + "\n";
  for (int day = 0; day < 4; ++day) {
    const int price = day < 2 ? 100 : 25;
    csv += fmt::format("A,2020-01-0{},{},{},{},{},10", day + 1, price, price + 1, price - 1, price);
    csv += adjusted.empty() ? "\n" : "," + adjusted[static_cast<std::size_t>(day)] + "\n";
  }
  csv += "B,2020-01-02,50,51,49,50,10";
  csv += adjusted.empty() ? "\n" : ",50\n";
  return csv;
}

TEST(AdjustedClose, GivesFactorsWhateverTheColumnsCase) {
  for (const auto* header : {"Adj Close", "adj close", "AdjClose", "adj_close", "Adj. Close", "ADJUSTED CLOSE"}) {
    const auto factors = adjusted_close_factors(test::history_of(split_csv(header, {"25", "25", "25", "\"25.0\""})));
    ASSERT_TRUE(factors) << factors.error().message;
    EXPECT_THAT(*factors, ElementsAre(ElementsAre(0.25, 0.25, 1.0, 1.0), ElementsAre(1.0))) << header;
  }
}

TEST(AdjustedClose, NeedNotBeThere) { EXPECT_THAT(*adjusted_close_factors(test::history_of(split_csv())), IsEmpty()); }

TEST(AdjustedClose, ThatIsNoPriceIsAnErrorThatNamesIt) {
  for (const auto* nonsense : {"0", "-1", "null", "", "nan", "inf"}) {
    const auto factors = adjusted_close_factors(test::history_of(split_csv("Adj Close", {"25", nonsense, "25", "25"})));
    ASSERT_FALSE(factors) << nonsense;
    EXPECT_EQ(factors.error().kind, ErrorKind::data);
    EXPECT_THAT(factors.error().message, HasSubstr("Adj Close of A on 2020-01-02"));
  }
}

std::string error_in(const std::string& table) {
  const auto history = test::history_of(split_csv());
  const auto splits = parse_splits("splits.csv", table, *history.dataset);
  if (splits) return {};
  EXPECT_EQ(splits.error().kind, ErrorKind::data);
  return splits.error().message;
}

TEST(Splits, AreReadInAnyOrderAndForm) {
  const auto history = test::history_of(split_csv());
  const auto splits =
      parse_splits("splits.csv",
                   "\xEF\xBB\xBF"
                   "Ratio,SYMBOL,date\r\n4:1,A,2020-01-03\r\n\r\n0.1,B,2020-01-02\n \"2\" ,B,1999-12-31",
                   *history.dataset);
  ASSERT_TRUE(splits) << splits.error().message;
  ASSERT_THAT(*splits, SizeIs(3));
  EXPECT_EQ((*splits)[0].ratio, 4.0);
  EXPECT_EQ((*splits)[0].symbol, "A");
  EXPECT_EQ(format_date((*splits)[0].date), "2020-01-03");
  EXPECT_EQ((*splits)[1].ratio, 0.1);
  EXPECT_EQ((*splits)[2].ratio, 2.0);
}

TEST(Splits, ThatAreWrongAreErrorsWithTheirLine) {
  EXPECT_THAT(error_in(""), HasSubstr("splits.csv: is empty"));
  EXPECT_THAT(error_in("symbol,date\nA,2020-01-03\n"), HasSubstr("splits.csv:1: "));
  EXPECT_THAT(error_in("symbol,date,ratio\nA,2020-01-03,4\nC,2020-01-03,4\n"), HasSubstr("splits.csv:3: 'C' is no"));
  EXPECT_THAT(error_in("symbol,date,ratio\nA,2020-02-30,4\n"), HasSubstr("splits.csv:2: '2020-02-30' is no date"));
  EXPECT_THAT(error_in("symbol,date,ratio\nA,2020-01-03\n"), HasSubstr("splits.csv:2: 2 fields"));
  for (const auto* ratio : {"0", "-2", "x", "2:", ":2", "2:0", "2:1:1", ""})
    EXPECT_THAT(error_in(fmt::format("symbol,date,ratio\n\nA,2020-01-03,{}\n", ratio)), HasSubstr("splits.csv:3: "))
        << ratio;
}

TEST(Splits, ThatCannotBeReadAreAnError) {
  const auto history = test::history_of(split_csv());
  const auto splits = read_splits("/nowhere/splits.csv", *history.dataset);
  ASSERT_FALSE(splits);
  EXPECT_THAT(splits.error().message, HasSubstr("--splits: /nowhere/splits.csv"));
}

TEST(Splits, DivideWhatWasBefore) {
  const auto history = test::history_of(split_csv());
  Adjustments adjustments;
  ASSERT_TRUE(apply_splits(history, {{"s.csv:2", "A", *parse_date("2020-01-03"), 4.0}}, adjustments));
  EXPECT_THAT(adjustments, ElementsAre(ElementsAre(0.25, 0.25, 1.0, 1.0), IsEmpty()));
}

TEST(Splits, MustExplainTheMoveOfTheirDay) {
  const auto history = test::history_of(split_csv());
  const auto applied = [&](std::string_view date, double ratio, Adjustments adjustments) {
    return apply_splits(history, {{"s.csv:7", "A", *parse_date(date), ratio}}, adjustments);
  };
  EXPECT_TRUE(applied("2020-01-03", 4.0, {}));
  EXPECT_TRUE(applied("1999-01-01", 4.0, {})) << "before the data";
  const auto inverted = applied("2020-01-03", 0.25, {});
  ASSERT_FALSE(inverted);
  EXPECT_THAT(inverted.error().message, HasSubstr("s.csv:7: A moves by -75.0 % on 2020-01-03"));
  EXPECT_FALSE(applied("2020-01-03", 4.0, {{0.25, 0.25, 1.0, 1.0}, {}})) << "adjusted already";
}

TEST(LargeMoves, AreToldUntilTheSplitIs) {
  const auto history = test::history_of(split_csv());
  EXPECT_THAT(large_move_warnings(history, {}),
              ElementsAre(HasSubstr("A moves by -75.0 % on 2020-01-03"), HasSubstr("--splits FILE")));
  Adjustments adjustments;
  ASSERT_TRUE(apply_splits(history, {{"s.csv:2", "A", *parse_date("2020-01-03"), 4.0}}, adjustments));
  EXPECT_THAT(large_move_warnings(history, adjustments), IsEmpty());
}

TEST(LargeMoves, AreAtMostTen) {
  std::string csv = "Symbol,Date,Open,High,Low,Close,Volume\n";
  for (int day = 1; day <= 28; ++day) {
    const int price = day % 2 == 0 ? 100 : 10;
    csv += fmt::format("A,2020-01-{:02},{},{},{},{},10\n", day, price, price, price, price);
  }
  const auto lines = large_move_warnings(test::history_of(csv), {});
  ASSERT_THAT(lines, SizeIs(12));
  EXPECT_THAT(lines[10], HasSubstr("17 more"));
}

// A split in the middle of a calm history, told: the models see no move, and go on from the last raw close.
TEST(Splits, LeaveNoTraceInTheModel) {
  auto history = test::made_up_history({.symbols = 1, .sessions = 1000});
  auto series = *history.slices[0].series;
  const auto calm = test::panel_of({series}).series[0];
  for (std::size_t i = 0; i < 500; ++i)
    for (auto* price : {&series.bars[i].open, &series.bars[i].high, &series.bars[i].low, &series.bars[i].close})
      *price *= 8;
  const auto split_day = series.bars[500].date();
  std::vector<market::Series> all = {series};
  const auto selection = market::select(market::Dataset::of_bars("split", std::move(all)), {}).value();
  Adjustments adjustments;
  ASSERT_TRUE(apply_splits(selection, {{"s.csv:2", "S0", split_day, 8.0}}, adjustments));
  const auto panel = make_panel(selection, adjustments, {}).value();
  EXPECT_NEAR(panel.series[0].deviation, calm.deviation, 1e-9);
  EXPECT_EQ(panel.series[0].last_close, calm.last_close);
  ModelOptions options;
  options.mode = market::Mode::gbm;
  options.sessions = 1;
  const auto simulated = simulate_bars(selection, adjustments, {}, options).value();
  const auto& first = simulated.bars.dataset->series()[0].bars[0];
  EXPECT_NEAR(static_cast<double>(first.open) / static_cast<double>(market::pow10_int(first.scale)) / calm.last_close,
              1.0, 0.1);
}

}  // namespace
}  // namespace stack::model
