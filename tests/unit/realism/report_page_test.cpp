// The comparison and its page. That the page is well-formed HTML is for tests/integration/realism to read.
#include "realism/report_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "made_series.hpp"
#include "realism/chart.hpp"
#include "realism/fact_tables.hpp"

namespace stack::realism {
namespace {

using ::testing::HasSubstr;

const BandOptions kFewReplicates{.replicates = 40};

// Of pages, which are too long to be shown when an expectation fails.
bool has(const std::string& page, std::string_view text) { return page.find(text) != std::string::npos; }

std::vector<DailySeries> market_of(std::initializer_list<std::string> symbols, unsigned seed, std::size_t n = 600) {
  std::vector<DailySeries> all;
  for (const auto& symbol : symbols) all.push_back(test::series_of(symbol, test::normal_values(n, seed++)));
  return all;
}

TEST(Comparison, OfHistoryWithItselfFindsItAllInside) {
  const auto history = market_of({"A", "B"}, 1);
  const auto result = compare(history, history, kFewReplicates);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->pairs, 2 * kFactCount);
  EXPECT_GT(result->share_inside(), 0.97);
  EXPECT_EQ(result->correlation_error(), 0.0);
  EXPECT_EQ(result->lead_error(), 0.0);
  EXPECT_NEAR(result->closest[0].correlation, 1.0, 1e-9);
}

TEST(Comparison, FindsWhatIsWrong) {
  const auto history = market_of({"A"}, 1);
  auto simulation = market_of({"A"}, 2);
  for (double& v : simulation[0].r) v *= 2.0;
  simulation[0].log_volume.assign(simulation[0].size(), std::numeric_limits<double>::quiet_NaN());
  const auto result = compare(history, simulation, kFewReplicates);
  ASSERT_TRUE(result.has_value());
  const auto& facts = result->facts.front();
  EXPECT_EQ(facts[static_cast<std::size_t>(Fact::volatility)].verdict, Verdict::outside);
  EXPECT_EQ(facts[static_cast<std::size_t>(Fact::acf_return_1)].verdict, Verdict::inside);
  // A simulation cannot be excused from what history has.
  EXPECT_EQ(facts[static_cast<std::size_t>(Fact::acf_volume_1)].verdict, Verdict::outside);
  EXPECT_EQ(result->pairs, kFactCount);

  auto silent = history;
  silent[0].log_volume = simulation[0].log_volume;
  const auto without = compare(silent, history, kFewReplicates);
  EXPECT_EQ(without->pairs, kFactCount - 3);
  EXPECT_TRUE(std::isnan(without->correlation_error()));
}

TEST(Comparison, ScoresAnotherSimulationByTheSameBands) {
  const auto history = market_of({"A", "B"}, 1);
  const auto other = market_of({"A", "B"}, 7);
  const auto first = compare(history, market_of({"A", "B"}, 5), kFewReplicates);
  const auto second = compare(history, other, kFewReplicates);
  ASSERT_TRUE(first && second);
  const auto score = score_another(*first, other);
  EXPECT_EQ(score.share_inside, second->share_inside());
  EXPECT_EQ(score.correlation_error, second->correlation_error());
  EXPECT_EQ(score.lead_error, second->lead_error());
  EXPECT_EQ(score.closest, score_of(*second).closest);
  EXPECT_NE(score.share_inside, first->share_inside());
}

TEST(Comparison, SaysHowManyBarsItNeeds) {
  const auto enough = market_of({"A"}, 1, 300);
  const auto few = market_of({"A"}, 1, 249);
  for (const auto& result : {compare(few, enough, kFewReplicates), compare(enough, few, kFewReplicates)}) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, ErrorKind::data);
    EXPECT_THAT(result.error().message, HasSubstr("A: "));
    EXPECT_THAT(result.error().message, HasSubstr("has 249 bars"));
    EXPECT_THAT(result.error().message, HasSubstr("at least 250"));
  }
}

TEST(Comparison, OfPricesThatNeverMoveIsAnError) {
  const std::vector constant{test::series_of("STILL", std::vector<double>(400, 0.0))};
  auto silent = constant;
  silent[0].log_volume.assign(400, std::numeric_limits<double>::quiet_NaN());
  const auto result = compare(silent, silent, kFewReplicates);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::data);
  EXPECT_THAT(result.error().message, HasSubstr("STILL"));
}

std::string page_of(const std::vector<DailySeries>& history, const std::vector<DailySeries>& simulation,
                    const std::vector<DayProfile>& profiles = {}) {
  const auto result = compare(history, simulation, kFewReplicates);
  EXPECT_TRUE(result.has_value());
  return report_page({*result, profiles, "prices & more.csv", "model <fhs>", {{"model <fhs>", score_of(*result)}}, {}});
}

TEST(ReportPage, NeedsNothingElse) {
  const auto page = page_of(market_of({"A", "B"}, 1), market_of({"A", "B"}, 3));
  for (const auto* foreign : {"http:", "https:", "<script", "src=", "url(", "@import", "<link"})
    EXPECT_FALSE(has(page, foreign)) << foreign;
  for (const auto* number : {">nan", "nan,", "nan ", "\"nan", "inf,", ">inf<", ">-"})
    EXPECT_FALSE(has(page, number)) << number;
}

