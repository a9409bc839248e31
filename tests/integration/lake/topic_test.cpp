// What a topic may do to a sink: control records, aborted transactions, poison records, trimming, being made anew.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

#include "lake/claim.hpp"
#include "lake_fixture.hpp"

namespace stack::lake::testing_support {
namespace {

using kafka::testing_support::connection_to_shared_broker;
using kafka::testing_support::make_topic;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;

class TopicsAndTheSink : public LakeTest {
 protected:
  [[nodiscard]] std::string refused(const kafka::TopicFacts& topic, int code, const Options& options = {}) const {
    const auto process = start_sink(topic, options);
    EXPECT_EQ(process->wait(), code) << process->output();
    return process->output();
  }
  // Deletes the records of partition 0 before OFFSET.
  static void trim(const kafka::TopicFacts& topic, std::int64_t offset) {
    const auto connection = connection_to_shared_broker();
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    std::array<char, 256> reason{};
    rd_kafka_conf_set(conf, "bootstrap.servers", connection.bootstrap_servers.c_str(), reason.data(), reason.size());
    const kafka::ClientHandle client{rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size())};
    const kafka::QueueHandle queue{rd_kafka_queue_new(client.get())};
    const kafka::PartitionListHandle list{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(list.get(), topic.name.c_str(), 0)->offset = offset;
    rd_kafka_DeleteRecords_t* order = rd_kafka_DeleteRecords_new(list.get());
    rd_kafka_DeleteRecords(client.get(), &order, 1, nullptr, queue.get());
    const kafka::EventHandle event{rd_kafka_queue_poll(queue.get(), 10'000)};
    rd_kafka_DeleteRecords_destroy(order);
    ASSERT_TRUE(event);
    ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
};

TEST_F(TopicsAndTheSink, ControlAndAbortedRecordsLeaveNoGap) {
  const auto topic = make_topic(1);
  produce(topic, 0, 3'000, 100);
  produce_values(topic, {tick(999'999), tick(999'998)}, false);
  produce(topic, 3'000, 1'000, 10);
  produce_values(topic, {tick(999'999)}, false);
  sink(topic, {"count=250"});
  expect_exactly_once(topic, 4'000);
  sink(topic);  // nothing is left to do
  expect_exactly_once(topic, 4'000);
}

TEST_F(TopicsAndTheSink, ATopicOfNothingButAbortedRecordsHasAnEnd) {
  const auto topic = make_topic(2);
  produce_values(topic, {tick(0), tick(1)}, false);
  sink(topic);
  expect_exactly_once(topic, 0);
}

TEST_F(TopicsAndTheSink, AnEmptyTopicHasAnEnd) {
  const auto topic = make_topic(3);
  sink(topic);
  expect_exactly_once(topic, 0);
}

TEST_F(TopicsAndTheSink, PoisonBecomesDeadLettersAndTheSinkGoesOn) {
  const auto topic = make_topic(1);
  produce_values(topic, {tick(0), "", "{", "[1]", "{\"a\":\"\xff\"}", R"({"session_date":"2021-02-30"})",
                         R"({"dt":"x"})", "{\n\"free\": \"form\"}", tick(7)});
  sink(topic);
  const auto result = audit(topic);
  EXPECT_EQ(result.lost, 0U);
  EXPECT_EQ(result.duplicated, 0U);
  EXPECT_EQ(result.rows, 3U);
  EXPECT_EQ(result.dead_letters, 6U);
  const auto letters = files("_stack/dlq/ticks/");
  ASSERT_EQ(letters.size(), 1U);
  const auto store = FolderStore::open(lake()).value();
  const std::string text = store->get(letters.front()).value().value();
  EXPECT_THAT(text, HasSubstr(R"("offset":3,)"));
  EXPECT_THAT(text, HasSubstr(R"("reason":"not a JSON object","value":"[1]"})"));
  EXPECT_THAT(text, HasSubstr(R"("value_base64":)"));
}

TEST_F(TopicsAndTheSink, AnotherFeedIsRefused) {
  const auto first = make_topic(1);
  const auto second = make_topic(1);
  produce(first, 0, 100, 100, "feed-one");
  produce(second, 0, 100, 100, "feed-two");
  sink(first);
  const std::string message = refused(second, static_cast<int>(ErrorKind::conflict));
  EXPECT_THAT(message, HasSubstr("feed-one"));
  EXPECT_THAT(message, HasSubstr("feed-two"));
  expect_exactly_once(first, 100);
}

TEST_F(TopicsAndTheSink, ATopicMadeAnewIsRefused) {
  auto topic = make_topic(1);
  produce(topic, 0, 100);
  sink(topic);
  auto admin = kafka::Admin::connect(connection_to_shared_broker()).value();
  ASSERT_TRUE(admin.delete_topic(topic.name));
  topic = admin.ensure_topic({.name = topic.name, .partitions = 1, .replication = 1, .configs = {}}).value();
  produce(topic, 0, 300);
  EXPECT_THAT(refused(topic, static_cast<int>(ErrorKind::conflict)), HasSubstr("made anew"));
}

TEST_F(TopicsAndTheSink, ATopicMadeAnewUnderARunningSinkIsRefused) {
  auto topic = make_topic(1);
  produce(topic, 0, 100);
  const auto running = start_sink(topic, {"until_end=0", "age=100"});
  until_files(1);
  auto admin = kafka::Admin::connect(connection_to_shared_broker()).value();
  ASSERT_TRUE(admin.delete_topic(topic.name));
  topic = admin.ensure_topic({.name = topic.name, .partitions = 2, .replication = 1, .configs = {}}).value();
  produce(topic, 0, 300);  // also beyond what the sink has taken of the first
  EXPECT_EQ(running->wait(std::chrono::seconds{60}), static_cast<int>(ErrorKind::conflict)) << running->output();
  // Between the two topics there is none of the name.
  EXPECT_THAT(running->output(), AnyOf(HasSubstr("made anew"), HasSubstr("does not exist")));
  EXPECT_EQ(files("ticks/").size(), 1U);
}

TEST_F(TopicsAndTheSink, ALogTrimmedBeforeTheFirstSinkIsNoError) {
  const auto topic = make_topic(1);
  produce(topic, 0, 1'000, 1'000);
  trim(topic, 400);
  sink(topic);
  const auto claims = files("_stack/claims/ticks/");
  ASSERT_FALSE(claims.empty());
  EXPECT_TRUE(claims.front().ends_with(padded_offset(0)));
  const auto result = audit(topic);
  EXPECT_EQ(result.lost, 0U);
  EXPECT_EQ(result.duplicated, 0U);
  EXPECT_EQ(result.rows, 600U);
}

TEST_F(TopicsAndTheSink, ALogTrimmedBeforeItWasTakenIsNamed) {
  const auto topic = make_topic(1);
  produce(topic, 0, 1'000, 1'000);
  sink(topic);
  produce(topic, 1'000, 1'000, 1'000);
  trim(topic, 1'500);
  const std::string message = refused(topic, static_cast<int>(ErrorKind::conflict));
  EXPECT_THAT(message, HasSubstr("to 1500"));
}

TEST_F(TopicsAndTheSink, ALogTrimmedBehindACompleteChainIsNoError) {
  const auto topic = make_topic(1);
  produce(topic, 0, 1'000, 1'000);
  sink(topic, {"count=300"});
  trim(topic, 700);
  produce(topic, 1'000, 500, 500);
  sink(topic);
  const auto result = audit(topic);
  EXPECT_EQ(result.lost, 0U);
  EXPECT_EQ(result.duplicated, 0U);
  EXPECT_EQ(result.rows, 1'500U);
}

TEST_F(TopicsAndTheSink, AMissingTopicIsNamed) {
  const kafka::TopicFacts missing{.name = "no-such-topic", .id = "", .partitions = 1, .replication = 1};
  EXPECT_THAT(refused(missing, static_cast<int>(ErrorKind::usage)), HasSubstr("no-such-topic"));
}

TEST_F(TopicsAndTheSink, TheAuditFindsWhatIsMissingAndWhatIsTwice) {
  const auto topic = make_topic(1);
  produce(topic, 0, 1'000, 1'000);
  sink(topic, {"count=400", "partition_by=none"});
  const auto store = FolderStore::open(lake()).value();
  const auto data = files("ticks/");
  ASSERT_EQ(data.size(), 3U);
  const std::string first = store->get(data[0]).value().value();

  ASSERT_TRUE(store->put(data[0], first.substr(first.find('\n') + 1)));
  EXPECT_EQ(audit(topic).lost, 1U);
  ASSERT_TRUE(store->put(data[0], first + first.substr(0, first.find('\n') + 1)));
  EXPECT_EQ(audit(topic).duplicated, 1U);
  // One row twice in place of another: the counts are right, the sequence is not.
  const auto line_end = first.find('\n') + 1;
  ASSERT_TRUE(store->put(
      data[0], first.substr(0, line_end) + first.substr(0, line_end) + first.substr(first.find('\n', line_end) + 1)));
  EXPECT_EQ(audit(topic).duplicated, 1U);
  EXPECT_EQ(audit(topic).lost, 1U);
  ASSERT_TRUE(store->put(data[0], first));
  ASSERT_TRUE(store->put("ticks/" + topic.name + "+0+" + padded_offset(17) + ".ndjson", first));
  EXPECT_EQ(audit(topic).duplicated, 400U);
  ASSERT_TRUE(store->remove("ticks/" + topic.name + "+0+" + padded_offset(17) + ".ndjson"));
  ASSERT_TRUE(store->put("ticks/copy.ndjson", first));
  EXPECT_EQ(audit(topic).duplicated, 400U);
  ASSERT_TRUE(store->remove("ticks/copy.ndjson"));
  ASSERT_TRUE(store->put("ticks/_copy.ndjson", first));  // readers pass it over
  ASSERT_TRUE(store->put("ticks/README", "no data"));
  EXPECT_EQ(audit(topic).duplicated, 0U);
  const auto claims = files("_stack/claims/");
  ASSERT_EQ(claims.size(), 3U);
  ASSERT_TRUE(store->remove(claims.back()));
  EXPECT_GE(audit(topic).lost, 200U);
}

TEST_F(TopicsAndTheSink, TheAuditNamesWhatWasDeletedBeforeItWasTaken) {
  const auto topic = make_topic(1);
  produce(topic, 0, 1'000, 1'000);
  sink(topic, {"count=400"});
  const auto landed = audit(topic);
  ASSERT_EQ(landed.lost, 0U);
  produce(topic, 1'000, 500, 500);
  const auto chain_end = landed.partitions[0].chain_end;
  trim(topic, chain_end + 10);
  const auto result = audit(topic);
  EXPECT_EQ(result.lost, 500U);  // with the 490 that a sink could still land
  EXPECT_FALSE(result.clean());
  EXPECT_THAT(result.messages, Contains(HasSubstr(fmt::format("offsets {} to {}", chain_end, chain_end + 10))));
}

}  // namespace
}  // namespace stack::lake::testing_support
