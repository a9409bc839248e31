#include "telemetry/exposition.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>
#include <thread>

#include "telemetry/registry.hpp"

namespace stack::telemetry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Metric kEvents{"events_total", MetricType::counter, "Events\\lines\nof a \"feed\""};
constexpr Metric kLag{"lag_records", MetricType::gauge, "Lag"};
constexpr Metric kWait{"wait_seconds", MetricType::histogram, "Wait"};

TEST(Exposition, WritesEachMetricOnceWithItsSamplesTogether) {
  Exposition exposition;
  exposition.add(kLag, 3.5, {{"topic", "a"}, {"partition", "0"}});
  exposition.add(kEvents, std::uint64_t{12'345'678'901});
  exposition.add(kLag, std::uint64_t{0}, {{"topic", "a"}, {"partition", "1"}});
  EXPECT_EQ(exposition.text(),
            "# HELP lag_records Lag\n"
            "# TYPE lag_records gauge\n"
            "lag_records{topic=\"a\",partition=\"0\"} 3.5\n"
            "lag_records{topic=\"a\",partition=\"1\"} 0\n"
            "# HELP events_total Events\\\\lines\\nof a \"feed\"\n"
            "# TYPE events_total counter\n"
            "events_total 12345678901\n");
}

TEST(Exposition, EscapesLabels) {
  Exposition exposition;
  exposition.add(kLag, 1.0, {{"topic", "a\"b\\c\nd"}});
  EXPECT_THAT(exposition.text(), HasSubstr("lag_records{topic=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(Exposition, WritesWhatIsNoNumber) {
  Exposition exposition;
  exposition.add(kLag, std::numeric_limits<double>::quiet_NaN());
  exposition.add(kLag, std::numeric_limits<double>::infinity());
  exposition.add(kLag, -std::numeric_limits<double>::infinity());
  EXPECT_THAT(exposition.text(), HasSubstr("lag_records NaN\nlag_records +Inf\nlag_records -Inf\n"));
}

// The value behind each sample of NAME, in order.
std::vector<double> values_of(const std::string& text, const std::string& name) {
  std::vector<double> values;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name + "{") && !line.starts_with(name + " ")) continue;
    values.push_back(std::stod(line.substr(line.rfind(' '))));
  }
  return values;
}

TEST(Exposition, WritesHistogramsCumulatively) {
  LatencyHistogram histogram;
  histogram.record(100us);
  histogram.record(3ms, 2);
  histogram.record(2h);
  Exposition exposition;
  exposition.add(kWait, histogram, {{"a", "b"}});
  const auto text = exposition.text();
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{a=\"b\",le=\"0.0005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{a=\"b\",le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{a=\"b\",le=\"0.005\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{a=\"b\",le=\"300\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{a=\"b\",le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_count{a=\"b\"} 4\n"));
  EXPECT_NEAR(values_of(text, "wait_seconds_sum").front(), 7200.0061, 1e-6);
}

TEST(Exposition, OfAHistogramIsMonotoneWhileOthersRecord) {
  LatencyHistogram histogram;
  std::atomic<bool> stop = false;
  std::jthread recording([&] {
    for (std::int64_t i = 1; !stop; i = i * 7 % 1'000'003) histogram.record(std::chrono::microseconds{i * 100});
  });
  for (int i = 0; i < 300; ++i) {
    Exposition exposition;
    exposition.add(kWait, histogram);
    const auto buckets = values_of(exposition.text(), "wait_seconds_bucket");
    ASSERT_TRUE(std::ranges::is_sorted(buckets));
    ASSERT_EQ(buckets.back(), values_of(exposition.text(), "wait_seconds_count").front());
  }
  stop = true;
}

RC_GTEST_PROP(Exposition, KeepsOneSampleALine, (const std::string& label, double value)) {
  Exposition exposition;
  exposition.add(kLag, value, {{"topic", label}});
  const auto text = exposition.text();
  RC_ASSERT(std::ranges::count(text, '\n') == 3);
  const auto read = values_of(text, "lag_records");
  RC_ASSERT(read.size() == 1U && (read.front() == value || (std::isnan(read.front()) && std::isnan(value))));
}

TEST(Registry, AsksEveryCollectorAtEachScrape) {
  Registry registry;
  std::uint64_t events = 1;
  registry.add([&](Exposition& exposition) { exposition.add(kEvents, events); });
  registry.add([&](Exposition& exposition) { exposition.add(kLag, 2.0); });
  EXPECT_THAT(registry.scrape(), testing::AllOf(HasSubstr("events_total 1\n"), HasSubstr("lag_records 2\n")));
  events = 5;
  EXPECT_THAT(registry.scrape(), HasSubstr("events_total 5\n"));
}

}  // namespace
}  // namespace stack::telemetry
