#include "kafka/client_statistics.hpp"

#include <simdjson.h>

#include <algorithm>

namespace stack::kafka {
namespace {

using simdjson::dom::element;

template <class Number>
Number number(const element& parent, std::string_view name) {
  Number value = 0;
  if constexpr (std::is_unsigned_v<Number>) {
    std::uint64_t found = 0;
    if (parent[name].get(found) == simdjson::SUCCESS) value = found;
  } else {
    std::int64_t found = 0;
    if (parent[name].get(found) == simdjson::SUCCESS) value = static_cast<Number>(found);
  }
  return value;
}

std::string_view text(const element& parent, std::string_view name) {
  std::string_view found;
  return parent[name].get(found) == simdjson::SUCCESS ? found : std::string_view{};
}

bool flag(const element& parent, std::string_view name) {
  bool found = false;
  return parent[name].get(found) == simdjson::SUCCESS && found;
}

std::int64_t window(const element& parent, std::string_view name, std::string_view figure) {
  element found;
  return parent[name].get(found) == simdjson::SUCCESS ? number<std::int64_t>(found, figure) : 0;
}

// Bootstrap servers and coordinators are the same brokers a second time, by their address or by their part.
void add_broker(const element& broker, std::vector<BrokerStatistics>& brokers) {
  const auto name = text(broker, "nodename");
  const auto source = text(broker, "source");
  if (name.empty() || number<std::int64_t>(broker, "nodeid") < 0 || source == "internal" || source == "logical") return;
  if (std::ranges::find(brokers, name, &BrokerStatistics::name) != brokers.end()) return;
  brokers.push_back({.name = std::string{name},
                     .up = text(broker, "state") == "UP",
                     .requests_sent = number<std::uint64_t>(broker, "tx"),
                     .request_errors = number<std::uint64_t>(broker, "txerrs"),
                     .request_retries = number<std::uint64_t>(broker, "txretries"),
                     .request_timeouts = number<std::uint64_t>(broker, "req_timeouts"),
                     .connects = number<std::uint64_t>(broker, "connects"),
                     .disconnects = number<std::uint64_t>(broker, "disconnects"),
                     .requests_queued = number<std::int64_t>(broker, "outbuf_cnt"),
                     .requests_waiting = number<std::int64_t>(broker, "waitresp_cnt"),
                     .round_trip_average_us = window(broker, "rtt", "avg"),
                     .round_trip_p99_us = window(broker, "rtt", "p99"),
                     .throttle_average_us = window(broker, "throttle", "avg") * 1000});
}

void add_partitions(const element& topic, std::vector<PartitionStatistics>& partitions) {
  simdjson::dom::object found;
  if (topic["partitions"].get(found) != simdjson::SUCCESS) return;
  for (const auto& [key, partition] : found) {
    const auto id = number<std::int32_t>(partition, "partition");
    if (id < 0 || flag(partition, "unknown")) continue;  // -1: librdkafka's own, for records without a partition yet
    const auto lag = number<std::int64_t>(partition, "consumer_lag");
    partitions.push_back(
        {.topic = std::string{text(topic, "topic")},
         .partition = id,
         .queued = number<std::int64_t>(partition, "msgq_cnt") + number<std::int64_t>(partition, "xmit_msgq_cnt"),
         .fetched = number<std::int64_t>(partition, "fetchq_cnt"),
         .lag = flag(partition, "desired") ? lag : -1,
         .sent = number<std::uint64_t>(partition, "txmsgs"),
         .received = number<std::uint64_t>(partition, "rxmsgs")});
  }
}

}  // namespace

std::optional<ClientStatistics> parse_statistics(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS || !root.is_object()) return std::nullopt;
  ClientStatistics statistics{.type = std::string{text(root, "type")},
                              .time = static_cast<double>(number<std::int64_t>(root, "time")),
                              .queued_ops = number<std::int64_t>(root, "replyq"),
                              .queued = number<std::int64_t>(root, "msg_cnt"),
                              .queued_bytes = number<std::int64_t>(root, "msg_size"),
                              .bytes_sent = number<std::uint64_t>(root, "tx_bytes"),
                              .bytes_received = number<std::uint64_t>(root, "rx_bytes"),
                              .records_sent = number<std::uint64_t>(root, "txmsgs"),
                              .records_received = number<std::uint64_t>(root, "rxmsgs"),
                              .rebalances = 0,
                              .brokers = {},
                              .partitions = {}};
  element group;
  if (root["cgrp"].get(group) == simdjson::SUCCESS)
    statistics.rebalances = number<std::uint64_t>(group, "rebalance_cnt");
  simdjson::dom::object found;
  if (root["brokers"].get(found) == simdjson::SUCCESS) {
    for (const auto& [key, broker] : found) add_broker(broker, statistics.brokers);
  }
  if (root["topics"].get(found) == simdjson::SUCCESS) {
    for (const auto& [key, topic] : found) add_partitions(topic, statistics.partitions);
  }
  return statistics;
}

}  // namespace stack::kafka
