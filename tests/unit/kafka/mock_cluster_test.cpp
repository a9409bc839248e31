// Producer and reader against librdkafka's mock cluster, which can be told to answer with errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/client_statistics.hpp"
#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"
#include "kafka/resume.hpp"

namespace stack::kafka {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Kafka's protocol numbers of the requests that the tests let fail.
enum class Api : std::int16_t { produce = 0, init_producer_id = 22, end_transaction = 26 };

struct MockDeleter {
  void operator()(rd_kafka_mock_cluster_t* cluster) const { rd_kafka_mock_cluster_destroy(cluster); }
};

class MockCluster : public testing::Test {
 protected:
  static constexpr std::int32_t partitions = 2;

  void SetUp() override {
    std::array<char, 256> reason{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    host_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size()));
    ASSERT_TRUE(host_) << reason.data();
    cluster_.reset(rd_kafka_mock_cluster_new(host_.get(), 1));
    ASSERT_TRUE(cluster_);
    rd_kafka_mock_topic_create(cluster_.get(), "events", partitions, 1);
    connection_.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(cluster_.get());
    connection_.connect_timeout = Milliseconds{5'000};
  }

  Result<std::unique_ptr<Producer>> open() {
    return Producer::open(connection_,
                          {.topic = "events", .partitions = partitions, .feed_id = "f1", .transactional_id = "f1-0"},
                          nullptr);
  }

  template <class... Codes>
  void answer(Api api, Codes... codes) {
    rd_kafka_mock_push_request_errors(cluster_.get(), static_cast<std::int16_t>(api), sizeof...(codes), codes...);
  }

  // One record to each partition.
  static Result<void> send_two(Producer& producer) {
    const std::vector<Record> records{{.key = "A", .value = "{}", .partition = 0},
                                      {.key = "B", .value = "{}", .partition = 1, .position = 1}};
    return producer.send(records);
  }

