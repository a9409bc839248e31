// A real broker for the tests of this program, started once and removed at its end; topics and records for them.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/connection.hpp"
#include "kafka/consumer.hpp"
#include "kafka/local_broker.hpp"
#include "kafka/producer.hpp"

namespace stack::kafka::testing_support {

// A folder that goes with its owner, and the broker on it.
class BrokerFolderForTest {
 public:
  BrokerFolderForTest();
  BrokerFolderForTest(const BrokerFolderForTest&) = delete;
  BrokerFolderForTest& operator=(const BrokerFolderForTest&) = delete;
  ~BrokerFolderForTest();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] Result<BrokerStatus> up() const;

 private:
  std::filesystem::path path_;
};

// The broker that the tests share. Tests that kill it bring it up again on its port.
[[nodiscard]] const BrokerFolderForTest& shared_broker();
[[nodiscard]] Connection connection_to_shared_broker();

// A new topic with a name of its own.
[[nodiscard]] TopicFacts make_topic(std::int32_t partitions);

// Events 0, 1, 2, … of a feed: keys, values and partitions are a function of the position.
class FeedForTest {
 public:
  explicit FeedForTest(std::int32_t partitions) : partitions_(partitions) {}
  [[nodiscard]] static std::string key(std::uint64_t position);
  [[nodiscard]] static std::string value(std::uint64_t position);
  [[nodiscard]] std::int32_t partition(std::uint64_t position) const;
  [[nodiscard]] Result<void> send(Producer& producer, std::uint64_t first, std::uint64_t count) const;
  // The same within a transaction of its own.
  [[nodiscard]] Result<void> commit(Producer& producer, std::uint64_t first, std::uint64_t count) const;

 private:
  std::int32_t partitions_;
};

[[nodiscard]] Result<std::unique_ptr<Producer>> open_producer(const TopicFacts& topic,
                                                              const std::string& feed_id = "feed");

// Reads all that is committed, and calls SEE for each message.
void read_topic(const TopicFacts& topic, const std::function<void(const Message&)>& see);

// The positions found in the topic's values, in order of position; every record is checked to be where and what the
// feed says.
[[nodiscard]] std::vector<std::uint64_t> positions_in(const TopicFacts& topic);
// 0, 1, …, count - 1.
[[nodiscard]] std::vector<std::uint64_t> first_positions(std::uint64_t count);

// Runs COMMAND in a shell and returns what it printed.
[[nodiscard]] std::string shell(const std::string& command);

}  // namespace stack::kafka::testing_support
