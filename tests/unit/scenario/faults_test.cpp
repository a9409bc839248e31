// Faults on the way of events, seen on the published feed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "lake/record.hpp"
#include "market/fault_plan.hpp"
#include "scenario_feed.hpp"

namespace stack::scenario {
namespace {

using market::Encoding;
using market::FaultCounts;
using market::FeedOptions;
using market::injected_faults;
using test::lines_of;
using test::plan_of;
using test::three_symbols;
using test::tick_of;
using test::ticks_of;
using test::utc;

constexpr std::int64_t kSecond = 1'000'000;

std::vector<std::string> sorted(std::vector<std::string> lines) {
  std::ranges::sort(lines);
  return lines;
}

// Within five standard deviations of a share of N.
void expect_share(std::uint64_t count, double share, std::size_t n) {
  const double mean = share * static_cast<double>(n);
  EXPECT_NEAR(static_cast<double>(count), mean, 5.0 * std::sqrt(mean * (1.0 - share)) + 1.0);
}

// Everything at once, over parts of the feed and all of it.
constexpr const char* kAll = R"(
[[shock]]
kind = "late"
share = 0.05
delay = "5m"

[[shock]]
kind = "out-of-order"
symbols = ["A", "B"]
share = 0.3
delay = "90s"
session = 2
sessions = 3

[[shock]]
kind = "duplicate"
share = 0.04
delay = "2s"

[[shock]]
kind = "duplicate"
symbols = ["C"]
share = 0.5
delay = "1h"
session = 6

[[shock]]
kind = "malformed"
share = 0.03

[[shock]]
kind = "outage"
session = 5
time = "11:00"
duration = "70m"

[[shock]]
kind = "outage"
mode = "drop"
session = 5
time = "14:00"
duration = "10m"
)";

TEST(LateEvents, AreOvertakenByNoMoreThanTheirDelay) {
  const auto base = lines_of(plan_of(three_symbols(10), ""));
  for (const std::string kind : {"late", "out-of-order"}) {
    const auto plan = plan_of(three_symbols(10), "[[shock]]\nkind = \"" + kind + "\"\nshare = 0.1\ndelay = \"5m\"\n");
    const auto lines = lines_of(plan);
    ASSERT_EQ(sorted(lines), sorted(base));
    const std::uint64_t late = plan->faults()->counts().late;
    expect_share(late, 0.1, base.size());
    std::int64_t latest = INT64_MIN;
    std::uint64_t overtaken = 0;
    for (const auto& tick : ticks_of(lines)) {
      if (tick.time < latest) {
        ++overtaken;
        ASSERT_LE(latest - tick.time, 300 * kSecond);
      }
      latest = std::max(latest, tick.time);
    }
    EXPECT_LE(overtaken, late);
    EXPECT_GT(overtaken, late * 6 / 10);
    EXPECT_EQ(injected_faults(plan, lines.size()), (FaultCounts{.late = late}));
  }
}

TEST(LateEvents, AllOfThemByTheSameDelayKeepTheirOrder) {
  EXPECT_EQ(lines_of(plan_of(three_symbols(5), "[[shock]]\nkind = \"late\"\nshare = 1\ndelay = \"5m\"\n")),
            lines_of(plan_of(three_symbols(5), "")));
}

TEST(Duplicates, AreTheSameLineALittleLater) {
  const auto base = lines_of(plan_of(three_symbols(10), ""));
  const auto plan = plan_of(three_symbols(10), "[[shock]]\nkind = \"duplicate\"\nshare = 0.1\ndelay = \"2s\"\n");
  const auto lines = lines_of(plan);
  EXPECT_EQ(lines.size(), plan->total_events());
  std::vector<std::string> first;
  std::map<std::string, std::int64_t> seen;
  std::uint64_t copies = 0;
  for (const std::string& line : lines) {
    if (seen.emplace(line, tick_of(line).time).second) {
      first.push_back(line);
      continue;
    }
    ++copies;
    ASSERT_GE(tick_of(first.back()).time, seen[line]);
    ASSERT_LE(tick_of(first.back()).time, seen[line] + 2 * kSecond);
  }
  EXPECT_EQ(first, base);
  EXPECT_EQ(copies, plan->faults()->counts().duplicated);
  EXPECT_EQ(plan->total_events(), base.size() + copies);
  expect_share(copies, 0.1, base.size());
}

TEST(MalformedEvents, AreDeadLettersInTheirPlaces) {
  const auto base = lines_of(plan_of(three_symbols(10), ""));
  for (const FormName& form : malformations()) {
    const auto plan = plan_of(three_symbols(10), fmt::format("[[shock]]\nkind = \"malformed\"\nshare = 0.05\n"
                                                             "forms = [\"{}\"]\n",
                                                             form.name));
    const auto lines = lines_of(plan);
    ASSERT_EQ(lines.size(), base.size());
    lake::RecordParser parser;
    std::uint64_t damaged = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool dead = parser.parse(lines[i], 0, true).dead_reason != nullptr;
      ASSERT_EQ(dead, lines[i] != base[i]) << lines[i];
      damaged += dead ? 1 : 0;
      ASSERT_EQ(lines[i].find('\n'), std::string::npos);
    }
    EXPECT_EQ(damaged, plan->faults()->counts().malformed) << form.name;
    expect_share(damaged, 0.05, base.size());
  }
}

