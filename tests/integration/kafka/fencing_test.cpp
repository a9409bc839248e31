// Successors and predecessors: fencing, and where a feed goes on.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX kill()
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "kafka/resume.hpp"
#include "running_broker.hpp"

namespace stack::kafka {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace)
using testing::AllOf;
using testing::HasSubstr;

Result<std::uint64_t> resume_at(const TopicFacts& topic, const std::string& feed = "feed") {
  const auto connection = connection_to_shared_broker();
  STACK_TRY_ASSIGN(admin, Admin::connect(connection));
  return next_position(connection, admin, topic, {.feed_id = feed}, nullptr);
}

// Adds partitions to TOPIC, as an operator might.
void widen(const TopicFacts& topic, std::size_t partitions) {
  constexpr std::size_t text_size = 256;
  std::array<char, text_size> text{};
  ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_set(conf.get(), "bootstrap.servers", connection_to_shared_broker().bootstrap_servers.c_str(),
                    text.data(), text.size());
  const ClientHandle client(rd_kafka_new(RD_KAFKA_PRODUCER, conf.release(), text.data(), text.size()));
  const QueueHandle queue(rd_kafka_queue_new(client.get()));
  rd_kafka_NewPartitions_t* wanted =
      rd_kafka_NewPartitions_new(topic.name.c_str(), partitions, text.data(), text.size());
  rd_kafka_CreatePartitions(client.get(), &wanted, 1, nullptr, queue.get());
  const EventHandle event(rd_kafka_queue_poll(queue.get(), 10'000));
  rd_kafka_NewPartitions_destroy(wanted);
  ASSERT_TRUE(event);
  ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST(Fencing, ASuccessorEndsItsPredecessor) {
  const auto topic = make_topic(2);
  const FeedForTest feed(2);
  auto first = open_producer(topic);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(feed.commit(**first, 0, 100));
  ASSERT_TRUE((*first)->begin());
  ASSERT_TRUE(feed.send(**first, 100, 100));

  auto second = open_producer(topic);
  ASSERT_TRUE(second) << second.error().message;
  const auto resumed = resume_at(topic);
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_EQ(*resumed, 100U);
  ASSERT_TRUE(feed.commit(**second, 100, 50));

  const auto committed = (*first)->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::conflict) << committed.error().message;
  EXPECT_THAT(committed.error().message, HasSubstr("another producer"));
  EXPECT_EQ(positions_in(topic), first_positions(150));
}

TEST(Fencing, AFencedProducerCannotSendEither) {
  const auto topic = make_topic(1);
  const FeedForTest feed(1);
  auto first = open_producer(topic);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(feed.commit(**first, 0, 10));
  auto second = open_producer(topic);
  ASSERT_TRUE(second) << second.error().message;
  const auto sent = feed.commit(**first, 10, 10);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::conflict) << sent.error().message;
  EXPECT_EQ(positions_in(topic), first_positions(10));
}

// A producer in a process of its own that dies with a transaction open and half sent.
TEST(Resume, GoesOnBehindTheLastCommitAfterAKill) {
  const auto topic = make_topic(4);
  const FeedForTest feed(4);
  std::uint64_t next = 0;
  for (int round = 0; round < 3; ++round) {
    const auto flag = shared_broker().path() / fmt::format("sent-{}", round);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto producer = open_producer(topic);
      bool good = producer && feed.commit(**producer, next, 1'234) && (*producer)->begin() &&
                  feed.send(**producer, next + 1'234, 20'000);
      while (good && (*producer)->in_flight() > 0) ::usleep(1'000);
      std::ofstream(flag) << (good ? "sent" : "failed");
      for (;;) ::pause();
    }
    while (!std::filesystem::exists(flag) || std::filesystem::file_size(flag) == 0) ::usleep(10'000);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);

    auto successor = open_producer(topic);
    ASSERT_TRUE(successor) << successor.error().message;
    const auto resumed = resume_at(topic);
    ASSERT_TRUE(resumed) << resumed.error().message;
    ASSERT_EQ(*resumed, next + 1'234);
    next = *resumed;
    ASSERT_TRUE(feed.commit(**successor, next, 777));
    next += 777;
  }
  EXPECT_EQ(positions_in(topic), first_positions(next));
}

TEST(Resume, OfAnEmptyTopicIsTheBeginning) {
  const auto topic = make_topic(2);
  const auto resumed = resume_at(topic);
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_EQ(*resumed, 0U);
}

TEST(Resume, SeesPastManyAbortedEvents) {
  const auto topic = make_topic(2);
  const FeedForTest feed(2);
  auto producer = open_producer(topic);
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE(feed.commit(**producer, 0, 10));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE((*producer)->begin());
    ASSERT_TRUE(feed.send(**producer, 10, 30'000));
    while ((*producer)->in_flight() > 0) ::usleep(1'000);
    (*producer)->abort();
  }
  const auto resumed = resume_at(topic);
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_EQ(*resumed, 10U);
}

TEST(Resume, RefusesAnotherFeed) {
  const auto topic = make_topic(1);
  auto producer = open_producer(topic);
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE(FeedForTest(1).commit(**producer, 0, 10));
  const auto resumed = resume_at(topic, "other");
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().kind, ErrorKind::conflict);
  EXPECT_THAT(resumed.error().message,
              AllOf(HasSubstr(topic.name), HasSubstr("feed feed"), HasSubstr("other"), HasSubstr("--topic")));
}

TEST(Resume, RefusesAChangedPartitionCount) {
  const auto topic = make_topic(1);
  {
    auto producer = open_producer(topic);
    ASSERT_TRUE(producer) << producer.error().message;
    ASSERT_TRUE(FeedForTest(1).commit(**producer, 0, 10));
  }
  widen(topic, 2);
  auto wider = topic;
  wider.partitions = 2;
  const auto resumed = resume_at(wider);
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().kind, ErrorKind::conflict);
  EXPECT_THAT(resumed.error().message, AllOf(HasSubstr("murmur2/1"), HasSubstr("murmur2/2")));
}

TEST(Resume, RefusesATopicOfOtherRecords) {
  if (std::system("command -v kcat > /dev/null 2>&1") != 0) GTEST_SKIP() << "kcat is not installed";
  const auto topic = make_topic(1);
  (void)shell(
      fmt::format("echo hello | kcat -P -b {} -t {}", connection_to_shared_broker().bootstrap_servers, topic.name));
  const auto resumed = resume_at(topic);
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().kind, ErrorKind::conflict);
  EXPECT_THAT(resumed.error().message, HasSubstr("records of no feed"));
}

}  // namespace
}  // namespace stack::kafka
