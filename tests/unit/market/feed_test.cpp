#include "market/feed.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <tuple>

#include "bars.hpp"

namespace stack::market {
namespace {

using test::dataset_of;
using test::kHeader;
using test::lines_of;
using test::plan_of;
using test::read_all;
using test::ticks_of;
using test::world_csv;
using testing::HasSubstr;

FeedOptions with_ticks(std::uint32_t events) {
  FeedOptions options;
  options.events_per_session = events;
  return options;
}

TEST(Feed, WritesTheLineOfTheContract) {
  FeedOptions options = with_ticks(4);
  const auto plan = plan_of(std::string(kHeader) + "HSI,2021-05-28,29113.2,29113.2,29113.2,29113.2,0\n", options);
  const std::string line = read_all(plan);
  const std::string before = R"({"symbol":"HSI","session_date":"2021-05-28","event_time":"2021-05-28 0)";
  const std::string after = "\",\"seq\":0,\"price\":29113.2,\"size\":0}\n";
  ASSERT_EQ(line.size(), before.size() + 14 + after.size()) << line;  // 1:30:00.004512
  EXPECT_THAT(line, testing::StartsWith(before));
  EXPECT_THAT(line, testing::EndsWith(after));
  EXPECT_EQ(plan->total_events(), 1U);
  EXPECT_TRUE(plan->warnings().empty());
}

TEST(Feed, IsOrderedByTimeThenSymbolAndSequencesHaveNoGaps) {
  const auto plan = plan_of(world_csv(30), with_ticks(50));
  const auto ticks = ticks_of(read_all(plan));
  EXPECT_EQ(ticks.size(), plan->total_events());
  std::map<std::string, std::uint64_t> next;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    ASSERT_EQ(ticks[i].seq, next[ticks[i].symbol]++);
    if (i == 0) continue;
    ASSERT_LT(std::pair(ticks[i - 1].event_time, ticks[i - 1].symbol), std::pair(ticks[i].event_time, ticks[i].symbol));
  }
  for (const SymbolFacts& facts : plan->facts()) EXPECT_EQ(next[facts.symbol], facts.events);
}

TEST(Feed, KeepsTheBarsPricesAndVolumes) {
  const std::string csv = world_csv(30);
  const auto dataset = dataset_of(csv);
  std::map<std::pair<std::string, std::string>, std::vector<test::TickLine>> sessions;
  for (auto& tick : ticks_of(read_all(plan_of(csv, with_ticks(60)))))
    sessions[{tick.symbol, tick.session_date}].push_back(tick);
  for (const Series& series : dataset->series()) {
    for (const Bar& bar : series.bars) {
      const auto& ticks = sessions[{series.symbol, format_date(bar.date())}];
      ASSERT_EQ(ticks.size(), bar.is_flat() && bar.volume == 0 ? 1U : 60U);
      EXPECT_EQ(ticks.front().price, format_decimal(bar.price(bar.open)));
      EXPECT_EQ(ticks.back().price, format_decimal(bar.price(bar.close)));
      std::int64_t volume = 0;
      for (const auto& tick : ticks) volume += tick.size;
      EXPECT_EQ(volume, bar.volume);
    }
  }
}

TEST(Feed, IsTheSameWhateverTheThreads) {
  const auto plan = plan_of(world_csv(60), with_ticks(1500));
  const std::string one = read_all(plan, {Encoding::ndjson, 0, 1});
  EXPECT_EQ(one, read_all(plan, {Encoding::ndjson, 0, 2}));
  EXPECT_EQ(one, read_all(plan, {Encoding::ndjson, 0, 7}));
}

TEST(Feed, IsTheSameWhateverTheThreadsWithEveryKindOfArrivals) {
  for (const Arrivals arrivals : {Arrivals::uniform, Arrivals::hawkes}) {
    FeedOptions options = with_ticks(1500);
    options.arrivals = arrivals;
    options.quotes = true;
    const auto plan = plan_of(world_csv(30), options);
    const std::string one = read_all(plan, {Encoding::ndjson, 0, 1});
    EXPECT_EQ(one, read_all(plan, {Encoding::ndjson, 0, 5}));
    const auto ticks = ticks_of(one);
    EXPECT_EQ(ticks.size(), plan->total_events());
    for (std::size_t i = 1; i < ticks.size(); ++i)
      ASSERT_LE(std::tie(ticks[i - 1].event_time, ticks[i - 1].symbol), std::tie(ticks[i].event_time, ticks[i].symbol));
  }
}

