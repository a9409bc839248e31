// Reading a topic, in batches, read_committed always: as a member of a group (Consumer::join) or by itself at given
// offsets (Consumer::assign).
// Thread-safety: one thread; the listener is called on the polling thread, from within poll and close.
// Failure: Result. An offset that the log no longer holds is ErrorKind::conflict naming topic/partition. Brokers that
// go away are waited for (the connection's notices say so), since librdkafka reconnects by itself; when none of them
// has answered for the connection's timeout, that is ErrorKind::unreachable. So is a group whose coordinator stays away
// for as long. A single partition without a leader is the caller's affair: leader_absence() tells of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "kafka/broker_watch.hpp"
#include "kafka/client_log.hpp"
#include "kafka/connection.hpp"
#include "kafka/handles.hpp"
#include "kafka/leader_watch.hpp"

namespace stack::kafka {

struct PartitionOffset {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

// As an offset to start at: wherever the log begins.
inline constexpr std::int64_t kLogStart = RD_KAFKA_OFFSET_BEGINNING;

// A record as it came; views live as long as its batch.
class Message {
 public:
  explicit Message(const rd_kafka_message_t* raw) : raw_(raw) {}
  [[nodiscard]] std::int32_t partition() const { return raw_->partition; }
  [[nodiscard]] std::int64_t offset() const { return raw_->offset; }
  [[nodiscard]] std::int64_t timestamp_ms() const { return rd_kafka_message_timestamp(raw_, nullptr); }  // -1: none
  [[nodiscard]] bool has_key() const { return raw_->key != nullptr; }
  [[nodiscard]] std::string_view key() const { return {static_cast<const char*>(raw_->key), raw_->key_len}; }
  [[nodiscard]] bool has_value() const { return raw_->payload != nullptr; }
  [[nodiscard]] std::string_view value() const { return {static_cast<const char*>(raw_->payload), raw_->len}; }
  [[nodiscard]] std::optional<std::string_view> header(const char* name) const;  // the last of that name

 private:
  const rd_kafka_message_t* raw_;
};

// The messages of one poll, in order within each partition; and the partitions whose end was come to.
class MessageBatch {
 public:
  MessageBatch() = default;
  MessageBatch(MessageBatch&& other) noexcept : messages_(std::move(other.messages_)), ends_(std::move(other.ends_)) {
    other.messages_.clear();
  }
  MessageBatch& operator=(MessageBatch&& other) noexcept;
  ~MessageBatch() { clear(); }

  [[nodiscard]] std::size_t size() const { return messages_.size(); }
  [[nodiscard]] bool empty() const { return messages_.empty(); }
  [[nodiscard]] Message operator[](std::size_t i) const { return Message{messages_[i]}; }
  // The end of each partition that had nothing further at the time: the next offset, behind any control records.
  [[nodiscard]] std::span<const PartitionOffset> ends() const { return ends_; }

 private:
  friend class Consumer;
  void clear();
  void drop(std::span<const std::int32_t> partitions);
  std::vector<rd_kafka_message_t*> messages_;
  std::vector<PartitionOffset> ends_;
};

class RebalanceListener {
 public:
  virtual ~RebalanceListener() = default;
  // PARTITIONS are ours now; the answer says where to start in each of them.
  [[nodiscard]] virtual Result<std::vector<PartitionOffset>> assigned(std::span<const std::int32_t> partitions) = 0;
  // They go to another member; LOST: they may already have.
  virtual void revoked(std::span<const std::int32_t> partitions, bool lost) = 0;
};

struct GroupOptions {
  std::string group;
  std::string instance;  // group.instance.id: a member that comes back under it has its partitions at once
  Milliseconds session_timeout{10'000};
};

struct FetchOptions {
  std::uint64_t queue_bytes = 16ULL << 20;  // fetched ahead, all partitions together
  std::size_t batch = 8192;                 // messages a poll at most
};

class Consumer {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Consumer>> join(const Connection& connection, const std::string& topic,
                                                              const GroupOptions& group, const FetchOptions& fetch,
                                                              RebalanceListener& listener);
  [[nodiscard]] static Result<std::unique_ptr<Consumer>> assign(const Connection& connection, const std::string& topic,
                                                                std::span<const PartitionOffset> from,
                                                                const FetchOptions& fetch);
  ~Consumer();

  // Messages that are there; if there are none, what comes first within TIMEOUT.
  [[nodiscard]] Result<MessageBatch> poll(Milliseconds timeout);
  [[nodiscard]] Result<void> seek(std::int32_t partition, std::int64_t offset);
  [[nodiscard]] Result<void> pause(std::int32_t partition);
  [[nodiscard]] Result<void> resume(std::int32_t partition);
  // The partition's end as the latest fetch told it, without asking again; -1: not known yet.
  [[nodiscard]] std::int64_t known_end(std::int32_t partition) const;
  // How long PARTITION has had no leader that can be reached.
  [[nodiscard]] Milliseconds leader_absence(std::int32_t partition) const { return leaders_.absence(partition); }
  // Whether no broker at all answers, which poll() tells of.
  [[nodiscard]] bool is_cut_off() const { return watch_.told_of_silence(); }
  // Tells the group, without waiting, how far the lake is: for display of lag, nothing depends on it.
  void commit(std::span<const PartitionOffset> offsets);
  // Whether another member under this one's instance name, or its own former life, has put an end to this client.
  [[nodiscard]] bool fenced() const;
  // Leaves the group: revoked() is called for what is owned, unless the group's coordinator is away. A member with an
  // instance name keeps its place for the session timeout. The last thing that is done with a consumer.
  void close();

 private:
  Consumer(const Connection& connection, std::string topic, const FetchOptions& fetch);
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions,
                           void* opaque);
  [[nodiscard]] Result<void> open(const Connection& connection,
                                  std::span<const std::pair<const char*, const char*>> extra);
  void rebalance(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions);
  [[nodiscard]] Result<void> check_coordinator();
  [[nodiscard]] Error error_of(const rd_kafka_message_t& message) const;
  [[nodiscard]] PartitionListHandle list_of(std::span<const PartitionOffset> offsets) const;

  Connection connection_;
  ClientLog log_;
  BrokerWatch watch_{connection_, log_};
  std::string topic_;
  LeaderWatch leaders_{topic_};
  bool told_of_coordinator_ = false;
  std::string group_;  // empty: member of none
  FetchOptions fetch_;
  std::set<std::int32_t> at_rest_;  // partitions that are paused
  RebalanceListener* listener_ = nullptr;
  std::optional<Error> listener_error_;
  MessageBatch* gathered_ = nullptr;  // the batch that poll is filling
  ClientHandle client_;
  bool closed_ = false;
};

}  // namespace stack::kafka
