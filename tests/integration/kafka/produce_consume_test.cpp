#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "kafka/partitioner.hpp"
#include "kafka/resume.hpp"
#include "running_broker.hpp"

namespace stack::kafka {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace)
using testing::ElementsAre;
using testing::HasSubstr;

bool has_kcat() { return std::system("command -v kcat > /dev/null 2>&1") == 0; }

TEST(ProduceConsume, WhatGoesInComesOutInOrderOnce) {
  const auto topic = make_topic(4);
  const FeedForTest feed(4);
  auto producer = open_producer(topic);
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE(feed.commit(**producer, 0, 60'000));
  ASSERT_TRUE(feed.commit(**producer, 60'000, 1));
  ASSERT_TRUE(feed.commit(**producer, 60'001, 39'999));
  EXPECT_EQ(positions_in(topic), first_positions(100'000));

  std::map<std::int32_t, std::int64_t> last;
  read_topic(topic, [&](const Message& message) {
    ASSERT_EQ(message.header(kFeedHeader).value_or(""), "feed");
    ASSERT_GT(message.timestamp_ms(), 1'600'000'000'000);
    const auto [place, first] = last.try_emplace(message.partition(), message.offset());
    if (!first) {
      ASSERT_GT(message.offset(), place->second);
    }
    place->second = message.offset();
  });
}

TEST(ProduceConsume, TimesOfTheFeedAreKept) {
  const auto topic = make_topic(1);
  auto producer = open_producer(topic);
  ASSERT_TRUE(producer) << producer.error().message;
  const std::vector<Record> records{
      {.key = "A", .value = "{}", .partition = 0, .position = 0, .timestamp_ms = 86'400'000},
      {.key = "A", .value = "{}", .partition = 0, .position = 1, .timestamp_ms = 86'400'001}};
  ASSERT_TRUE((*producer)->begin());
  ASSERT_TRUE((*producer)->send(records));
  ASSERT_TRUE((*producer)->commit());
  std::vector<std::int64_t> times;
  read_topic(topic, [&](const Message& message) { times.push_back(message.timestamp_ms()); });
  EXPECT_THAT(times, ElementsAre(86'400'000, 86'400'001));
}

TEST(ProduceConsume, AbortedEventsAreNotSeen) {
  const auto topic = make_topic(2);
  const FeedForTest feed(2);
  auto producer = open_producer(topic);
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE(feed.commit(**producer, 0, 100));
  ASSERT_TRUE((*producer)->begin());
  ASSERT_TRUE(feed.send(**producer, 100, 5'000));
  (*producer)->abort();
  EXPECT_EQ(positions_in(topic), first_positions(100));
  auto successor = open_producer(topic);
  ASSERT_TRUE(successor) << successor.error().message;
  const auto after_abort = feed.commit(**successor, 100, 50);
  ASSERT_TRUE(after_abort) << after_abort.error().message;
  EXPECT_EQ(positions_in(topic), first_positions(150));
}

TEST(ProduceConsume, AnIndependentReaderSeesKeysHeadersAndValues) {
  if (!has_kcat()) GTEST_SKIP() << "kcat is not installed";
  const auto topic = make_topic(3);
  const FeedForTest feed(3);
  auto producer = open_producer(topic);
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE(feed.commit(**producer, 0, 1'000));
  const auto lines =
      shell(fmt::format("kcat -C -q -e -b {} -t {} -o beginning -X isolation.level=read_committed "
                        "-f '%p|%k|%s|%h\\n'",
                        connection_to_shared_broker().bootstrap_servers, topic.name));
  std::set<std::string> seen;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) seen.insert(line.substr(0, line.find("stack-feed=feed") + 15));
  for (std::uint64_t position = 0; position < 1'000; ++position) {
    EXPECT_TRUE(seen.contains(fmt::format("{}|{}|{}|stack-feed=feed", feed.partition(position),
                                          FeedForTest::key(position), FeedForTest::value(position))))
        << position;
  }
  EXPECT_THAT(lines, HasSubstr("stack-position=999"));
  EXPECT_THAT(lines, HasSubstr("stack-layout=murmur2/3"));
  EXPECT_THAT(lines, HasSubstr("content-type=application/json,stack-schema=1,stack-run="));
}

// Java's default partitioner, asked through Kafka's own console producer.
TEST(ProduceConsume, KeysGoWhereTheJavaClientSendsThem) {
  const auto topic = make_topic(7);
  const auto file = shared_broker().path() / "java-keys";
  {
    std::ofstream keys(file);
    for (int i = 0; i < 200; ++i) keys << "KEY" << i << "|v\n";
    for (const auto* key : {"A", "AB", "ABC", "HSI", "000001.SS", "N225", "^GSPC", "\u0394\u03b5\u03bb\u03c4\u03b1",
                            "\u65e5\u7d4c", "a-rather-longer-key-than-any-symbol-has"})
      keys << key << "|v\n";
  }
  const char* named = std::getenv("STACK_KAFKA_JARS");
  const std::string jars = named != nullptr ? named : STACK_KAFKA_JARS_DIR;
  (void)shell(
      fmt::format("java -Xmx128m -cp '{}/*' org.apache.kafka.tools.ConsoleProducer --bootstrap-server {} --topic "
                  "{} --property parse.key=true --property 'key.separator=|' < {} 2> /dev/null",
                  jars, connection_to_shared_broker().bootstrap_servers, topic.name, file.native()));
  int seen = 0;
  read_topic(topic, [&](const Message& message) {
    EXPECT_EQ(message.partition(), partition_of(message.key(), 7)) << message.key();
    ++seen;
  });
  EXPECT_EQ(seen, 210);
}

TEST(ProduceConsume, KeysGoWhereOtherClientsSendThem) {
  if (!has_kcat()) GTEST_SKIP() << "kcat is not installed";
  const auto topic = make_topic(7);
  const auto file = shared_broker().path() / "keys";
  {
    std::ofstream keys(file);
    for (int i = 0; i < 200; ++i) keys << "KEY" << i << "|v\n";
  }
  (void)shell(fmt::format("kcat -P -b {} -t {} -K '|' -X partitioner=murmur2_random -l {}",
                          connection_to_shared_broker().bootstrap_servers, topic.name, file.native()));
  int seen = 0;
  read_topic(topic, [&](const Message& message) {
    EXPECT_EQ(message.partition(), partition_of(message.key(), 7)) << message.key();
    ++seen;
  });
  EXPECT_EQ(seen, 200);
}

}  // namespace
}  // namespace stack::kafka
