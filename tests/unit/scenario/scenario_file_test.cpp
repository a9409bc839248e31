#include "scenario/scenario_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "scenario_feed.hpp"

namespace stack::scenario {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(ScenarioFile, ReadsEveryField) {
  const auto shocks = parse_shocks(R"(title = "all"
[[shock]]
kind = "crash"
symbols = ["A"]
date = 2013-02-01
size = -0.5
sessions = 2
rebound = 0.25
rebound_sessions = 7
[[shock]]
kind = "flash-crash"
session = 20
time = 14:32:00
duration = "36m"
size = -0.09
[[shock]]
kind = "outage"
date = "2013-02-01"
time = "14:32:15"
duration = "90s"
mode = "drop"
[[shock]]
kind = "malformed"
share = 1
forms = ["empty"]
)",
                                   "s.toml");
  ASSERT_TRUE(shocks) << shocks.error().message;
  ASSERT_EQ(shocks->size(), 4U);
  const Shock& crash = shocks->at(0);
  EXPECT_EQ(crash.symbols, std::vector<std::string>{"A"});
  EXPECT_EQ(crash.date, parse_date("2013-02-01"));
  EXPECT_EQ(crash.size, -0.5);
  EXPECT_EQ(crash.sessions, 2U);
  EXPECT_EQ(crash.rebound, 0.25);
  EXPECT_EQ(crash.rebound_sessions, 7U);
  const Shock& flash = shocks->at(1);
  EXPECT_EQ(flash.session, 20U);
  EXPECT_EQ(flash.time, std::int64_t{52320} * 1'000'000);
  EXPECT_EQ(flash.duration, std::int64_t{2160} * 1'000'000);
  EXPECT_EQ(flash.fall, std::int64_t{720} * 1'000'000);
  EXPECT_EQ(flash.rebound, 1.0);
  EXPECT_EQ(shocks->at(2).time, std::int64_t{52335} * 1'000'000);
  EXPECT_TRUE(shocks->at(2).drop);
  EXPECT_EQ(shocks->at(3).forms, std::vector{market::Malformation::empty});
}

struct Wrong {
  const char* toml;
  const char* message;  // how it begins
};

class WrongFiles : public testing::TestWithParam<Wrong> {};

