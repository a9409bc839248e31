// What a cluster knows of its topics, and making and removing them.
// Thread-safety: one thread at a time. Calls block, the first until the cluster answers.
// Failure: ErrorKind::unreachable after the connection's timeout, naming the servers; ::conflict where a topic exists
// otherwise than asked for; ::access for a login or a right that is refused; ::usage for what else the cluster refuses
// for good.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/connection.hpp"
#include "kafka/feed_topic.hpp"

namespace stack::kafka {

struct TopicFacts {
  std::string name;
  std::string id;  // the topic's UUID in base64: another for a topic that was deleted and made again
  std::int32_t partitions = 0;
  std::int32_t replication = 0;
};

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replication = -1;  // -1: the cluster's default
  std::vector<std::pair<std::string, std::string>> configs;
};

struct OffsetRange {
  std::int64_t start = 0;  // first offset that the log still holds
  std::int64_t end = 0;    // last stable offset: read_committed readers come this far
};

class Admin {
 public:
  // Waits until the cluster answers.
  [[nodiscard]] static Result<Admin> connect(const Connection& connection, const StopFlag* stop = nullptr);
  Admin(Admin&&) noexcept;
  Admin& operator=(Admin&&) = delete;
  ~Admin();

  [[nodiscard]] Result<std::string> cluster_id();
  [[nodiscard]] Result<std::optional<TopicFacts>> topic(const std::string& name);  // none: there is no such topic
  // The same, of a cluster that has no longer than PATIENCE to answer.
  [[nodiscard]] Result<std::optional<TopicFacts>> topic(const std::string& name, Milliseconds patience);
  // As topic(), but a topic that does not exist is an error that says how to make it.
  [[nodiscard]] Result<TopicFacts> existing_topic(const std::string& name);
  // All settings in force, the cluster's defaults included.
  [[nodiscard]] Result<TopicConfigs> topic_configs(const std::string& name);
  // Tries again, as long as the connect timeout and until STOP, what may pass: a cluster that starts, or moves its
  // controller.
  [[nodiscard]] Result<void> create_topic(const NewTopic& topic, const StopFlag* stop = nullptr);
  // Makes the topic, or finds it with as many partitions as asked for; otherwise ErrorKind::conflict.
  [[nodiscard]] Result<TopicFacts> ensure_topic(const NewTopic& wanted, const StopFlag* stop = nullptr);
  // And waits until it is gone: the same name can then be made anew.
  [[nodiscard]] Result<void> delete_topic(const std::string& name);
  // One range a partition. Waits for leaders as long as the connect timeout.
  [[nodiscard]] Result<std::vector<OffsetRange>> offsets(const TopicFacts& topic);
  // The same, but where no leader answers within PATIENCE there is none.
  [[nodiscard]] std::vector<std::optional<OffsetRange>> led_offsets(const TopicFacts& topic, Milliseconds patience);
  // The same, once all that is in the topic now has been decided: a commit is answered before its markers are in the
  // log, so that for a moment after it read_committed readers do not come to the end. A transaction that stays open is
  // waited for as long as PATIENCE; the ends are then before it.
  [[nodiscard]] Result<std::vector<OffsetRange>> settled_offsets(const TopicFacts& topic,
                                                                 Milliseconds patience = Milliseconds{10'000});
  // Or none at all, when a transaction stays open for longer than PATIENCE.
  [[nodiscard]] Result<std::vector<OffsetRange>> decided_offsets(const TopicFacts& topic, Milliseconds patience);
  // Of each partition the first record whose timestamp is SINCE_1970 or later; -1 where there is none (KIP-79).
  [[nodiscard]] Result<std::vector<std::int64_t>> offsets_at(const TopicFacts& topic, Milliseconds since_1970);

 private:
  struct State;
  explicit Admin(std::unique_ptr<State> state);
  [[nodiscard]] Result<std::optional<TopicConfigs>> ask_for_configs(const std::string& name);
  [[nodiscard]] Result<std::optional<std::string>> ask_for_topic(const NewTopic& topic, Milliseconds patience,
                                                                 const StopFlag* stop);
  [[nodiscard]] Result<std::vector<std::int64_t>> list_offsets(const std::string& topic,
                                                               std::span<const std::int32_t> partitions,
                                                               std::int64_t which, rd_kafka_IsolationLevel_t isolation,
                                                               Milliseconds timeout);
  [[nodiscard]] Result<std::vector<std::int32_t>> led_partitions(const TopicFacts& topic);
  [[nodiscard]] Error without_leader(const TopicFacts& topic, std::int32_t partition) const;
  [[nodiscard]] Result<std::vector<OffsetRange>> list_ranges(const std::string& topic,
                                                             std::span<const std::int32_t> partitions,
                                                             Milliseconds timeout);
  std::unique_ptr<State> state_;
};

}  // namespace stack::kafka
