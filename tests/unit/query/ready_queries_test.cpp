// The ready-made queries over a lake of ten ticks, against answers worked out by hand.
#include "query/ready_queries.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>

#include "small_lake.hpp"

namespace stack::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReadyQueriesTest : public SmallLake {
 protected:
  ReadyQueriesTest() {
    // A trades in Hong Kong, B in New York. A's 28 May has no volume; B's tick 2 is lost; nobody traded 29 May–6 June.
    write("ticks/dt=2021-05/0.ndjson", tick("A", "2021-05-27", "01:30:00.000001", 0, "100.0", 10) +
                                           tick("A", "2021-05-27", "01:30:30.000000", 1, "104.0", 0) +
                                           tick("A", "2021-05-27", "01:31:00.000000", 2, "98.0", 30) +
                                           tick("A", "2021-05-27", "02:00:00.000000", 3, "100.0", 10) +
                                           tick("A", "2021-05-28", "01:30:00.000000", 4, "110.0", 0) +
                                           tick("B", "2021-05-27", "13:30:00.000000", 0, "50.0", 1) +
                                           tick("B", "2021-05-28", "14:30:00.000000", 1, "55.0", 3));
    write("ticks/dt=2021-06/0.ndjson", tick("A", "2021-06-07", "01:30:00.000000", 5, "99.0", 5) +
                                           tick("B", "2021-06-07", "14:59:59.999999", 3, "49.5", 4));
    write("bars/0.ndjson",
          bar("A", "2021-05-27", "100.0,104.0,98.0,100.0", 50) + bar("A", "2021-05-28", "110.0,110.0,110.0,110.0", 0) +
              bar("A", "2021-06-07", "99.0,99.0,99.0,99.0", 5) + bar("B", "2021-05-27", "50.0,50.0,50.0,50.0", 1) +
              bar("B", "2021-05-28", "55.0,55.0,55.0,55.0", 3) + bar("B", "2021-06-07", "49.5,49.5,49.5,49.5", 4));
    write(
        "symbols/0.ndjson",
        R"({"symbol":"A","exchange":"XHKG","currency":"HKD","zone":"Asia/Hong_Kong","tick_size":0.1,"model":"replay","seed":1})"
        "\n"
        R"({"symbol":"B","exchange":"XNYS","currency":"USD","zone":"America/New_York","tick_size":0.1,"model":"replay","seed":1})"
        "\n");
    crawl();
  }

  static std::string tick(const char* symbol, const char* date, const char* time, int seq, const char* price,
                          int size) {
    return fmt::format(R"({{"symbol":"{}","session_date":"{}","event_time":"{} {}","seq":{},"price":{},"size":{}}})"
                       "\n",
                       symbol, date, date, time, seq, price, size);
  }

  static std::string bar(const char* symbol, const char* date, const std::string& prices, int volume) {
    const std::size_t a = prices.find(',');
    const std::size_t b = prices.find(',', a + 1);
    const std::size_t c = prices.find(',', b + 1);
    return fmt::format(R"({{"symbol":"{}","date":"{}","open":{},"high":{},"low":{},"close":{},"volume":{}}})"
                       "\n",
                       symbol, date, prices.substr(0, a), prices.substr(a + 1, b - a - 1),
                       prices.substr(b + 1, c - b - 1), prices.substr(c + 1), volume);
  }

  std::vector<Row> answer(std::string_view name) { return rows(find_ready_query(name).value().sql); }
};

TEST_F(ReadyQueriesTest, EveryOneRunsAndIsDescribed) {
  EXPECT_EQ(ready_queries().size(), 10U);
  for (const ReadyQuery& query : ready_queries()) {
    EXPECT_FALSE(query.description.empty());
    EXPECT_EQ(query.description.find('\n'), std::string_view::npos);
    EXPECT_FALSE(answer(query.name).empty()) << query.name;
  }
  EXPECT_THAT(find_ready_query("ohlcv").error().message, HasSubstr("ohlcv-1m"));
}

TEST_F(ReadyQueriesTest, OneMinuteBars) {
  const auto all = answer("ohlcv-1m");
  ASSERT_EQ(all.size(), 8U);
  EXPECT_THAT(all[0], ElementsAre("A", "2021-05-27 01:30:00", "100.0", "104.0", "100.0", "104.0", "10", "2"));
  EXPECT_THAT(all[1], ElementsAre("A", "2021-05-27 01:31:00", "98.0", "98.0", "98.0", "98.0", "30", "1"));
  EXPECT_THAT(all[7], ElementsAre("B", "2021-06-07 14:59:00", "49.5", "49.5", "49.5", "49.5", "4", "1"));
}

TEST_F(ReadyQueriesTest, DailyBars) {
  const auto all = answer("ohlcv-daily");
  ASSERT_EQ(all.size(), 6U);
  EXPECT_THAT(all[0], ElementsAre("A", "2021-05-27", "100.0", "104.0", "98.0", "100.0", "50", "4"));
  EXPECT_THAT(all[1], ElementsAre("A", "2021-05-28", "110.0", "110.0", "110.0", "110.0", "0", "1"));
}

TEST_F(ReadyQueriesTest, VwapIsNullWithoutVolume) {
  const auto all = answer("vwap");
  ASSERT_EQ(all.size(), 6U);
  EXPECT_THAT(all[0], ElementsAre("A", "2021-05-27", "98.8", "50"));  // 4,940 / 50
  EXPECT_THAT(all[1], ElementsAre("A", "2021-05-28", "NULL", "0"));
}

