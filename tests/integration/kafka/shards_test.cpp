// Several producers of one feed on one topic: where each of them goes on.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "kafka/resume.hpp"
#include "running_broker.hpp"

namespace stack::kafka {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace)
using testing::AllOf;
using testing::HasSubstr;

std::unique_ptr<Producer> open_shard(const TopicFacts& topic, Shard shard) {
  auto producer = Producer::open(connection_to_shared_broker(),
                                 {.topic = topic.name,
                                  .partitions = topic.partitions,
                                  .feed_id = "feed",
                                  .shard = shard,
                                  .transactional_id = fmt::format("{}-{}of{}", topic.name, shard.number, shard.count)},
                                 nullptr);
  if (!producer) throw std::runtime_error(producer.error().message);
  return *std::move(producer);
}

// COUNT events at POSITION and every STEP behind it, all to PARTITION.
Result<void> send(Producer& producer, std::int32_t partition, std::uint64_t position, std::size_t count,
                  std::uint64_t step = 1) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i)
    records.push_back({.key = "k", .value = "{}", .partition = partition, .position = position + i * step});
  return producer.send(records);
}

void commit(Producer& producer, std::int32_t partition, std::uint64_t position, std::size_t count = 1,
            std::uint64_t step = 1) {
  ASSERT_TRUE(producer.begin());
  ASSERT_TRUE(send(producer, partition, position, count, step));
  ASSERT_TRUE(producer.commit());
}

Result<std::uint64_t> resume_at(const TopicFacts& topic, Shard shard, std::vector<std::int32_t> partitions = {}) {
  const auto connection = connection_to_shared_broker();
  STACK_TRY_ASSIGN(admin, Admin::connect(connection));
  return next_position(connection, admin, topic, {.feed_id = "feed", .shard = shard, .partitions = partitions},
                       nullptr);
}

std::uint64_t position_of(const TopicFacts& topic, Shard shard, std::vector<std::int32_t> partitions = {}) {
  return resume_at(topic, shard, std::move(partitions)).value();
}

TEST(Shards, EachGoesOnBehindItsOwnLastEvent) {
  const auto topic = make_topic(2);
  const auto first = open_shard(topic, {1, 2});
  const auto second = open_shard(topic, {2, 2});
  EXPECT_EQ(position_of(topic, {1, 2}), 0U);
  commit(*first, 0, 10, 50, 2);  // to 108
  commit(*second, 0, 11, 30, 2);
  commit(*second, 1, 75, 1);
  commit(*first, 1, 110, 1);
  EXPECT_EQ(position_of(topic, {1, 2}), 111U);
  EXPECT_EQ(position_of(topic, {2, 2}), 76U);
}

TEST(Shards, ARecordOfOneIsFoundBelowManyOfAnother) {
  const auto topic = make_topic(3);
  const auto first = open_shard(topic, {1, 3});
  const auto second = open_shard(topic, {2, 3});
  commit(*first, 1, 40);
  commit(*first, 0, 41);
  for (std::uint64_t i = 0; i < 5; ++i) commit(*second, 0, 100 + i * 20'000, 20'000);
  commit(*second, 1, 200'000, 20'000);
  EXPECT_EQ(position_of(topic, {1, 3}), 42U);
  EXPECT_EQ(position_of(topic, {1, 3}, {1}), 41U);  // only where its symbols go
  EXPECT_EQ(position_of(topic, {2, 3}), 220'000U);
  EXPECT_EQ(position_of(topic, {3, 3}), 0U);
}

// What one shard has committed may lie behind what another has not decided yet, and cannot be read before that is.
TEST(Shards, AnOpenTransactionOfAnotherIsWaitedFor) {
  for (const bool commits : {true, false}) {
    const auto topic = make_topic(1);
    const auto first = open_shard(topic, {1, 2});
    const auto second = open_shard(topic, {2, 2});
    commit(*first, 0, 0, 10, 2);
    ASSERT_TRUE(second->begin());
    ASSERT_TRUE(send(*second, 0, 1, 10, 2));
    while (second->in_flight() > 0) std::this_thread::sleep_for(Milliseconds{1});
    commit(*first, 0, 20, 10, 2);  // to 38
    auto resumed = std::async(std::launch::async, [&] { return resume_at(topic, {1, 2}); });
    EXPECT_EQ(resumed.wait_for(std::chrono::seconds{1}), std::future_status::timeout);
    if (commits) {
      ASSERT_TRUE(second->commit());
    } else {
      second->abort();
    }
    EXPECT_EQ(resumed.get().value(), 39U);
    EXPECT_EQ(position_of(topic, {2, 2}), commits ? 20U : 0U);
  }
}

TEST(Shards, AnotherNumberOfThemIsRefused) {
  const auto topic = make_topic(4);
  commit(*open_shard(topic, {2, 3}), 1, 7);
  for (const Shard other : {Shard{2, 2}, Shard{1, 4}, Shard{1, 1}}) {
    const auto resumed = resume_at(topic, other, {2});  // also where its own partitions hold nothing
    ASSERT_FALSE(resumed) << other.text();
    EXPECT_EQ(resumed.error().kind, ErrorKind::conflict);
    EXPECT_THAT(resumed.error().message, AllOf(HasSubstr(topic.name), HasSubstr("--shard 2/3"), HasSubstr("--topic")));
  }
  EXPECT_EQ(position_of(topic, {1, 3}), 0U);
}

TEST(Shards, AFeedThatWasWholeIsNotDividedLater) {
  const auto topic = make_topic(1);
  commit(*open_shard(topic, {1, 1}), 0, 7);
  const auto resumed = resume_at(topic, {1, 2});
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().kind, ErrorKind::conflict);
  EXPECT_THAT(resumed.error().message, HasSubstr("without --shard"));
}

TEST(Resume, RefusesAnotherPartitioner) {
  const auto topic = make_topic(2);
  commit(*open_shard(topic, {1, 1}), 0, 7);
  const auto connection = connection_to_shared_broker();
  auto admin = Admin::connect(connection);
  ASSERT_TRUE(admin);
  const auto resumed = next_position(connection, *admin, topic,
                                     {.feed_id = "feed", .partitioner = Partitioner::balanced, .shard = {}}, nullptr);
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().kind, ErrorKind::conflict);
  EXPECT_THAT(resumed.error().message,
              AllOf(HasSubstr("murmur2/2"), HasSubstr("balanced/2"), HasSubstr("--partitioner")));
}

TEST(Resume, RefusesRecordsOfAnotherSchema) {
  if (std::system("command -v kcat > /dev/null 2>&1") != 0) GTEST_SKIP() << "kcat is not installed";
  for (const auto* header : {"stack-schema=2", "content-type=application/avro"}) {
    const auto topic = make_topic(1);
    (void)shell(fmt::format("echo hello | kcat -P -b {} -t {} -H stack-feed=feed -H {}",
                            connection_to_shared_broker().bootstrap_servers, topic.name, header));
    const auto resumed = resume_at(topic, {1, 1});
    ASSERT_FALSE(resumed) << header;
    EXPECT_EQ(resumed.error().kind, ErrorKind::conflict);
    EXPECT_THAT(resumed.error().message, AllOf(HasSubstr("schema incompatible"), HasSubstr(topic.name + "/0@0")));
  }
}

}  // namespace
}  // namespace stack::kafka
