// A sink that is killed at every step of the protocol, and a successor with other options.
#include <csignal>

#include "lake_fixture.hpp"

namespace stack::lake::testing_support {
namespace {

struct CrashCase {
  std::string step;
  std::string format;
};

class Crash : public LakeTest, public testing::WithParamInterface<CrashCase> {};

TEST_P(Crash, LosesNothingAndDoublesNothing) {
  constexpr std::uint64_t kEvents = 60'000;
  const auto topic = kafka::testing_support::make_topic(2);
  produce(topic, 0, kEvents);
  const auto crashed = start_sink(topic, {"format=" + GetParam().format, "count=7001"}, GetParam().step);
  ASSERT_EQ(crashed->wait(), 128 + SIGKILL) << crashed->output();
  sink(topic, {"partition_by=day", "compression=gzip", "count=9000"});
  expect_exactly_once(topic, kEvents);
}

std::vector<CrashCase> crash_cases() {
  std::vector<CrashCase> cases;
  for (const char* step : {"before-claim", "after-claim", "before-complete", "after-first-file", "after-files",
                           "after-commit", "after-claim:3", "before-complete:4"}) {
    for (const char* format : {"ndjson", "parquet"}) cases.push_back({step, format});
  }
  return cases;
}

std::string case_name(const testing::TestParamInfo<CrashCase>& info) {
  std::string name = info.param.step + "_" + info.param.format;
  for (char& c : name) {
    if (c == '-' || c == ':') c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(EveryStep, Crash, testing::ValuesIn(crash_cases()), case_name);

class RepeatedCrash : public LakeTest {};

TEST_F(RepeatedCrash, WhileFinishingAnothersClaimIsNoDifferent) {
  constexpr std::uint64_t kEvents = 30'000;
  const auto topic = kafka::testing_support::make_topic(1);
  produce(topic, 0, kEvents);
  for (const char* step : {"after-claim", "after-adopt", "after-first-file", "after-files", "after-claim"}) {
    const auto crashed = start_sink(topic, {"count=5000", "partition_by=day"}, step);
    EXPECT_EQ(crashed->wait(), 128 + SIGKILL) << step << crashed->output();
  }
  sink(topic);
  expect_exactly_once(topic, kEvents);
}

TEST_F(RepeatedCrash, AtRandomMomentsOnALiveTopic) {
  const auto topic = kafka::testing_support::make_topic(3);
  std::uint64_t produced = 0;
  for (int round = 0; round < 8; ++round) {
    const auto running = start_sink(topic, {"until_end=0", "count=4000", "age=50"});
    produce(topic, produced, 25'000, 5'000);
    produced += 25'000;
    std::this_thread::sleep_for(std::chrono::milliseconds{100 + 130 * round % 500});
    running->signal(SIGKILL);
    running->wait();
  }
  sink(topic);
  expect_exactly_once(topic, produced);
}

TEST_F(RepeatedCrash, AStoppedSinkHasLandedWhatItRead) {
  const auto topic = kafka::testing_support::make_topic(1);
  produce(topic, 0, 10'000);
  const auto running = start_sink(topic, {"until_end=0", "age=3600000"});
  std::this_thread::sleep_for(std::chrono::seconds{4});
  EXPECT_TRUE(files("ticks/").empty());
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait(), 0) << running->output();
  expect_exactly_once(topic, 10'000);
}

TEST_F(RepeatedCrash, AnIdlePartitionIsFlushedByAge) {
  const auto topic = kafka::testing_support::make_topic(1);
  produce(topic, 0, 10);
  const auto running = start_sink(topic, {"until_end=0", "age=200"});
  for (int i = 0; i < 200 && files("ticks/").empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{50});
  EXPECT_EQ(files("ticks/").size(), 1U);
}

}  // namespace
}  // namespace stack::lake::testing_support
