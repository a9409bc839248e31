// Several sinks on one topic and table: members of a group, strangers that both believe to own a partition, one that
// sleeps past its session.
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <thread>

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

  // Whether the lake has a file of PARTITION, or of a later one.
  [[nodiscard]] bool has_files_from(int partition) const {
    return std::ranges::any_of(files("ticks/"), [&](const std::string& name) {
      return std::atoi(name.c_str() + name.find('+') + 1) >= partition;  // NOLINT(cert-err34-c): our own name
    });
  }

  static void add_partitions(const kafka::TopicFacts& topic, std::size_t total) {
    const auto connection = kafka::testing_support::connection_to_shared_broker();
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    std::array<char, 256> reason{};
    rd_kafka_conf_set(conf, "bootstrap.servers", connection.bootstrap_servers.c_str(), reason.data(), reason.size());
    const kafka::ClientHandle client{rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size())};
    const kafka::QueueHandle queue{rd_kafka_queue_new(client.get())};
    rd_kafka_NewPartitions_t* order =
        rd_kafka_NewPartitions_new(topic.name.c_str(), total, reason.data(), reason.size());
    rd_kafka_CreatePartitions(client.get(), &order, 1, nullptr, queue.get());
    const kafka::EventHandle event{rd_kafka_queue_poll(queue.get(), 10'000)};
    rd_kafka_NewPartitions_destroy(order);
    ASSERT_TRUE(event);
    ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  template <class Condition>
  static void until(Condition condition) {
    for (int i = 0; i < 600 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{50});
    ASSERT_TRUE(condition());
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

TEST_F(Sharing, PartitionsThatAreAddedAreTakenByRunningSinks) {
  auto topic = kafka::testing_support::make_topic(2);
  produce(topic, 0, 10'000);
  const auto a = start_sink(topic, {"until_end=0", "age=100"});
  const auto b = start_sink(topic, {"until_end=0", "age=100"});
  until([&] { return has_files_from(0); });
  add_partitions(topic, 5);
  topic.partitions = 5;
  produce(topic, 10'000, 20'000);
  until([&] { return has_files_from(2); });
  for (const auto& running : {a.get(), b.get()}) {
    running->signal(SIGTERM);
    EXPECT_EQ(running->wait(), 0) << running->output();
  }
  EXPECT_THAT(a->output() + b->output(), testing::HasSubstr("now has 5 partitions, not 2"));
  sink(topic);
  expect_exactly_once(topic, 30'000);
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
