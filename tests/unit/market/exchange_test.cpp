#include "market/exchange.hpp"

#include <gmock/gmock.h>

namespace stack::market {
namespace {

std::string utc(std::int64_t micros) { return format_micros(Micros{std::chrono::microseconds{micros}}).substr(0, 19); }

SessionWindow window_of(std::string_view mic, const char* date) {
  const Date day = *parse_date(date);
  const auto calendar = SessionCalendar::make(*find_exchange(mic), day, day);
  EXPECT_TRUE(calendar.has_value());
  return calendar->window(static_cast<std::int32_t>(day.time_since_epoch().count()));
}

struct SessionCase {
  const char* mic;
  const char* date;
  const char* open;
  const char* close;
  std::int64_t trading_minutes;
};

class Sessions : public testing::TestWithParam<SessionCase> {};

TEST_P(Sessions, AreInUtc) {
  const SessionCase& expected = GetParam();
  const SessionWindow window = window_of(expected.mic, expected.date);
  EXPECT_EQ(utc(window.open), std::string(expected.date) + ' ' + expected.open);
  EXPECT_EQ(utc(window.close), std::string(expected.date) + ' ' + expected.close);
  EXPECT_EQ(window.trading_micros(), expected.trading_minutes * 60'000'000);
}

INSTANTIATE_TEST_SUITE_P(Exchange, Sessions,
                         testing::Values(SessionCase{"XNYS", "2021-03-01", "14:30:00", "21:00:00", 390},
                                         SessionCase{"XNYS", "2021-03-15", "13:30:00", "20:00:00",
                                                     390},  // daylight saving since the day before
                                         SessionCase{"XNYS", "1965-06-01", "13:30:00", "20:00:00", 390},
                                         SessionCase{"XHKG", "2011-03-04", "02:00:00", "08:00:00", 300},
                                         SessionCase{"XHKG", "2011-03-07", "01:30:00", "08:00:00", 330},
                                         SessionCase{"XSHG", "2021-03-01", "01:30:00", "07:00:00", 240},
                                         SessionCase{"XTKS", "2021-03-01", "00:00:00", "06:00:00", 300},
                                         SessionCase{"XTKS", "2024-11-05", "00:00:00", "06:30:00", 330},
                                         SessionCase{"XKRX", "2021-03-02", "00:00:00", "06:30:00", 390},
                                         SessionCase{"XKRX", "1998-12-04", "00:30:00", "06:00:00", 330},
                                         SessionCase{"XETR", "2021-03-01", "08:00:00", "16:30:00", 510},
                                         SessionCase{"XETR", "2021-04-01", "07:00:00", "15:30:00", 510},
                                         SessionCase{"XNSE", "2021-03-01", "03:45:00", "10:00:00", 375},
                                         SessionCase{"XJSE", "2021-03-01", "07:00:00", "15:00:00", 480},
                                         SessionCase{"XTAI", "2021-03-02", "01:00:00", "05:30:00", 270},
                                         // Past the tables of time zones; 2040 and 2400 are leap years.
                                         SessionCase{"XNYS", "2037-11-02", "14:30:00", "21:00:00", 390},
                                         SessionCase{"XNYS", "2038-03-12", "14:30:00", "21:00:00", 390},
                                         SessionCase{"XNYS", "2038-03-15", "13:30:00", "20:00:00", 390},
                                         SessionCase{"XNYS", "2040-02-29", "14:30:00", "21:00:00", 390},
                                         SessionCase{"XETR", "2400-03-24", "08:00:00", "16:30:00", 510},
                                         SessionCase{"XETR", "2400-03-27", "07:00:00", "15:30:00", 510},
                                         SessionCase{"XASX", "2050-07-04", "00:00:00", "06:00:00", 360},
                                         SessionCase{"XTKS", "9999-12-31", "00:00:00", "06:30:00", 330}));

TEST(Exchange, HasABreakOnlyWhereThereIsOne) {
  const SessionWindow tokyo = window_of("XTKS", "2021-03-01");
  EXPECT_EQ(utc(tokyo.break_begin), "2021-03-01 02:30:00");
  EXPECT_EQ(utc(tokyo.break_end), "2021-03-01 03:30:00");
  const SessionWindow seoul = window_of("XKRX", "2021-03-02");
  EXPECT_EQ(seoul.break_begin, seoul.break_end);
}

void expect_calendars_agree_with_single_days(const char* begin, const char* end) {
  for (const Exchange& exchange : exchanges()) {
    const Date first = *parse_date(begin);
    const Date last = *parse_date(end);
    const auto calendar = SessionCalendar::make(exchange, first, last);
    ASSERT_TRUE(calendar.has_value()) << exchange.mic << ": " << calendar.error().message;
    for (Date date = first; date <= last; date += std::chrono::days{1}) {
      const SessionWindow alone = window_of(exchange.mic, format_date(date).c_str());
      const SessionWindow window = calendar->window(static_cast<std::int32_t>(date.time_since_epoch().count()));
      ASSERT_EQ(window.open, alone.open) << exchange.mic << ' ' << format_date(date);
      ASSERT_EQ(window.close, alone.close) << exchange.mic << ' ' << format_date(date);
    }
  }
}

TEST(Exchange, CalendarsAgreeWithSingleDays) {
  expect_calendars_agree_with_single_days("2010-12-01", "2011-12-31");
  expect_calendars_agree_with_single_days("2035-12-01", "2038-12-31");  // where the tables of time zones end
}

// New York: from the second Sunday of March to the first of November.
TEST(Exchange, KnowsDaylightSavingOfAllYearsToCome) {
  const auto calendar =
      SessionCalendar::make(*find_exchange("XNYS"), *parse_date("2030-01-01"), *parse_date("2450-12-31"));
  ASSERT_TRUE(calendar.has_value());
  const auto open_of = [&](std::chrono::sys_days day) {
    return utc(calendar->window(static_cast<std::int32_t>(day.time_since_epoch().count())).open).substr(11);
  };
  for (int y = 2030; y <= 2450; ++y) {
    using namespace std::chrono;
    const sys_days summer = year{y} / March / Sunday[2];
    const sys_days winter = year{y} / November / Sunday[1];
    EXPECT_EQ(open_of(summer - days{2}), "14:30:00") << y;
    EXPECT_EQ(open_of(summer + days{1}), "13:30:00") << y;
    EXPECT_EQ(open_of(winter - days{2}), "13:30:00") << y;
    EXPECT_EQ(open_of(winter + days{1}), "14:30:00") << y;
  }
}

TEST(Exchange, IsFoundByMicAndByIndex) {
  EXPECT_EQ(find_exchange("xlon")->zone, "Europe/London");
  EXPECT_EQ(find_exchange("XXXX"), nullptr);
  EXPECT_EQ(find_exchange(""), nullptr);
  EXPECT_EQ(known_exchange_of("^HSI")->mic, "XHKG");
  EXPECT_EQ(known_exchange_of("000001.SS")->currency, "CNY");
  EXPECT_EQ(known_exchange_of("AAPL"), nullptr);
}

TEST(Exchange, OverridesAreParsed) {
  const auto overrides = parse_exchange_overrides("AAPL=xnas,A=B=XLON");
  ASSERT_TRUE(overrides.has_value());
  ASSERT_EQ(overrides->size(), 2U);
  EXPECT_EQ((*overrides)[0].mic, "XNAS");
  EXPECT_EQ((*overrides)[1].symbol, "A=B");
  EXPECT_EQ(parse_exchange_overrides("AAPL").error().kind, ErrorKind::usage);
  EXPECT_THAT(parse_exchange_overrides("AAPL=NOPE").error().message, testing::HasSubstr("known: XNYS"));
}

}  // namespace
}  // namespace stack::market
