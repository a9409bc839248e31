#include "kafka/client_statistics.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace stack::kafka {
namespace {

constexpr std::string_view kProducer = R"({
  "name": "stack#producer-1", "client_id": "stack", "type": "producer", "ts": 1, "time": 1700000000, "replyq": 2,
  "msg_cnt": 7, "msg_size": 900, "tx_bytes": 4000, "rx_bytes": 300, "txmsgs": 50, "rxmsgs": 0,
  "brokers": {
    "127.0.0.1:9092/bootstrap": {"nodeid": -1, "nodename": "127.0.0.1:9092", "source": "configured", "state": "UP"},
    "GroupCoordinator": {"nodeid": 1, "nodename": "h:1", "source": "logical", "state": "INIT"},
    "h:1/1": {"nodeid": 1, "nodename": "h:1", "source": "learned", "state": "UP", "outbuf_cnt": 3, "waitresp_cnt": 4,
      "tx": 10, "txerrs": 1, "txretries": 2, "req_timeouts": 3, "connects": 5, "disconnects": 4,
      "rtt": {"min": 1, "max": 9, "avg": 1500, "p99": 2500}, "throttle": {"avg": 7}},
    "h:2/2": {"nodeid": 2, "nodename": "h:2", "source": "learned", "state": "DOWN"}},
  "topics": {"ticks": {"topic": "ticks", "partitions": {
    "0": {"partition": 0, "desired": true, "unknown": false, "msgq_cnt": 5, "xmit_msgq_cnt": 6, "fetchq_cnt": 8,
          "consumer_lag": 12, "txmsgs": 40, "rxmsgs": 41},
    "1": {"partition": 1, "desired": false, "unknown": false, "consumer_lag": 12},
    "2": {"partition": 2, "desired": true, "unknown": true},
    "-1": {"partition": -1, "desired": false, "unknown": false, "msgq_cnt": 9}}}},
  "cgrp": {"state": "up", "rebalance_cnt": 3}})";

TEST(ClientStatistics, AreReadFromLibrdkafkasJson) {
  const auto statistics = parse_statistics(kProducer);
  ASSERT_TRUE(statistics);
  EXPECT_EQ(statistics->type, "producer");
  EXPECT_EQ(statistics->time, 1'700'000'000);
  EXPECT_EQ(statistics->queued_ops, 2);
  EXPECT_EQ(statistics->queued, 7);
  EXPECT_EQ(statistics->queued_bytes, 900);
  EXPECT_EQ(statistics->bytes_sent, 4000U);
  EXPECT_EQ(statistics->bytes_received, 300U);
  EXPECT_EQ(statistics->records_sent, 50U);
  EXPECT_EQ(statistics->rebalances, 3U);
}

TEST(ClientStatistics, HaveEachBrokerOnce) {
  const auto statistics = parse_statistics(kProducer);
  ASSERT_TRUE(statistics);
  ASSERT_EQ(statistics->brokers.size(), 2U);
  const auto& up = statistics->brokers[0];
  EXPECT_EQ(up.name, "h:1");
  EXPECT_TRUE(up.up);
  EXPECT_EQ(up.requests_queued, 3);
  EXPECT_EQ(up.requests_waiting, 4);
  EXPECT_EQ(up.requests_sent, 10U);
  EXPECT_EQ(up.request_errors, 1U);
  EXPECT_EQ(up.request_retries, 2U);
  EXPECT_EQ(up.request_timeouts, 3U);
  EXPECT_EQ(up.connects, 5U);
  EXPECT_EQ(up.disconnects, 4U);
  EXPECT_EQ(up.round_trip_average_us, 1500);
  EXPECT_EQ(up.round_trip_p99_us, 2500);
  EXPECT_EQ(up.throttle_average_us, 7000);
  EXPECT_FALSE(statistics->brokers[1].up);
}

TEST(ClientStatistics, HaveThePartitionsThatTheClientWorksWith) {
  const auto statistics = parse_statistics(kProducer);
  ASSERT_TRUE(statistics);
  ASSERT_EQ(statistics->partitions.size(), 2U);
  const auto& first = statistics->partitions[0];
  EXPECT_EQ(first.topic, "ticks");
  EXPECT_EQ(first.partition, 0);
  EXPECT_EQ(first.queued, 11);
  EXPECT_EQ(first.fetched, 8);
  EXPECT_EQ(first.lag, 12);
  EXPECT_EQ(first.sent, 40U);
  EXPECT_EQ(first.received, 41U);
  EXPECT_EQ(statistics->partitions[1].lag, -1);
}

TEST(ClientStatistics, OfLittleAreZeroAndOfNoJsonNone) {
  EXPECT_EQ(parse_statistics("{}")->queued, 0);
  EXPECT_EQ(parse_statistics(R"({"brokers": 3, "topics": {"a": 1}, "msg_cnt": "x", "cgrp": []})")->brokers.size(), 0U);
  for (const char* text : {"", "[]", "7", "{", "{\"a\":}"}) EXPECT_FALSE(parse_statistics(text)) << text;
}

RC_GTEST_PROP(ClientStatistics, OfDamagedJsonAreSomeOrNone, ()) {
  std::string json{kProducer};
  const auto at = *rc::gen::inRange<std::size_t>(0, json.size());
  *rc::gen::arbitrary<bool>() ? json.resize(at) : void(json[at] = *rc::gen::arbitrary<char>());
  (void)parse_statistics(json);
}

}  // namespace
}  // namespace stack::kafka
