// Records as no producer of ours writes them, and a topic that gains partitions.
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <optional>

#include "lake_fixture.hpp"

namespace stack::lake::testing_support {
namespace {

using kafka::testing_support::connection_to_shared_broker;
using testing::HasSubstr;

constexpr const char* kLargest = "20000000";  // bytes of a message

struct OddRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
};

class OddRecords : public LakeTest {
 protected:
  OddRecords() { open_client(); }

  void open_client() {
    std::array<char, 256> reason{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    const std::string servers = connection_to_shared_broker().bootstrap_servers;
    rd_kafka_conf_set(conf, "bootstrap.servers", servers.c_str(), reason.data(), reason.size());
    rd_kafka_conf_set(conf, "message.max.bytes", kLargest, reason.data(), reason.size());
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size()));
  }

  static kafka::TopicFacts make_roomy_topic(const std::string& name) {
    auto admin = kafka::Admin::connect(connection_to_shared_broker()).value();
    return admin
        .ensure_topic({.name = name, .partitions = 1, .replication = 1, .configs = {{"max.message.bytes", kLargest}}})
        .value();
  }

  // Without a transaction, each with a header and nothing else of ours.
  void send(const kafka::TopicFacts& topic, const std::vector<OddRecord>& records, std::int32_t partition = 0) {
    for (const OddRecord& record : records) {
      std::array<rd_kafka_vu_t, 6> fields{};
      fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
      fields[0].u.cstr = topic.name.c_str();
      fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
      fields[1].u.i32 = partition;
      fields[2].vtype = RD_KAFKA_VTYPE_KEY;
      if (record.key) fields[2].u.mem = {const_cast<char*>(record.key->data()), record.key->size()};  // NOLINT: copied
      fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
      if (record.value) fields[3].u.mem = {const_cast<char*>(record.value->data()), record.value->size()};  // NOLINT
      fields[4].vtype = RD_KAFKA_VTYPE_HEADER;
      fields[4].u.header = {"h", "\xff", 1};
      fields[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
      fields[5].u.i = RD_KAFKA_MSG_F_COPY;
      const kafka::ErrorHandle refused{rd_kafka_produceva(client_.get(), fields.data(), fields.size())};
      ASSERT_FALSE(refused) << rd_kafka_error_string(refused.get());
    }
    ASSERT_EQ(rd_kafka_flush(client_.get(), 20'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  void add_partitions(const kafka::TopicFacts& topic, std::size_t count) {
    std::array<char, 256> reason{};
    rd_kafka_NewPartitions_t* order =
        rd_kafka_NewPartitions_new(topic.name.c_str(), count, reason.data(), reason.size());
    const kafka::QueueHandle queue{rd_kafka_queue_new(client_.get())};
    rd_kafka_CreatePartitions(client_.get(), &order, 1, nullptr, queue.get());
    const kafka::EventHandle event{rd_kafka_queue_poll(queue.get(), 10'000)};
    rd_kafka_NewPartitions_destroy(order);
    ASSERT_TRUE(event);
    ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  kafka::ClientHandle client_;
};

TEST_F(OddRecords, AreRowsOrDeadLetters) {
  for (const char* format : {"ndjson", "parquet"}) {
    const auto topic = make_roomy_topic(std::string("odd-") + format);
    const std::string table = std::string("table=odd_") + format;
    const std::string nine_megabytes(9'000'000, 'x');  // NOLINT(bugprone-string-constructor): so long is what is meant
    send(topic, {{"HSI", tick(0)},
                 {"HSI", std::nullopt},         // a tombstone
                 {std::nullopt, std::nullopt},  // nothing but its header
                 {"", ""},
                 {"\xff\xfe", tick(1)},
                 {"\xff\xfe", "\xff"},
                 {"HSI", R"({"session_date":"../../x","symbol":"HSI","seq":1})"},
                 {"HSI", R"({"session_date":"2021-05-28","a":")" + std::string(3'000'000, 'x') + "\"}"},
                 {"HSI", nine_megabytes},
                 {"HSI", tick(7)}});
    sink(topic, {std::string("format=") + format, table, "budget=8388608"});
    const auto store = FolderStore::open(lake()).value();
    VerifyProgress progress;
    const StopFlag stop;
    const auto result =
        verify({.topic = topic.name, .table = table.substr(6)}, connection_to_shared_broker(), *store, stop, progress)
            .value();
    EXPECT_TRUE(result.clean());
    EXPECT_EQ(result.records, 10U);
    EXPECT_EQ(result.rows, 4U);
    EXPECT_EQ(result.dead_letters, 6U);
    const std::string letters = store->get(files("_stack/dlq/" + table.substr(6) + "/").at(0)).value().value();
    EXPECT_THAT(letters, HasSubstr(R"("key":null,"reason":"null value","value":null})"));
    EXPECT_THAT(letters, HasSubstr(R"("key_base64":"//4=")"));
    EXPECT_THAT(letters, HasSubstr("session_date is not a date"));
  }
}

TEST_F(OddRecords, APartitionThatIsAddedBeginsItsOwnChain) {
  const auto topic = make_roomy_topic("grows");
  send(topic, {{"A", tick(0)}, {"A", tick(7)}});
  sink(topic);
  add_partitions(topic, 3);
  open_client();  // the one that was knows of one partition
  send(topic, {{"A", tick(14)}}, 2);
  sink(topic);
  expect_exactly_once(topic, 3);
}

}  // namespace
}  // namespace stack::lake::testing_support