TEST_P(WrongFiles, AreNamedByLine) {
  const auto shocks = parse_shocks(GetParam().toml, "s.toml");
  ASSERT_FALSE(shocks) << GetParam().toml;
  EXPECT_EQ(shocks.error().kind, ErrorKind::usage);
  EXPECT_THAT(shocks.error().message, StartsWith(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    ScenarioFile, WrongFiles,
    testing::Values(
        Wrong{"", "s.toml:1: there is no [[shock]]"}, Wrong{"\n\nx = ", "s.toml:3: "},
        Wrong{"title = 3", "s.toml:1: title wants a text"}, Wrong{"shock = []", "s.toml:1: there is no [[shock]]"},
        Wrong{"\nshok = 1", "s.toml:2: key \"shok\" is unknown; did you mean shock?"},
        Wrong{"[shock]\nkind = \"gap\"", "s.toml:1: a shock is written [[shock]]"},
        Wrong{"shock = [3]", "s.toml:1: a shock is a table"},
        Wrong{"\n[[shock]]\nsize = 1", "s.toml:2: a shock wants a kind: one of crash, volatility"},
        Wrong{"[[shock]]\nkind = 3", "s.toml:2: kind wants a text, not a whole number"},
        Wrong{"[[shock]]\nkind = \"crsh\"", "s.toml:2: kind \"crsh\" is unknown; did you mean crash?"},
        Wrong{"[[shock]]\nkind = \"late\"\nshre = 1\ndelay = \"1s\"",
              "s.toml:3: key \"shre\" is unknown to the kind late; did you mean share?"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1\nsize = 1\nauction = 3",
              "s.toml:5: key \"auction\" is unknown to"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1", "s.toml:1: the kind gap wants size"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsize = 1", "s.toml:1: the kind gap wants to know when"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1\nsize = 0", "s.toml:4: a size of 0"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1\nsize = 11", "s.toml:4: size is 11; it goes from -0.95 to 10"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1\nsize = nan", "s.toml:4: size is nan; it goes from -0.95 to 10"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1\nsize = \"1\"", "s.toml:4: size wants a number, not a text"},
        Wrong{"[[shock]]\nkind = \"crash\"\nsession = 1\nsize = 0.1", "s.toml:4: size is 0.1; it goes from -0.95 to"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 0\nsize = 1", "s.toml:3: session is 0; it goes from 1"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1.5\nsize = 1",
              "s.toml:3: session wants a whole number, not a number"},
        Wrong{"[[shock]]\nkind = \"gap\"\ndate = 2013-02-01\nsession = 1\nsize = 1", "s.toml:4: a shock has a date or"},
        Wrong{"[[shock]]\nkind = \"gap\"\ndate = \"2013-02-30\"\nsize = 1", "s.toml:3: date: \"2013-02-30\" is not"},
        Wrong{"[[shock]]\nkind = \"gap\"\ndate = 2013-02-30\nsize = 1", "s.toml:3: "},
        Wrong{"[[shock]]\nkind = \"gap\"\ndate = 2013\nsize = 1",
              "s.toml:3: date wants a date, such as 2013-02-01, not"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1\nsize = 1\nsymbols = \"A\"", "s.toml:5: symbols wants a list"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1\nsize = 1\nsymbols = []", "s.toml:5: symbols is an empty list"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1\nsize = 1\nsymbols = [1]",
              "s.toml:5: symbols wants a list of texts"},
        Wrong{"[[shock]]\nkind = \"halt\"\nsession = 1\ntime = \"10:00\"\nduration = \"5w\"",
              "s.toml:5: duration: \"5w\" is not a time"},
        Wrong{"[[shock]]\nkind = \"halt\"\nsession = 1\ntime = \"10:00\"\nduration = 5",
              "s.toml:5: duration wants a time such as \"5m\", not a whole number"},
        Wrong{"[[shock]]\nkind = \"halt\"\nsession = 1\ntime = \"10:00\"\nduration = \"25h\"",
              "s.toml:5: duration is \"25h\"; it goes from 1ms to 24h"},
        Wrong{"[[shock]]\nkind = \"halt\"\nsession = 1\ntime = \"24:00\"\nduration = \"5m\"",
              "s.toml:4: time: \"24:00\" is not a time of day"},
        Wrong{"[[shock]]\nkind = \"halt\"\nsession = 1\ntime = 10\nduration = \"5m\"",
              "s.toml:4: time wants a time of day"},
        Wrong{"[[shock]]\nkind = \"halt\"\nsession = 1\ntime = \"10:00\"\nduration = \"5m\"\nauction = 0.5",
              "s.toml:6: auction is 0.5; it goes from 1"},
        Wrong{"[[shock]]\nkind = \"volume\"\nsession = 1\nfactor = 2\ntime = \"10:00\"",
              "s.toml:5: time and duration go"},
        Wrong{"[[shock]]\nkind = \"volume\"\nsession = 1\nfactor = 2\nduration = \"1m\"",
              "s.toml:5: time and duration go"},
        Wrong{"[[shock]]\nkind = \"flash-crash\"\nsession = 1\nsize = -0.1\ntime = \"10:00\"\nduration = \"1m\"\nfall "
              "= \"2m\"",
              "s.toml:7: fall is longer than duration"},
        Wrong{"[[shock]]\nkind = \"outage\"\nsession = 1\ntime = \"10:00\"\nduration = \"1m\"\nmode = \"dorp\"",
              "s.toml:6: mode \"dorp\" is unknown; did you mean drop?"},
        Wrong{"[[shock]]\nkind = \"late\"\nshare = 1.5\ndelay = \"1m\"", "s.toml:3: share is 1.5; it goes from"},
        Wrong{"[[shock]]\nkind = \"late\"\nshare = 0.5\ndelay = \"0s\"", "s.toml:4: delay is \"0s\"; it goes from 1ms"},
        Wrong{"[[shock]]\nkind = \"late\"\nshare = 0.5\ndelay = \"1m\"\nsessions = 2",
              "s.toml:5: sessions wants a date"},
        Wrong{"[[shock]]\nkind = \"malformed\"\nshare = 0.5\nforms = [\"trunkated\"]",
              "s.toml:4: forms: \"trunkated\" is unknown; did you mean truncated?"},
        Wrong{"[[shock]]\nkind = \"gap\"\nsession = 1\nsize = 1\n\n[[shock]]\nkind = \"gap\"\n",
              "s.toml:6: the kind gap"}));

struct WrongForFeed {
  const char* when;
  const char* message;
};

class WrongForFeeds : public testing::TestWithParam<WrongForFeed> {};

TEST_P(WrongForFeeds, AreNamedByLine) {
  EXPECT_THAT(test::refusal_of(test::three_symbols(10), GetParam().when), StartsWith(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    ScenarioFile, WrongForFeeds,
    testing::Values(
        WrongForFeed{"[[shock]]\nkind = \"gap\"\nsize = 1\nsession = 11",
                     "s.toml:4: session 11 is behind the feed's end: it has 10 sessions, 2021-01-04 to 2021-01-15"},
        WrongForFeed{"[[shock]]\nkind = \"gap\"\nsize = 1\ndate = 2020-12-31",
                     "s.toml:4: 2020-12-31 is outside the feed, which goes from 2021-01-04 to 2021-01-15"},
        WrongForFeed{"[[shock]]\nkind = \"gap\"\nsize = 1\ndate = 2021-01-18",
                     "s.toml:4: 2021-01-18 is outside the feed"},
        WrongForFeed{"[[shock]]\nkind = \"gap\"\nsize = 1\ndate = 2021-01-09",
                     "s.toml:4: 2021-01-09 is no session of the feed; the next ones are 2021-01-08 and 2021-01-11"},
        WrongForFeed{"[[shock]]\nkind = \"gap\"\nsize = 1\nsession = 1\nsymbols = [\"AAPL\", \"B\"]",
                     "s.toml:5: symbol \"AAPL\" is not in the feed"},
        WrongForFeed{"[[shock]]\nkind = \"halt\"\nsession = 1\ntime = \"03:00\"\nduration = \"5m\"",
                     "s.toml:4: time: none of its symbols is traded then"},
        WrongForFeed{"[[shock]]\nkind = \"halt\"\nsession = 1\nsymbols = [\"A\"]\ntime = \"15:50\"\nduration = \"10m\"",
                     "s.toml:5: a halt lies within the session, and that of A on 2021-01-04 goes from 09:30 to 16:00"},
        WrongForFeed{
            "[[shock]]\nkind = \"flash-crash\"\nsize = -0.1\nsession = 1\ntime = \"14:50\"\nduration = \"36m\"",
            "s.toml:5: a flash-crash lies within the session, and that of C on 2021-01-04 goes from 09:00 to"}));

// Any text gives shocks or an error that names a line of it.
void check_text(const std::string& text) {
  const auto shocks = parse_shocks(text, "s.toml");
  if (shocks) {
    RC_ASSERT(!shocks->empty());
    return;
  }
  RC_ASSERT(shocks.error().kind == ErrorKind::usage);
  const std::string& message = shocks.error().message;
  RC_ASSERT(message.starts_with("s.toml:"));
  const auto line = std::stoul(message.substr(7));
  RC_ASSERT(line >= 1U);
  RC_ASSERT(line <= static_cast<unsigned long>(std::ranges::count(text, '\n')) + 2U);
}

RC_GTEST_PROP(ScenarioFile, OfRandomFieldsIsReadOrNamedByLine, ()) {
  std::vector<std::string> keys = {
      "kind", "symbols",          "date",   "session", "sessions", "time",  "duration", "fall",    "size",  "rebound",
      "mode", "rebound_sessions", "factor", "share",   "auction",  "delay", "forms",    "\"a b\"", "title", "shock"};
  std::vector<std::string> values = {"1",
                                     "0.5",
                                     "-0.5",
                                     "20",
                                     "\"5m\"",
                                     "\"14:32\"",
                                     "14:32:00",
                                     "true",
                                     "nan",
                                     "-inf",
                                     "[]",
                                     "[\"A\"]",
                                     "{}",
                                     "2013-02-01",
                                     "\"drop\"",
                                     "[[1]]",
                                     "\"\"",
                                     "1e300",
                                     "[1, \"A\"]",
                                     "-9223372036854775808",
                                     "2013-02-01T10:00:00Z",
                                     "\"\\u0000\"",
                                     "{a = 1}",
                                     "\"\\\"\""};
  for (const KindSpec& kind : kinds()) values.push_back(fmt::format("\"{}\"", kind.name));
  std::string text;
  const int shocks = *rc::gen::inRange(0, 4);
  for (int s = 0; s < shocks; ++s) {
    text += *rc::gen::element<std::string>("[[shock]]\n", "[[shock]]\n", "[[shock]]\n", "[shock]\n", "[[x]]\n", "\n");
    const auto& kind = kinds()[*rc::gen::inRange<std::size_t>(0, kinds().size())];
    text += fmt::format("kind = \"{}\"\n", kind.name);
    const int fields = *rc::gen::inRange(0, 8);
    for (int f = 0; f < fields; ++f) text += *rc::gen::elementOf(keys) + " = " + *rc::gen::elementOf(values) + "\n";
  }
  check_text(text);
}

RC_GTEST_PROP(ScenarioFile, OfDamagedTextIsReadOrNamedByLine, ()) {
  std::string text =
      "title = \"x\"\n[[shock]]\nkind = \"flash-crash\"\nsession = 5\ntime = \"14:32\"\nduration = \"36m\"\nsize = "
      "-0.09\n"
      "[[shock]]\nkind = \"malformed\"\nshare = 0.002\nforms = [\"truncated\", \"bad-utf8\"]\n";
  const int edits = *rc::gen::inRange(1, 6);
  for (int e = 0; e < edits && !text.empty(); ++e) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const auto what = *rc::gen::inRange(0, 3);
    if (what == 0) text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
    if (what == 1) text.erase(at, *rc::gen::inRange<std::size_t>(1, 12));
    if (what == 2) text.insert(at, *rc::gen::string<std::string>());
  }
  check_text(text);
}

TEST(Scenario, FileThatIsNotThereIsNamed) {
  const auto scenario = Scenario::load("/nowhere/s.toml");
  ASSERT_FALSE(scenario);
  EXPECT_THAT(scenario.error().message, HasSubstr("/nowhere/s.toml"));
}

}  // namespace
}  // namespace stack::scenario