TEST(MalformedEvents, AreLinesOfCsvToo) {
  const auto base = lines_of(plan_of(three_symbols(10), ""), {.encoding = Encoding::csv});
  for (const FormName& form : malformations()) {
    const auto plan = plan_of(three_symbols(10), fmt::format("[[shock]]\nkind = \"malformed\"\nshare = 0.05\n"
                                                             "forms = [\"{}\"]\n",
                                                             form.name));
    const auto lines = lines_of(plan, {.encoding = Encoding::csv});
    std::uint64_t damaged = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i] == base[i]) continue;
      ++damaged;
      if (form.form == market::Malformation::wrong_type) {
        EXPECT_EQ(lines[i].size() + 2, base[i].size());
        EXPECT_EQ(lines[i].substr(0, 10), base[i].substr(0, 6) + base[i].substr(7, 2) + base[i].substr(10, 2));
      }
    }
    EXPECT_EQ(damaged, plan->faults()->counts().malformed);
  }
}

TEST(MalformedEvents, HaveAWrongTypeWhateverTheirSymbolAndFields) {
  const std::string csv = R"(Symbol,Date,Open,High,Low,Close,Volume,Exchange
"A ""B"",,""",2021-01-04,1.00,1.10,0.90,1.05,100,XNYS
",""",2021-01-04,1.00,1.10,0.90,1.05,100,XNYS
)";
  const std::string toml = "[[shock]]\nkind = \"malformed\"\nshare = 1\nforms = [\"wrong-type\"]\n";
  FeedOptions options;
  options.events_per_session = 4;
  for (const bool quotes : {false, true}) {
    options.quotes = quotes;
    for (const Encoding encoding : {Encoding::ndjson, Encoding::csv}) {
      auto base = lines_of(plan_of(csv, "", options), {.encoding = encoding});
      const auto lines = lines_of(plan_of(csv, toml, options), {.encoding = encoding});
      const std::string date = encoding == Encoding::csv ? ",2021-01-04," : ":\"2021-01-04\",";
      const std::string number = encoding == Encoding::csv ? ",20210104," : ":20210104,";
      ASSERT_EQ(lines.size(), base.size());
      for (std::size_t i = 0; i < base.size(); ++i) {
        base[i].replace(base[i].find(date), date.size(), number);
        EXPECT_EQ(lines[i], base[i]);
      }
    }
  }
}

TEST(Backlog, ComesInOrderWhenTheOutageEnds) {
  const auto base = lines_of(plan_of(three_symbols(10), ""));
  const auto plan = plan_of(three_symbols(10),
                            "[[shock]]\nkind = \"outage\"\nsymbols = [\"A\"]\nsession = 3\n"
                            "time = \"11:00\"\nduration = \"45m\"\n");
  const auto begin = utc("2021-01-06 16:00:00");
  const auto end = utc("2021-01-06 16:45:00");
  std::vector<std::string> expected;
  std::vector<std::string> held;
  for (const std::string& line : base) {
    const auto tick = tick_of(line);
    if (tick.time >= end) expected.insert(expected.end(), held.begin(), held.end()), held.clear();
    (tick.symbol == "A" && tick.time >= begin && tick.time < end ? held : expected).push_back(line);
  }
  EXPECT_EQ(lines_of(plan), expected);
  EXPECT_GT(plan->faults()->counts().held, 20U);
  // The pace follows the time of publication.
  market::FeedReader reader(plan, {});
  std::int64_t before = INT64_MIN;
  while (const auto batch = reader.next()) {
    for (std::size_t i = 0; i < batch->size(); ++i) {
      ASSERT_GE(batch->publish_time(i), before);
      ASSERT_GE(batch->publish_time(i), batch->event_time_us[i]);
      before = batch->publish_time(i);
    }
  }
}

