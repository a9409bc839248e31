// Brokers that go away for good, and brokers that come back with less than they had.
#include <gmock/gmock.h>

#include <csignal>
#include <thread>

#include "lake_fixture.hpp"

namespace stack::lake::testing_support {
namespace {

using kafka::testing_support::make_topic;
using kafka::testing_support::shared_broker;
using testing::AllOf;
using testing::HasSubstr;

class BrokerTrouble : public LakeTest {
 protected:
  static constexpr int kConflict = static_cast<int>(ErrorKind::conflict);
  static constexpr int kUnreachable = static_cast<int>(ErrorKind::unreachable);
};

TEST_F(BrokerTrouble, ABrokerThatStaysAwayEndsARunningSinkAtTheDeadline) {
  const auto topic = make_topic(2);
  produce(topic, 0, 1'000);
  const std::string servers = kafka::testing_support::connection_to_shared_broker().bootstrap_servers;
  const auto running = start_sink(topic, {"until_end=0", "age=100", "connect_timeout=6000"});
  until_files(1);
  ::kill(kafka::broker_status(shared_broker().path()).value().pid, SIGKILL);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(running->wait(std::chrono::seconds{40}), kUnreachable) << running->output();
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_TRUE(shared_broker().up());
  EXPECT_GE(took, std::chrono::seconds{4});
  EXPECT_LT(took, std::chrono::seconds{20});
  EXPECT_THAT(running->output(), AllOf(HasSubstr(servers + ": waiting"), HasSubstr("--connect-timeout")));
  sink(topic);
  expect_exactly_once(topic, 1'000);
}

TEST_F(BrokerTrouble, ABrokerThatComesBackEndsNothing) {
  const auto topic = make_topic(1);
  produce(topic, 0, 1'000);
  // A broker that was killed may take 15 s to start again where the machine is busy.
  const auto running = start_sink(topic, {"until_end=0", "age=100", "connect_timeout=60000"});
  until_files(1);
  ::kill(kafka::broker_status(shared_broker().path()).value().pid, SIGKILL);
  std::this_thread::sleep_for(std::chrono::seconds{4});
  ASSERT_TRUE(shared_broker().up());
  produce(topic, 1'000, 1'000);
  until_files(2);
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait(), 0) << running->output();
  EXPECT_THAT(running->output(), HasSubstr("answers again"));
  expect_exactly_once(topic, 2'000);
}

TEST_F(BrokerTrouble, ALogThatEndsBeforeTheChainIsNamed) {
  const auto topic = make_topic(1);
  produce(topic, 0, 10'000, 500);
  sink(topic, {"count=3000"});
  cut_log(topic);

  const auto refused = start_sink(topic);
  EXPECT_EQ(refused->wait(std::chrono::seconds{40}), kConflict) << refused->output();
  EXPECT_THAT(refused->output(), AllOf(HasSubstr(topic.name + "/0: the log ends at "), HasSubstr("new --table")));

  const VerifyResult result = audit(topic);  // comes to an end
  EXPECT_FALSE(result.clean());
  EXPECT_GT(result.cut_off, 0U);
  EXPECT_EQ(result.duplicated, 0U);
  EXPECT_EQ(result.rows, 10'000U);
  ASSERT_FALSE(result.messages.empty());
  EXPECT_THAT(result.messages.front(), AllOf(HasSubstr(topic.name + "/0: the topic ends at "), HasSubstr("lost")));
}

TEST_F(BrokerTrouble, ALogThatLosesItsEndUnderARunningSinkIsNamed) {
  const auto topic = make_topic(1);
  produce(topic, 0, 10'000, 500);
  const auto running = start_sink(topic, {"until_end=0", "count=3000", "age=100", "connect_timeout=60000"});
  until_files(4);
  cut_log(topic);
  EXPECT_EQ(running->wait(std::chrono::seconds{120}), kConflict) << running->output();
  EXPECT_THAT(running->output(), AllOf(HasSubstr(topic.name + "/0: the log ends at "), HasSubstr("new --table")));
}

}  // namespace
}  // namespace stack::lake::testing_support