  ClientHandle host_;
  std::unique_ptr<rd_kafka_mock_cluster_t, MockDeleter> cluster_;
  Connection connection_;
};

TEST_F(MockCluster, RetriesWhatMayBeRetried) {
  auto producer = open();
  ASSERT_TRUE(producer) << producer.error().message;
  answer(Api::produce, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
  answer(Api::end_transaction, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
  ASSERT_TRUE((*producer)->begin());
  ASSERT_TRUE(send_two(**producer));
  const auto committed = (*producer)->commit();
  EXPECT_TRUE(committed) << committed.error().message;
}

// Counts what it is told.
class Onlooker final : public ClientObserver {
 public:
  void see_statistics(std::string_view json) override { statistics += parse_statistics(json) ? 1 : 0; }
  void see_error(rd_kafka_resp_err_t /*code*/) override { ++errors; }
  void see_silence(bool is_silent) override {
    silent = is_silent;
    silences += is_silent ? 1 : 0;
  }

  std::atomic<int> statistics = 0;
  std::atomic<int> errors = 0;
  std::atomic<int> silences = 0;
  std::atomic<bool> silent = false;
};

TEST_F(MockCluster, OnlookersSeeStatisticsErrorsAndSilences) {
  Onlooker onlooker;
  connection_.observer = &onlooker;
  connection_.connect_timeout = Milliseconds{6'000};
  auto producer = open();
  ASSERT_TRUE(producer) << producer.error().message;
  const auto in_time = [&](auto&& happened) {
    for (int i = 0; i < 300 && !happened(); ++i) {
      (void)(*producer)->in_flight();
      (void)(*producer)->send({});
      std::this_thread::sleep_for(Milliseconds{20});
    }
    return happened();
  };
  EXPECT_TRUE(in_time([&] { return onlooker.statistics > 1; }));
  EXPECT_EQ(onlooker.errors, 0);
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  EXPECT_TRUE(in_time([&] { return onlooker.errors > 0; }));
}

TEST_F(MockCluster, ProgressTellsOfTransactions) {
  ProducerProgress progress;
  auto producer = Producer::open(
      connection_,
      {.topic = "events", .partitions = partitions, .feed_id = "f1", .transactional_id = "f1-0", .progress = &progress},
      nullptr);
  ASSERT_TRUE(producer) << producer.error().message;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE((*producer)->begin());
    ASSERT_TRUE(send_two(**producer));
    ASSERT_TRUE((*producer)->commit());
  }
  EXPECT_EQ(progress.transactions_committed, 3U);
  EXPECT_EQ(progress.commit_time.count(), 3U);
  EXPECT_EQ(progress.in_flight, 0U);
  EXPECT_GT(progress.last_commit_us, 0);
  ASSERT_TRUE((*producer)->begin());
  answer(Api::produce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  ASSERT_TRUE(send_two(**producer));
  EXPECT_FALSE((*producer)->commit());
  (*producer)->abort();
  EXPECT_EQ(progress.transactions_committed, 3U);
  EXPECT_EQ(progress.transactions_aborted, 1U);
  EXPECT_GE(progress.delivery_failures, 1U);
}

TEST_F(MockCluster, AFencedProducerSaysWhoTookOver) {
  auto producer = open();
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE((*producer)->begin());
  ASSERT_TRUE(send_two(**producer));
  answer(Api::end_transaction, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
  const auto committed = (*producer)->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::conflict);
  EXPECT_THAT(committed.error().message, AllOf(HasSubstr("another producer"), HasSubstr("events")));
}

TEST_F(MockCluster, ARefusedRecordFailsItsTransaction) {
  auto producer = open();
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE((*producer)->begin());
  answer(Api::produce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  ASSERT_TRUE(send_two(**producer));
  const auto committed = (*producer)->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::access);
  EXPECT_THAT(committed.error().message, HasSubstr("the operation Write on topic events"));
  (*producer)->abort();
}

TEST_F(MockCluster, RefusedTransactionsNameTheRightToAskFor) {
  answer(Api::init_producer_id, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  const auto producer = open();
  ASSERT_FALSE(producer);
  EXPECT_EQ(producer.error().kind, ErrorKind::access);
  EXPECT_THAT(producer.error().message, HasSubstr("the operation Write on transactional id f1-0"));
}

TEST_F(MockCluster, ABrokerThatComesBackIsWaitedFor) {
  auto producer = open();
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE((*producer)->begin());
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  ASSERT_TRUE(send_two(**producer));
  rd_kafka_mock_broker_set_up(cluster_.get(), 1);
  const auto committed = (*producer)->commit();
  EXPECT_TRUE(committed) << committed.error().message;
}

TEST_F(MockCluster, APartitionWithoutALeaderEndsTheProducerAtTheDeadline) {
  connection_.connect_timeout = Milliseconds{3'000};
  auto producer = open();
  ASSERT_TRUE(producer) << producer.error().message;
  rd_kafka_mock_partition_set_leader(cluster_.get(), "events", 1, -1);
  std::this_thread::sleep_for(Milliseconds{1'500});  // until the client has asked again
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE((*producer)->begin());
  ASSERT_TRUE(send_two(**producer));
  const auto committed = (*producer)->commit();
  const auto took = std::chrono::steady_clock::now() - began;
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(committed.error().message, AllOf(HasSubstr("events/1"), HasSubstr("no leader"), HasSubstr("run again")));
  EXPECT_LT(took, Milliseconds{10'000});
}

TEST_F(MockCluster, APartitionWithoutALeaderIsToldOfItsReader) {
  const std::array starts{PartitionOffset{0, 0}, PartitionOffset{1, 0}};
  auto reader = Consumer::assign(connection_, "events", starts, {}).value();
  rd_kafka_mock_partition_set_leader(cluster_.get(), "events", 1, -1);
  const auto end = std::chrono::steady_clock::now() + Milliseconds{10'000};
  while (reader->leader_absence(1) < Milliseconds{1'000} && std::chrono::steady_clock::now() < end)
    ASSERT_TRUE(reader->poll(Milliseconds{50}));
  EXPECT_GE(reader->leader_absence(1), Milliseconds{1'000});
  EXPECT_EQ(reader->leader_absence(0), Milliseconds{0});
}

TEST_F(MockCluster, ABrokerThatStaysAwayIsAnErrorAtTheDeadline) {
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  connection_.connect_timeout = Milliseconds{700};
  int notices = 0;
  connection_.on_notice = [&](const std::string&) { ++notices; };
  const auto began = std::chrono::steady_clock::now();
  const auto admin = Admin::connect(connection_);
  const auto took = std::chrono::steady_clock::now() - began;
  ASSERT_FALSE(admin);
  EXPECT_EQ(admin.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(admin.error().message, AllOf(HasSubstr(connection_.bootstrap_servers), HasSubstr("--connect-timeout")));
  EXPECT_GE(took, Milliseconds{700});
  EXPECT_LT(took, Milliseconds{5'000});
  EXPECT_GE(notices, 1);

  const auto producer = open();
  ASSERT_FALSE(producer);
  EXPECT_EQ(producer.error().kind, ErrorKind::unreachable);
}

class ReaderOfAMockCluster : public MockCluster {
 protected:
  void SetUp() override {
    MockCluster::SetUp();
    connection_.connect_timeout = Milliseconds{2'000};
    connection_.observer = &onlooker_;
    connection_.properties = {{"reconnect.backoff.max.ms", "100"}};  // so that coming back takes less than the deadline
    connection_.on_notice = [this](const std::string& notice) {
      const std::lock_guard lock{mutex_};
      notices_.push_back(notice);
    };
    const PartitionOffset start{0, 0};
    reader_ = Consumer::assign(connection_, "events", {&start, 1}, {}).value();
    EXPECT_TRUE(poll_for(Milliseconds{1'000}));
  }

  Result<void> poll_for(Milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) STACK_TRY(reader_->poll(Milliseconds{50}));
    return {};
  }
  [[nodiscard]] std::vector<std::string> notices() {
    const std::lock_guard lock{mutex_};
    return notices_;
  }
  void expect_the_deadline() {
    const auto began = std::chrono::steady_clock::now();
    const auto polled = poll_for(Milliseconds{15'000});
    const auto took = std::chrono::steady_clock::now() - began;
    ASSERT_FALSE(polled);
    EXPECT_EQ(polled.error().kind, ErrorKind::unreachable);
    EXPECT_THAT(polled.error().message,
                AllOf(HasSubstr(connection_.bootstrap_servers), HasSubstr("--connect-timeout")));
    EXPECT_GE(took, Milliseconds{1'500});
    EXPECT_LT(took, Milliseconds{6'000});
    const std::string waiting = "no Kafka broker answers at " + connection_.bootstrap_servers + ": waiting";
    EXPECT_THAT(notices(), testing::Contains(HasSubstr(waiting)).Times(1));
  }

  Onlooker onlooker_;
  std::mutex mutex_;
  std::vector<std::string> notices_;
  std::unique_ptr<Consumer> reader_;
};

TEST_F(ReaderOfAMockCluster, ABrokerThatStaysAwayIsAnErrorAtTheDeadline) {
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  expect_the_deadline();
}

TEST_F(ReaderOfAMockCluster, ABrokerThatTakesRequestsAndAnswersNoneIsOneThatIsAway) {
  rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, 60'000);
  expect_the_deadline();
}

TEST_F(ReaderOfAMockCluster, ABrokerThatComesBackIsWaitedForAndTheDeadlineBeginsAnew) {
  for (int round = 0; round < 2; ++round) {
    rd_kafka_mock_broker_set_down(cluster_.get(), 1);
    EXPECT_TRUE(poll_for(Milliseconds{1'300}));
    rd_kafka_mock_broker_set_up(cluster_.get(), 1);
    EXPECT_TRUE(poll_for(Milliseconds{2'500}));
  }
  EXPECT_THAT(notices(), testing::Contains(HasSubstr("answers again")));
  EXPECT_GE(onlooker_.silences, 1);
  EXPECT_FALSE(onlooker_.silent);
}

TEST_F(ReaderOfAMockCluster, AnIdleTopicIsNoSilence) { EXPECT_TRUE(poll_for(Milliseconds{3'000})); }

TEST_F(MockCluster, AWaitCanBeInterrupted) {
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  StopFlag stop;
  stop.request();
  const auto admin = Admin::connect(connection_, &stop);
  ASSERT_FALSE(admin);
  EXPECT_EQ(admin.error().kind, ErrorKind::interrupted);
}

}  // namespace
}  // namespace stack::kafka