TEST(Faults, LeaveOtherSymbolsAndSessionsAlone) {
  const auto base = lines_of(plan_of(three_symbols(10), ""));
  const auto lines = lines_of(plan_of(three_symbols(10),
                                      "[[shock]]\nkind = \"malformed\"\nshare = 1\nsymbols = [\"B\"]\nsession = 3\n"
                                      "sessions = 2\nforms = [\"bad-utf8\"]\n"));
  for (std::size_t i = 0; i < base.size(); ++i) {
    const auto tick = tick_of(base[i]);
    const bool chosen = tick.symbol == "B" && (tick.session_date == "2021-01-06" || tick.session_date == "2021-01-07");
    EXPECT_EQ(base[i] != lines[i], chosen);
  }
}

TEST(Faults, DoNotDependOnThreads) {
  FeedOptions options;
  options.events_per_session = 2500;
  const auto plan = plan_of(three_symbols(10), kAll, options);
  const auto one = lines_of(plan, {.threads = 1});
  EXPECT_EQ(one.size(), plan->total_events());
  EXPECT_EQ(one, lines_of(plan, {.threads = 2}));
  EXPECT_EQ(one, lines_of(plan, {.threads = 7}));
}

// What an audit sees of LINES: dead ones, and rows whose (symbol, seq) came before.
FaultCounts seen_in(const std::vector<std::string>& lines, std::size_t count) {
  FaultCounts counts;
  lake::RecordParser parser;
  std::set<std::pair<std::string, std::int64_t>> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const auto record = parser.parse(lines[i], 0, true);
    if (record.dead_reason != nullptr)
      ++counts.malformed;
    else if (!rows.emplace(std::string(record.symbol), record.seq).second)
      ++counts.duplicated;
  }
  return counts;
}

TEST(Faults, AreCountedInAdvance) {
  const auto plan = plan_of(three_symbols(10), kAll);
  const auto lines = lines_of(plan);
  ASSERT_EQ(lines.size(), plan->total_events());
  const auto seen = seen_in(lines, lines.size());
  const auto& counts = plan->faults()->counts();
  EXPECT_EQ(seen.malformed, counts.malformed);
  EXPECT_EQ(seen.duplicated, counts.duplicated);
  market::FeedReader reader(plan, {});
  while (reader.next()) {
  }
  EXPECT_EQ(reader.faults_met(), counts);
  EXPECT_GT(counts.late, 0U);
  EXPECT_GT(counts.held, 0U);
}

// How many seq below each symbol's greatest are in no row of the first COUNT lines.
std::uint64_t gaps_in(const std::vector<std::string>& lines, std::size_t count) {
  std::map<std::string, std::set<std::int64_t>> rows;
  lake::RecordParser parser;
  for (std::size_t i = 0; i < count; ++i) {
    const auto record = parser.parse(lines[i], 0, true);
    if (record.dead_reason == nullptr) rows[std::string(record.symbol)].insert(record.seq);
  }
  std::uint64_t gaps = 0;
  for (const auto& [symbol, seqs] : rows) gaps += static_cast<std::uint64_t>(*seqs.rbegin() + 1) - seqs.size();
  return gaps;
}