TEST(ReportPage, EscapesNames) {
  const auto page = page_of(market_of({"<b>\"A\"&'"}, 1), market_of({"<b>\"A\"&'"}, 3));
  EXPECT_FALSE(has(page, "<b>")) << "<b>";
  EXPECT_TRUE(has(page, "&lt;b&gt;&quot;A&quot;&amp;&#39;")) << "&lt;b&gt;&quot;A&quot;&amp;&#39;";
  EXPECT_TRUE(has(page, "prices &amp; more.csv")) << "prices &amp; more.csv";
  EXPECT_TRUE(has(page, "model &lt;fhs&gt;")) << "model &lt;fhs&gt;";
}

TEST(ReportPage, ShowsEveryFactOfEverySymbol) {
  const auto page = page_of(market_of({"AAA", "BBB"}, 1), market_of({"AAA", "BBB"}, 3));
  for (const auto& spec : fact_specs()) {
    EXPECT_TRUE(has(page, std::string{spec.name})) << std::string{spec.name};
    EXPECT_TRUE(has(page, html_escape(spec.source))) << html_escape(spec.source);
  }
  EXPECT_TRUE(has(page, "<summary>AAA")) << "<summary>AAA";
  EXPECT_TRUE(has(page, "<summary>BBB")) << "<summary>BBB";
  EXPECT_TRUE(has(page, "Price fan")) << "Price fan";
  EXPECT_TRUE(has(page, "Who leads")) << "Who leads";
}

TEST(ReportPage, ShowsAllSimulations) {
  const auto history = market_of({"A"}, 1);
  const auto first = market_of({"A"}, 3);
  const auto second = market_of({"A"}, 5);
  const auto result = compare(history, first, kFewReplicates);
  ASSERT_TRUE(result.has_value());
  const std::vector<NamedScore> scores{
      {"seed 1", {0.9, 0.1, 0.1, 0.8}}, {"seed <2>", {0.8, 0.1, 0.1, 0.8}}, {"seed 3", {0.2, 0.1, 0.1, 0.8}}};
  EXPECT_EQ(median_share(scores), 0.8);
  const auto page = report_page({*result, {}, "h", "s", scores, {second, second}});
  EXPECT_TRUE(has(page, "All simulations"));
  EXPECT_TRUE(has(page, "seed &lt;2&gt;"));
  EXPECT_TRUE(has(page, "80.0 %"));
  EXPECT_TRUE(has(page, "simulation thin faint"));
}

TEST(ReportPage, ShowsTheDayWhereThereAreTicks) {
  const auto history = market_of({"A"}, 1);
  EXPECT_FALSE(has(page_of(history, history), "Volume through the day")) << "Volume through the day";
  const DayProfile profile{"A", 570, {0.6, 0.4}, {0.2, 0.1}, {0.5, 0.5}, 3};
  const auto page = page_of(history, history, {profile});
  EXPECT_TRUE(has(page, "Volume through the day")) << "Volume through the day";
  EXPECT_TRUE(has(page, "Volatility through the day")) << "Volatility through the day";
}

TEST(Readable, RoundsForTheEye) {
  EXPECT_EQ(readable(0.12345), "0.123");
  EXPECT_EQ(readable(-0.12345), "−0.123");
  EXPECT_EQ(readable(-0.0001), "0.000");
  EXPECT_EQ(readable(12.345), "12.3");
  EXPECT_EQ(readable(1234.5), "1234");
  EXPECT_EQ(readable(std::nan("")), "–");
}

TEST(Chart, TicksAreRoundAndInside) {
  for (const auto& range : {AxisRange{-0.031, 0.102}, AxisRange{3.0, 4195.0}, AxisRange{-1e-6, 1e-6}}) {
    const auto ticks = round_ticks(range);
    EXPECT_GE(ticks.size(), 2U);
    EXPECT_LE(ticks.size(), 8U);
    for (const auto& tick : ticks) {
      EXPECT_GE(tick.at, range.low - 1e-12);
      EXPECT_LE(tick.at, range.high * (1 + 1e-9) + 1e-12);
    }
  }
  const auto ticks = log_ticks({std::log(60.0), std::log(700.0)});
  ASSERT_EQ(ticks.size(), 3U);
  EXPECT_EQ(ticks[0].label, "100");
  EXPECT_EQ(ticks[2].label, "500");
}

TEST(Chart, LeavesOutWhatIsMissing) {
  const std::vector<double> x{0, 1, 2, 3};
  const std::vector<double> y{0.5, std::nan(""), 0.7, 0.2};
  const auto figure = Chart{"T", {0, 3}, {0, 1}}.line(x, y, "history").dots(x, y, "inside").figure("");
  EXPECT_FALSE(has(figure, "nan")) << "nan";
  EXPECT_EQ(std::ranges::count(figure, 'M'), 2);  // the curve begins anew after the gap
}

}  // namespace
}  // namespace stack::realism