TEST(Feed, WritesBidAndAskAtTheEndOfALine) {
  FeedOptions options = with_ticks(300);
  options.quotes = true;
  const auto plan = plan_of(world_csv(8), options);
  const auto lines = lines_of(read_all(plan));
  const auto csv = lines_of(read_all(plan, {Encoding::csv, 0, 1}));
  EXPECT_EQ(plan->header(Encoding::csv), "symbol,session_date,event_time,seq,price,size,bid,ask\n");
  ASSERT_EQ(lines.size(), csv.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::regex form(R"re(.*"seq":(\d+),"price":(\d+\.\d+),"size":(\d+),"bid":(\d+\.\d+),"ask":(\d+\.\d+)\})re");
    std::smatch match;
    ASSERT_TRUE(std::regex_match(lines[i], match, form)) << lines[i];
    const double bid = std::stod(match[4]);
    const double ask = std::stod(match[5]);
    EXPECT_LT(bid, ask) << lines[i];
    EXPECT_TRUE(match[2] == match[4] || match[2] == match[5]) << lines[i];
    EXPECT_THAT(csv[i], testing::EndsWith(fmt::format(",{},{},{},{},{}", match[1].str(), match[2].str(), match[3].str(),
                                                      match[4].str(), match[5].str())));
    bytes += lines[i].size() + 1;
  }
  EXPECT_NEAR(static_cast<double>(plan->estimated_bytes(Encoding::ndjson)) / static_cast<double>(bytes), 1.0, 0.03);
}

TEST(Feed, GivesASymbolTheSameLinesWhicheverOthersAreChosen) {
  const std::string csv = world_csv(20);
  const auto of_hsi = [](const std::string& text) {
    std::string lines;
    for (const std::string& line : lines_of(text))
      if (line.find("\"HSI\"") != std::string::npos) lines += line + '\n';
    return lines;
  };
  FeedOptions options = with_ticks(200);
  const std::string among_all = of_hsi(read_all(plan_of(csv, options)));
  options.symbols = {"HSI"};
  EXPECT_EQ(among_all, read_all(plan_of(csv, options)));
}

TEST(Feed, GivesASessionTheSameTicksWhereverTheFeedStarts) {
  const std::string csv = world_csv(20);
  FeedOptions options = with_ticks(40);
  const auto whole = ticks_of(read_all(plan_of(csv, options)));
  options.from = parse_date("2011-01-10");
  std::size_t found = 0;
  const auto later = ticks_of(read_all(plan_of(csv, options)));
  for (const auto& tick : whole) {
    if (tick.session_date < "2011-01-10") continue;
    ASSERT_EQ(tick.event_time, later.at(found).event_time);
    ASSERT_EQ(tick.price, later.at(found).price);
    ASSERT_EQ(tick.size, later.at(found).size);
    ++found;
  }
  EXPECT_EQ(found, later.size());
}

TEST(Feed, DependsOnTheSeed) {
  FeedOptions options = with_ticks(40);
  const auto one = plan_of(world_csv(5), options);
  options.seed = 2;
  const auto two = plan_of(world_csv(5), options);
  EXPECT_NE(read_all(one), read_all(two));
  EXPECT_NE(one->id(), two->id());
}

RC_GTEST_PROP(Feed, StartsAtAnyPositionAndEndsAtAnyLimit, ()) {
  static const std::string csv = world_csv(12);
  const auto events = *rc::gen::element(4U, 390U, 3000U);
  static std::map<std::uint32_t, std::vector<std::string>> whole;
  auto& lines = whole[events];
  if (lines.empty()) lines = lines_of(read_all(plan_of(csv, with_ticks(events))));
  FeedOptions options = with_ticks(events);
  options.limit = *rc::gen::inRange<std::uint64_t>(1, lines.size() + 10);
  const auto plan = plan_of(csv, options);
  RC_ASSERT(plan->total_events() == std::min<std::uint64_t>(*options.limit, lines.size()));
  const auto first = *rc::gen::inRange<std::uint64_t>(0, plan->total_events() + 2);
  FeedReader reader(plan, {Encoding::ndjson, first, *rc::gen::inRange(1U, 4U)});
  std::uint64_t position = first;
  while (const auto batch = reader.next()) {
    RC_ASSERT(batch->first_position == position);
    for (std::size_t i = 0; i < batch->size(); ++i) {
      RC_ASSERT(batch->record(i) == lines[position]);
      ++position;
    }
  }
  RC_ASSERT(position == std::max(first, plan->total_events()));
}