RC_GTEST_PROP(Faults, StartAtAnyPositionEndAtAnyLimitAndAreCountedThere, ()) {
  // The whole feed under faults, or only its middle: a reader may begin before, within and behind them.
  static const std::string middle =
      "[[shock]]\nkind = \"duplicate\"\nshare = 0.3\nsession = 4\nsessions = 2\ndelay = \"3h\"\n"
      "[[shock]]\nkind = \"malformed\"\nshare = 0.1\nsession = 4\n"
      "[[shock]]\nkind = \"outage\"\nsession = 5\ntime = \"13:00\"\nduration = \"12h\"\n";
  const auto which = *rc::gen::element(0U, 1U);
  const auto events = *rc::gen::element(40U, 390U);
  static std::map<std::pair<unsigned, unsigned>, std::vector<std::string>> whole;
  FeedOptions options;
  options.events_per_session = events;
  const std::string toml = which == 0 ? kAll : middle;
  auto& lines = whole[{which, events}];
  if (lines.empty()) lines = lines_of(plan_of(three_symbols(10), toml, options));
  options.limit = *rc::gen::inRange<std::uint64_t>(1, lines.size() + 10);
  const auto plan = plan_of(three_symbols(10), toml, options);
  RC_ASSERT(plan->total_events() == std::min<std::uint64_t>(*options.limit, lines.size()));
  const auto first = *rc::gen::inRange<std::uint64_t>(0, plan->total_events() + 2);
  market::FeedReader reader(plan, {Encoding::ndjson, first, market::kUnlimited, *rc::gen::inRange(1U, 4U)});
  std::uint64_t position = first;
  while (const auto batch = reader.next()) {
    RC_ASSERT(batch->first_position == position);
    RC_ASSERT(batch->size() > 0U);
    RC_ASSERT(batch->offsets.size() == batch->size() + 1);
    RC_ASSERT(batch->offsets.back() == batch->text_size);
    for (std::size_t i = 0; i < batch->size(); ++i) RC_ASSERT(batch->record(i) == lines[position++]);
  }
  RC_ASSERT(position == std::max(first, plan->total_events()));
  const auto counts = injected_faults(plan, plan->total_events());
  const auto seen = seen_in(lines, plan->total_events());
  RC_ASSERT(counts.malformed == seen.malformed);
  RC_ASSERT(gaps_in(lines, plan->total_events()) <= counts.malformed + counts.under_way);
  if (which == 1) RC_ASSERT(counts.duplicated == seen.duplicated);
}

RC_GTEST_PROP(Faults, AreTheSameInEveryPassOfALoop, ()) {
  FeedOptions options;
  options.events_per_session = 40;
  options.loop = true;
  const auto endless = plan_of(three_symbols(10), kAll, options);
  const std::uint64_t pass_events = endless->pass_events();
  options.limit = 3 * pass_events;
  static const auto lines = lines_of(plan_of(three_symbols(10), kAll, options));
  RC_ASSERT(lines.size() == *options.limit);
  options.limit = *rc::gen::inRange<std::uint64_t>(1, lines.size() + 1);
  const auto plan = plan_of(three_symbols(10), kAll, options);
  const auto first = *rc::gen::inRange<std::uint64_t>(0, *options.limit + 2);
  market::FeedReader reader(plan, {.first_position = first, .threads = *rc::gen::inRange(1U, 4U)});
  std::uint64_t position = first;
  while (const auto batch = reader.next()) {
    RC_ASSERT(batch->first_position == position);
    RC_ASSERT(batch->pass == position / pass_events);
    RC_ASSERT((position + batch->size() - 1) / pass_events == batch->pass);
    for (std::size_t i = 0; i < batch->size(); ++i) RC_ASSERT(batch->record(i) == lines[position++]);
  }
  RC_ASSERT(position == std::max(first, *options.limit));
  const auto counts = injected_faults(plan, *options.limit);
  const auto seen = seen_in(lines, *options.limit);
  RC_ASSERT(counts.malformed == seen.malformed);
  RC_ASSERT(gaps_in(lines, *options.limit) <= counts.malformed + counts.under_way);
  if (*options.limit % pass_events == 0) RC_ASSERT(counts.duplicated == 3 * endless->faults()->counts().duplicated);
}

TEST(Scenario, IsInTheFeedsIdByWhatItDoes) {
  const std::string csv = three_symbols(5);
  const std::string one = "[[shock]]\nkind = \"late\"\nshare = 0.5\ndelay = \"1m\"\nsymbols = [\"A\", \"B\"]\n";
  const std::string same =
      "title = \"x\"\n# other words\n[[shock]]\nsymbols = [\"B\", \"A\"]\ndelay = \"60s\"\nshare = 0.50\nkind = "
      "'late'\n";
  const auto id = plan_of(csv, one)->id();
  EXPECT_EQ(id, plan_of(csv, same)->id());
  EXPECT_NE(id, plan_of(csv, "")->id());
  EXPECT_NE(id, plan_of(csv, "[[shock]]\nkind = \"late\"\nshare = 0.5\ndelay = \"1m\"\n")->id());
  EXPECT_NE(id, plan_of(csv, one + one)->id());
}

TEST(Scenario, IsNotForSampledRows) {
  FeedOptions options;
  options.mode = market::Mode::sample;
  EXPECT_THAT(test::refusal_of(three_symbols(2), kAll, options), testing::HasSubstr("--scenario"));
}

}  // namespace
}  // namespace stack::scenario
