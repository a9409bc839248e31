// The broker is killed while records are on their way, and comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX kill()

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "kafka/resume.hpp"
#include "running_broker.hpp"

namespace stack::kafka {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace)

TEST(BrokerLoss, ProducingGoesOnWhenTheBrokerIsBack) {
  const auto topic = make_topic(4);
  const FeedForTest feed(4);
  auto producer = open_producer(topic);
  ASSERT_TRUE(producer) << producer.error().message;
  constexpr std::uint64_t batch = 20'000;
  ASSERT_TRUE(feed.commit(**producer, 0, batch));
  std::uint64_t next = batch;
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE((*producer)->begin());
    ASSERT_TRUE(feed.send(**producer, next, batch / 2));
    ::kill(broker_status(shared_broker().path())->pid, SIGKILL);
    std::thread restart([] { EXPECT_TRUE(shared_broker().up()); });
    const auto sent = feed.send(**producer, next + batch / 2, batch / 2);
    const auto committed = sent ? (*producer)->commit() : sent;
    restart.join();
    ASSERT_TRUE(committed) << committed.error().message;
    next += batch;
  }
  EXPECT_EQ(positions_in(topic), first_positions(next));
}

TEST(BrokerLoss, ProducingEndsAtTheDeadlineWhenTheBrokerStaysAway) {
  const auto topic = make_topic(2);
  const FeedForTest feed(2);
  auto connection = connection_to_shared_broker();
  connection.connect_timeout = Milliseconds{4'000};
  std::mutex mutex;
  std::vector<std::string> notices;
  connection.on_notice = [&](const std::string& notice) {
    const std::lock_guard lock{mutex};
    notices.push_back(notice);
  };
  auto producer = Producer::open(
      connection, {.topic = topic.name, .partitions = 2, .feed_id = "feed", .transactional_id = topic.name}, nullptr);
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE(feed.commit(**producer, 0, 1'000));
  ASSERT_TRUE((*producer)->begin());
  ::kill(broker_status(shared_broker().path())->pid, SIGKILL);
  const auto began = std::chrono::steady_clock::now();
  const auto sent = feed.send(**producer, 1'000, 1'000);
  const auto committed = sent ? (*producer)->commit() : sent;
  const auto waited = std::chrono::steady_clock::now() - began;
  producer->reset();
  EXPECT_TRUE(shared_broker().up());
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(committed.error().message, testing::HasSubstr("no Kafka broker answers"));
  EXPECT_LT(waited, std::chrono::seconds{12});
  const std::lock_guard lock{mutex};
  EXPECT_THAT(notices, testing::Contains(testing::HasSubstr("waiting for it")));
  EXPECT_EQ(positions_in(topic), first_positions(1'000));
}

TEST(BrokerLoss, ReadingGoesOnWhenTheBrokerIsBack) {
  const auto topic = make_topic(1);
  const FeedForTest feed(1);
  auto producer = open_producer(topic);
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE(feed.commit(**producer, 0, 1'000));
  const PartitionOffset start{0, 0};
  auto consumer = Consumer::assign(connection_to_shared_broker(), topic.name, {&start, 1}, {});
  ASSERT_TRUE(consumer) << consumer.error().message;
  std::uint64_t seen = 0;
  const auto read_until = [&](std::uint64_t wanted) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (seen < wanted && std::chrono::steady_clock::now() < deadline) {
      const auto batch = (*consumer)->poll(Milliseconds{100});
      ASSERT_TRUE(batch) << batch.error().message;
      seen += batch->size();
    }
  };
  read_until(1'000);
  ::kill(broker_status(shared_broker().path())->pid, SIGKILL);
  ASSERT_TRUE(shared_broker().up());
  ASSERT_TRUE(feed.commit(**producer, 1'000, 1'000));
  read_until(2'000);
  EXPECT_EQ(seen, 2'000U);
}

TEST(BrokerLoss, ASuccessorFindsItsPlaceAfterARestart) {
  const auto topic = make_topic(3);
  const FeedForTest feed(3);
  {
    auto producer = open_producer(topic);
    ASSERT_TRUE(producer) << producer.error().message;
    ASSERT_TRUE(feed.commit(**producer, 0, 5'000));
    ASSERT_TRUE((*producer)->begin());
    ASSERT_TRUE(feed.send(**producer, 5'000, 5'000));
    ::kill(broker_status(shared_broker().path())->pid, SIGKILL);
  }
  ASSERT_TRUE(shared_broker().up());
  auto successor = open_producer(topic);
  ASSERT_TRUE(successor) << successor.error().message;
  const auto connection = connection_to_shared_broker();
  auto admin = Admin::connect(connection);
  ASSERT_TRUE(admin) << admin.error().message;
  const auto resumed = next_position(connection, *admin, topic, {.feed_id = "feed"}, nullptr);
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_EQ(*resumed, 5'000U);
  ASSERT_TRUE(feed.commit(**successor, 5'000, 100));
  EXPECT_EQ(positions_in(topic), first_positions(5'100));
}

}  // namespace
}  // namespace stack::kafka
