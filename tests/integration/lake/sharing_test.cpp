// Several sinks on one topic and table: members of a group, strangers that both believe to own a partition, one that
// sleeps past its session.
#include <csignal>

#include "lake_fixture.hpp"

namespace stack::lake::testing_support {
namespace {

namespace fs = std::filesystem;

class Sharing : public LakeTest {
 protected:
  // The same folder under another name: sinks there are of another group, and own every partition as well.
  fs::path other_name(const std::string& name) {
    fs::create_directories(lake());
    const fs::path link = lake().parent_path() / name;
    fs::create_directory_symlink(lake(), link);
    return link;
  }
};

TEST_F(Sharing, MembersOfOneGroupSplitTheWork) {
  const auto topic = kafka::testing_support::make_topic(4);
  produce(topic, 0, 200'000);
  const auto a = start_sink(topic, {"count=3000"});
  const auto b = start_sink(topic, {"count=4000", "compression=zstd"});
  EXPECT_EQ(a->wait(), 0) << a->output();
  EXPECT_EQ(b->wait(), 0) << b->output();
  expect_exactly_once(topic, 200'000);
}

TEST_F(Sharing, SinksThatBothOwnAPartitionDoNotDouble) {
  const auto topic = kafka::testing_support::make_topic(2);
  produce(topic, 0, 200'000);
  const auto b_lake = other_name("b");
  const auto c_lake = other_name("c");
  const auto a = start_sink(topic, {"count=3000"});
  const auto b = start_sink(topic, {"count=4001", "partition_by=day", "compression=gzip"}, {}, b_lake);
  const auto c = start_sink(topic, {"count=2503", "format=parquet"}, {}, c_lake);
  EXPECT_EQ(a->wait(), 0) << a->output();
  EXPECT_EQ(b->wait(), 0) << b->output();
  EXPECT_EQ(c->wait(), 0) << c->output();
  expect_exactly_once(topic, 200'000);
}

TEST_F(Sharing, ASleeperThatWakesUpDoesNoHarm) {
  const auto topic = kafka::testing_support::make_topic(2);
  produce(topic, 0, 100'000);
  const auto sleeper = start_sink(topic, {"count=2000", "until_end=0"});
  for (int i = 0; i < 400 && files("_stack/claims/").size() < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  sleeper->signal(SIGSTOP);
  produce(topic, 100'000, 50'000);
  sink(topic, {"count=3000", "partition_by=year"});
  sleeper->signal(SIGCONT);
  produce(topic, 150'000, 20'000);
  std::this_thread::sleep_for(std::chrono::seconds{2});
  sleeper->signal(SIGTERM);
  sleeper->wait();
  sink(topic);
  expect_exactly_once(topic, 170'000);
}

}  // namespace
}  // namespace stack::lake::testing_support
