// A feed whose transaction the cluster drops, on librdkafka's mock cluster.
#include <gtest/gtest.h>
// First rdkafka.h, which it does not include.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/handles.hpp"
#include "market/dataset.hpp"
#include "publish/feed_producer.hpp"

namespace stack::publish {
namespace {

// Keys of Kafka's protocol.
constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kEndTransaction = 26;
constexpr std::int32_t kPartitions = 1;  // so that of a transaction whose request is refused nothing is there

struct MockDeleter {
  void operator()(rd_kafka_mock_cluster_t* cluster) const { rd_kafka_mock_cluster_destroy(cluster); }
};

std::shared_ptr<const market::FeedPlan> small_plan() {
  auto dataset = market::Dataset::parse("two.csv",
                                        "Index,Date,Open,High,Low,Close,Volume\n"
                                        "IXIC,2021-03-01,100.0,110.0,90.0,105.0,1000\n"
                                        "NYA,2021-03-01,100.0,110.0,90.0,105.0,1000\n");
  EXPECT_TRUE(dataset) << dataset.error().message;
  auto plan = market::FeedPlan::make(*dataset, {});
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

class LostTransaction : public testing::Test {
 protected:
  void SetUp() override {
    std::array<char, 256> reason{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    host_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size()));
    ASSERT_TRUE(host_) << reason.data();
    cluster_.reset(rd_kafka_mock_cluster_new(host_.get(), 1));
    rd_kafka_mock_topic_create(cluster_.get(), "ticks", kPartitions, 1);
    connection_.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(cluster_.get());
    connection_.connect_timeout = Milliseconds{3'000};
    connection_.on_notice = [this](const std::string& notice) {
      const std::lock_guard lock{mutex_};
      notices_ += notice + "\n";
    };
  }

  // The next TIMES requests of that kind are answered by CODE.
  void answer(std::int16_t api, rd_kafka_resp_err_t code, std::size_t times) {
    const std::vector<rd_kafka_resp_err_t> codes(times, code);
    rd_kafka_mock_push_request_errors_array(cluster_.get(), api, codes.size(), codes.data());
  }

  Result<bool> produce() {
    STACK_TRY_ASSIGN(admin, kafka::Admin::connect(connection_));
    return produce_feed(plan_, {}, connection_, admin, topic_, clock_, stop_, progress_);
  }

  std::string notices() {
    const std::lock_guard lock{mutex_};
    return notices_;
  }

  const std::shared_ptr<const market::FeedPlan> plan_ = small_plan();
  const kafka::TopicFacts topic_{.name = "ticks", .id = "", .partitions = kPartitions, .replication = 1};
  const SystemClock clock_;
  const StopFlag stop_;
  FeedProgress progress_;
  kafka::ClientHandle host_;
  std::unique_ptr<rd_kafka_mock_cluster_t, MockDeleter> cluster_;
  std::mutex mutex_;
  std::string notices_;  // guarded by mutex_
  kafka::Connection connection_;
};

TEST_F(LostTransaction, IsSentAgainByAnotherProducer) {
  answer(kProduce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, 1);
  const auto complete = produce();
  ASSERT_TRUE(complete) << complete.error().message;
  EXPECT_TRUE(*complete);
  EXPECT_NE(notices().find("the transaction was lost and is sent again"), std::string::npos) << notices();
  EXPECT_EQ(progress_.committed, plan_->total_events());
  EXPECT_EQ(progress_.committed_events, plan_->total_events());
  EXPECT_GT(progress_.sent, plan_->total_events());
  EXPECT_EQ(progress_.kafka.transactions_aborted, 1U);
}

// The mock shows the records of a transaction that it has refused to commit: as if the commit's answer had been lost.
TEST_F(LostTransaction, IsNotSentAgainWhenItTurnsOutToBeThere) {
  answer(kEndTransaction, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, 1);
  const auto complete = produce();
  ASSERT_TRUE(complete) << complete.error().message;
  EXPECT_EQ(progress_.committed, plan_->total_events());
  EXPECT_EQ(progress_.committed_events, plan_->total_events());
  EXPECT_EQ(progress_.sent, plan_->total_events());
}

TEST_F(LostTransaction, EndsTheFeedWhenItIsLostForAsLongAsTheTimeout) {
  answer(kProduce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, 10'000);
  const auto began = clock_.steady();
  const auto complete = produce();
  ASSERT_FALSE(complete);
  EXPECT_EQ(complete.error().kind, ErrorKind::unreachable) << complete.error().message;
  EXPECT_GE(clock_.steady() - began, connection_.connect_timeout);
  EXPECT_LT(clock_.steady() - began, connection_.connect_timeout + std::chrono::seconds{15});
  EXPECT_EQ(progress_.committed_events, 0U);
}

}  // namespace
}  // namespace stack::publish