TEST(Feed, DescribesEachRecordForItsSenders) {
  const auto plan = plan_of(world_csv(3), with_ticks(30));
  FeedReader reader(plan, {});
  while (const auto batch = reader.next()) {
    ASSERT_EQ(batch->offsets.size(), batch->size() + 1);
    ASSERT_EQ(batch->offsets.back(), batch->text_size);
    for (std::size_t i = 0; i < batch->size(); ++i) {
      const auto tick = ticks_of(std::string(batch->record(i)) + '\n').at(0);
      EXPECT_EQ(tick.symbol, plan->symbols()[batch->symbol[i]]);
      EXPECT_EQ(tick.event_time, format_micros(Micros{std::chrono::microseconds{batch->event_time_us[i]}}));
    }
  }
}

TEST(Feed, LetsItsBatchesOutliveIt) {
  std::vector<std::shared_ptr<const FeedBatch>> held;
  {
    FeedReader reader(plan_of(world_csv(60), with_ticks(2000)), {});
    while (auto batch = reader.next()) held.push_back(std::move(batch));
  }
  EXPECT_GT(held.size(), 5U);
  std::uint64_t position = 0;
  for (const auto& batch : held) {
    EXPECT_EQ(batch->first_position, position);
    position += batch->size();
  }
}

TEST(Feed, MayBeLeftEarly) {
  FeedReader reader(plan_of(world_csv(60), with_ticks(5000)), {});
  EXPECT_NE(reader.next(), nullptr);
}

TEST(Feed, WritesCsvAsWell) {
  const auto plan = plan_of(world_csv(2), with_ticks(5));
  EXPECT_EQ(plan->header(Encoding::csv), "symbol,session_date,event_time,seq,price,size\n");
  const auto csv = lines_of(read_all(plan, {Encoding::csv, 0, 1}));
  const auto ticks = ticks_of(read_all(plan));
  ASSERT_EQ(csv.size(), ticks.size());
  for (std::size_t i = 0; i < csv.size(); ++i)
    EXPECT_EQ(csv[i], fmt::format("{},{},{},{},{},{}", ticks[i].symbol, ticks[i].session_date, ticks[i].event_time,
                                  ticks[i].seq, ticks[i].price, ticks[i].size));
}

TEST(Feed, EscapesOddSymbols) {
  const std::string csv = std::string(kHeader) + "\"A \"\"B\"\",\\\xC3\xA9\",2021-01-04,1,1,1,1,0\n";
  const auto plan = plan_of(csv, with_ticks(4));
  EXPECT_THAT(read_all(plan), testing::StartsWith("{\"symbol\":\"A \\\"B\\\",\\\\\xC3\xA9\",\"session_date\""));
  EXPECT_THAT(read_all(plan, {Encoding::csv, 0, 1}), testing::StartsWith("\"A \"\"B\"\",\\\xC3\xA9\",2021-01-04,"));
}

TEST(Feed, EstimatesItsSize) {
  const auto plan = plan_of(world_csv(200), with_ticks(100));
  for (const Encoding encoding : {Encoding::ndjson, Encoding::csv}) {
    const auto bytes = static_cast<double>(read_all(plan, {encoding, 0, 2}).size());
    EXPECT_NEAR(static_cast<double>(plan->estimated_bytes(encoding)) / bytes, 1.0, 0.03);
  }
}

TEST(Feed, GivesAllEventsToQuietDaysWhenAskedTo) {
  FeedOptions options = with_ticks(10);
  options.flat = FlatPolicy::full;
  EXPECT_EQ(plan_of(world_csv(14), options)->total_events(), 4U * 14 * 10);
  options.flat = FlatPolicy::one;
  EXPECT_EQ(plan_of(world_csv(14), options)->total_events(), 4U * (12 * 10 + 2));
}

TEST(Feed, WarnsOnceOfSymbolsWithoutAnExchange) {
  const std::string csv = std::string(kHeader) + "A,2021-01-04,1,1,1,1,0\nB,2021-01-04,1,1,1,1,0\n";
  const auto plan = plan_of(csv);
  ASSERT_EQ(plan->warnings().size(), 1U);
  EXPECT_THAT(plan->warnings()[0], HasSubstr("A, B"));
  EXPECT_EQ(plan->facts()[0].exchange->mic, "XNYS");
  FeedOptions options;
  options.exchanges = {{"A", "XLON"}, {"B", "XASX"}};
  EXPECT_TRUE(plan_of(csv, options)->warnings().empty());
  EXPECT_THAT(read_all(plan_of(csv, options)), HasSubstr("2021-01-0"));
  EXPECT_NE(plan_of(csv, options)->id(), plan->id());
}