TEST_F(ReadyQueriesTest, RealisedVolatility) {
  const auto all = answer("realised-volatility");
  ASSERT_EQ(all.size(), 1U);  // the other sessions have one tick
  EXPECT_EQ(all[0][2], "3");
  const double variance =
      std::pow(std::log(1.04), 2) + std::pow(std::log(98.0 / 104.0), 2) + std::pow(std::log(100.0 / 98.0), 2);
  EXPECT_NEAR(std::strtod(all[0][3].c_str(), nullptr), std::sqrt(variance), 1e-12);
  EXPECT_NEAR(std::strtod(all[0][4].c_str(), nullptr), std::sqrt(variance * 252), 1e-12);
}

TEST_F(ReadyQueriesTest, VolumeByLocalHour) {
  EXPECT_EQ(answer("volume-by-hour"), (std::vector<Row>{{"A", "Asia/Hong_Kong", "9", "45", "81.82", "5"},
                                                        {"A", "Asia/Hong_Kong", "10", "10", "18.18", "1"},
                                                        {"B", "America/New_York", "9", "1", "12.5", "1"},
                                                        {"B", "America/New_York", "10", "7", "87.5", "2"}}));
}

TEST_F(ReadyQueriesTest, SimulationAgainstHistory) {
  EXPECT_EQ(answer("simulation-vs-history"),
            (std::vector<Row>{{"A", "3", "0", "0", "0", "0", "0", "0"}, {"B", "3", "0", "0", "0", "0", "0", "0"}}));
  write("bars/0.ndjson",
        bar("A", "2021-05-27", "100.0,105.0,98.0,100.5", 51) + bar("A", "2021-05-28", "110.0,110.0,110.0,110.0", 0) +
            bar("A", "2021-06-07", "99.0,99.0,99.0,99.0", 5) + bar("B", "2021-05-27", "50.0,50.0,50.0,50.0", 1) +
            bar("B", "2021-05-28", "55.0,55.0,55.0,55.0", 3));
  reopen();
  EXPECT_EQ(answer("simulation-vs-history"),
            (std::vector<Row>{{"A", "3", "0", "1", "0", "1", "1", "3"}, {"B", "3", "1", "1", "1", "1", "1", "5"}}));
}

// Bars of a model are held against ticks; the history has none of these dates.
TEST_F(ReadyQueriesTest, SimulationAgainstTheBarsOfItsModel) {
  write("simulated_bars/0.ndjson",
        bar("A", "2021-05-27", "100.0,104.0,98.0,100.0", 50) + bar("A", "2021-05-28", "110.0,110.0,110.0,110.0", 0) +
            bar("A", "2021-06-07", "99.0,99.5,99.0,99.0", 5) + bar("B", "2021-05-27", "50.0,50.0,50.0,50.0", 1) +
            bar("B", "2021-05-28", "55.0,55.0,55.0,55.0", 3) + bar("B", "2021-06-07", "49.5,49.5,49.5,49.5", 4));
  write("bars/0.ndjson", bar("A", "2021-05-26", "1.0,1.0,1.0,1.0", 1) + bar("B", "2021-05-26", "1.0,1.0,1.0,1.0", 1));
  crawl();
  const auto query = find_ready_query("simulation-vs-history").value();
  EXPECT_EQ(rows(sql_for(query, true)),
            (std::vector<Row>{{"A", "3", "0", "1", "0", "0", "0", "1"}, {"B", "3", "0", "0", "0", "0", "0", "0"}}));
  EXPECT_EQ(rows(sql_for(query, false)),
            (std::vector<Row>{{"A", "3", "3", "3", "3", "3", "2", "14"}, {"B", "3", "3", "3", "3", "3", "3", "15"}}));
  const auto other = find_ready_query("returns-beside-history").value();
  EXPECT_EQ(sql_for(other, true), other.sql);
}

TEST_F(ReadyQueriesTest, ReturnsBesideHistory) {
  write("bars/0.ndjson", bar("A", "2021-05-24", "1.0,1.0,1.0,100.0", 1) +
                             bar("A", "2021-05-25", "1.0,1.0,1.0,101.0", 1) +
                             bar("A", "2021-05-26", "1.0,1.0,1.0,99.0", 1));
  // ln(101 / 100) = 0.00995, ln(99 / 101) = -0.02000; ln(110 / 100) = 0.09531, ln(99 / 110) = -0.10536.
  EXPECT_EQ(answer("returns-beside-history"),
            (std::vector<Row>{{"A", "history", "2", "-0.503", "2.118", "33.6", "-2.0", "1.0"},
                              {"A", "simulation", "2", "-0.503", "14.19", "225.3", "-10.54", "9.53"},
                              {"B", "simulation", "2", "-0.503", "14.19", "225.3", "-10.54", "9.53"}}));
}

TEST_F(ReadyQueriesTest, Gaps) {
  EXPECT_EQ(answer("gaps"), (std::vector<Row>{{"A", "days", "2021-05-28", "2021-06-07", "9"},
                                              {"B", "sequence", "1", "3", "1"},
                                              {"B", "days", "2021-05-28", "2021-06-07", "9"}}));
}

TEST_F(ReadyQueriesTest, Correlation) {
  EXPECT_EQ(answer("correlation"),
            (std::vector<Row>{
                {"A", "A", "2", "1.0"}, {"A", "B", "2", "1.0"}, {"B", "A", "2", "1.0"}, {"B", "B", "2", "1.0"}}));
}

TEST_F(ReadyQueriesTest, TopMoves) {
  EXPECT_EQ(answer("top-moves"), (std::vector<Row>{{"A", "2021-05-28", "100.0", "110.0", "10.0"},
                                                   {"B", "2021-05-28", "50.0", "55.0", "10.0"},
                                                   {"A", "2021-06-07", "110.0", "99.0", "-10.0"},
                                                   {"B", "2021-06-07", "55.0", "49.5", "-10.0"}}));
}

}  // namespace
}  // namespace stack::query