TEST(Feed, TakesTheExchangeColumn) {
  const auto plan = plan_of("Symbol,Exchange,Date,Open,High,Low,Close,Volume\nA,XTKS,2021-01-04,1,1,1,1,0\n");
  EXPECT_EQ(plan->facts()[0].exchange->mic, "XTKS");
  EXPECT_TRUE(plan->warnings().empty());
}

struct BadOptions {
  const char* names;
  void (*set)(FeedOptions&);
};

class Refusals : public testing::TestWithParam<BadOptions> {};

TEST_P(Refusals, NameTheOption) {
  FeedOptions options;
  GetParam().set(options);
  const auto plan = FeedPlan::make(dataset_of(world_csv(3)), options);
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().kind, ErrorKind::usage);
  EXPECT_THAT(plan.error().message, HasSubstr(GetParam().names));
}

INSTANTIATE_TEST_SUITE_P(
    Feed, Refusals,
    testing::Values(BadOptions{"--events-per-session", [](FeedOptions& o) { o.events_per_session = 3; }},
                    BadOptions{"--events-per-session", [](FeedOptions& o) { o.events_per_session = 10'000'001; }},
                    BadOptions{"--limit", [](FeedOptions& o) { o.limit = 0; }},
                    BadOptions{"--quotes", [](FeedOptions& o) { o.quotes = true, o.mode = Mode::sample; }},
                    BadOptions{"--symbols", [](FeedOptions& o) { o.symbols = {"NOPE"}; }},
                    BadOptions{"--from", [](FeedOptions& o) { o.from = parse_date("2050-01-01"); }},
                    BadOptions{"--exchange",
                               [](FeedOptions& o) {
                                 o.exchanges = {{"NOPE", "XNYS"}};
                               }},
                    BadOptions{"--exchange",
                               [](FeedOptions& o) {
                                 o.exchanges = {{"HSI", "NOPE"}};
                               }},
                    BadOptions{"--tick-size",
                               [](FeedOptions& o) {
                                 o.tick_sizes = {{"NOPE", {1, 1}}};
                               }},
                    BadOptions{"--tick-size", [](FeedOptions& o) {
                                 o.tick_sizes = {{"", {1, 17}}};
                               }}));

TEST(Feed, HasAnIdOfWhatShapesIt) {
  const std::string csv = world_csv(5);
  std::set<std::string> ids{plan_of(csv)->id()};
  EXPECT_EQ(plan_of(csv)->id().size(), 10U);
  const auto differs = [&](void (*set)(FeedOptions&)) {
    FeedOptions options;
    set(options);
    EXPECT_TRUE(ids.insert(plan_of(csv, options)->id()).second);
  };
  differs([](FeedOptions& o) { o.seed = 7; });
  differs([](FeedOptions& o) { o.events_per_session = 100; });
  differs([](FeedOptions& o) { o.limit = 50; });
  differs([](FeedOptions& o) { o.flat = FlatPolicy::full; });
  differs([](FeedOptions& o) { o.arrivals = Arrivals::uniform; });
  differs([](FeedOptions& o) { o.arrivals = Arrivals::hawkes; });
  differs([](FeedOptions& o) { o.quotes = true; });
  differs([](FeedOptions& o) { o.symbols = {"HSI"}; });
  differs([](FeedOptions& o) { o.from = parse_date("2011-01-01"); });
  differs([](FeedOptions& o) { o.tick_sizes = {{"HSI", {5, 1}}}; });
  differs([](FeedOptions& o) { o.exchanges = {{"HSI", "XTKS"}}; });
  differs([](FeedOptions& o) { o.mode = Mode::sample; });
  FeedOptions spelled_out;
  spelled_out.symbols = {"N225", "HSI", "IXIC", "GDAXI"};
  spelled_out.from = parse_date("1990-01-01");
  EXPECT_EQ(plan_of(csv, spelled_out)->id(), plan_of(csv)->id());
}

TEST(Sample, PublishesRowsAsTheyStand) {
  const std::string csv =
      "Index,Date,Open,High,Low,Close,Adj "
      "Close,Volume,Note\nHSI,2021-01-04,1.50,2,1,1,1.0,5.0,\nHSI,2021-01-05,1,2,1,1,x,0,007\n";
  FeedOptions options;
  options.mode = Mode::sample;
  options.limit = 3000;
  const auto plan = plan_of(csv, options);
  const auto lines = lines_of(read_all(plan));
  EXPECT_EQ(lines.size(), 3000U);
  std::map<std::string, int> count;
  for (const std::string& line : lines) ++count[line];
  ASSERT_EQ(count.size(), 2U);
  const int first = count
      [R"({"Index":"HSI","Date":"2021-01-04","Open":1.50,"High":2,"Low":1,"Close":1,"Adj Close":1.0,"Volume":5.0,"Note":null})"];
  EXPECT_NEAR(first, 1500, 150);
  EXPECT_EQ(
      count
          [R"({"Index":"HSI","Date":"2021-01-05","Open":1,"High":2,"Low":1,"Close":1,"Adj Close":"x","Volume":0,"Note":"007"})"],
      3000 - first);
  const auto later = lines_of(read_all(plan, {Encoding::ndjson, 1500, 2}));
  EXPECT_TRUE(std::equal(later.begin(), later.end(), lines.begin() + 1500, lines.end()));
  EXPECT_EQ(plan->header(Encoding::csv), "Index,Date,Open,High,Low,Close,Adj Close,Volume,Note\n");
}

TEST(Sample, EveryColumnHasANameOfItsOwn) {
  const std::string csv =
      ",Index,Date,Open,High,Low,Close,Volume,Note,note,Note_1,,\"a\nb\",column_13,\n"
      "0,HSI,2021-01-04,1,2,1,1,5,a,b,c,d,e,f,g\n";
  FeedOptions options;
  options.mode = Mode::sample;
  options.limit = 1;
  EXPECT_EQ(read_all(plan_of(csv, options)),
            R"({"column_1":0,"Index":"HSI","Date":"2021-01-04","Open":1,"High":2,"Low":1,"Close":1,"Volume":5,)"
            R"("Note":"a","note_2":"b","Note_1":"c","column_12":"d","a_b":"e","column_13":"f","column_15":"g"})"
            "\n");
}

// The lines of all of CSV's rows, each once, in order.
std::vector<std::string> sampled(const std::string& csv, Encoding encoding = Encoding::ndjson) {
  FeedOptions options;
  options.mode = Mode::sample;
  options.limit = 1000;
  const auto lines = lines_of(read_all(plan_of(csv, options), {encoding, 0, 1}));
  const std::set<std::string> each(lines.begin(), lines.end());
  return {each.begin(), each.end()};
}

TEST(Sample, PublishesNumbersAsJsonNumbers) {
  EXPECT_THAT(
      sampled("Symbol,Date,Open,High,Low,Close,Volume,Beta,Code,Id\n"
              "A,2021-01-04,.5,+5,00.25,5.,+007,-.75,007,123456789012345678901\n"
              "A,2021-01-05,1,1.50,1,1,1e3,1.e2,.,1e999\n"),
      testing::ElementsAre(R"({"Symbol":"A","Date":"2021-01-04","Open":0.5,"High":5,"Low":0.25,"Close":5,"Volume":7,)"
                           R"("Beta":-0.75,"Code":"007","Id":"123456789012345678901"})",
                           R"({"Symbol":"A","Date":"2021-01-05","Open":1,"High":1.50,"Low":1,"Close":1,"Volume":1e3,)"
                           R"("Beta":1e2,"Code":".","Id":"1e999"})"));
}

TEST(Sample, NamesASymbolAsTicksDo) {
  const std::string csv = "Symbol,,Date,Open,High,Low,Close,Volume,Note\n\" A \",0,2021-01-04,1,1,1,1,0,a \"b\" c\n";
  EXPECT_EQ(plan_of(csv)->symbols()[0], "A");
  EXPECT_THAT(sampled(csv),
              testing::ElementsAre(R"({"Symbol":"A","column_2":0,"Date":"2021-01-04","Open":1,"High":1,"Low":1,)"
                                   R"("Close":1,"Volume":0,"Note":"a \"b\" c"})"));
  EXPECT_THAT(sampled(csv, Encoding::csv), testing::ElementsAre(R"(A,0,2021-01-04,1,1,1,1,0,"a ""b"" c")"));
}

TEST(Sample, GoesOnWithoutALimit) {
  FeedOptions options;
  options.mode = Mode::sample;
  const auto plan = plan_of(world_csv(3), options);
  EXPECT_EQ(plan->total_events(), kUnlimited);
  EXPECT_EQ(plan->estimated_bytes(Encoding::ndjson), kUnlimited);
  FeedReader reader(plan, {Encoding::ndjson, 1'000'000'000'000ULL, 2});
  EXPECT_EQ(reader.next()->first_position, 1'000'000'000'000ULL);
  EXPECT_GT(reader.next()->size(), 0U);
}

}  // namespace
}  // namespace stack::market
