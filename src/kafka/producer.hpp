// Sending a feed in transactions. The transactional id names the feed: a producer that opens fences any predecessor,
// whose open transaction is aborted, so that what the topic then shows to read_committed readers is final.
// Keys and values are copied: a copy made where the batch is still in the cache costs the client less than memory of
// the caller's that its threads come back to late (bench/produce).
// Records carry the headers of feed_headers.hpp.
// Thread-safety: one thread.
// Failure: Result. ErrorKind::conflict when a successor has fenced this producer; ::unreachable when no broker
// answers for as long as the connect timeout, a partition has no leader for as long, or one does not take records for
// the transaction's; ::access when one refuses a login or a right; ::usage for an event that is too large. After any
// failure the
// transaction is lost as a whole and nothing of it shows.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/broker_watch.hpp"
#include "kafka/client_log.hpp"
#include "kafka/connection.hpp"
#include "kafka/feed_headers.hpp"
#include "kafka/handles.hpp"
#include "kafka/leader_watch.hpp"
#include "kafka/partitioner.hpp"
#include "kafka/producer_progress.hpp"
#include "kafka/shard.hpp"

namespace stack::kafka {

// After which the coordinator aborts a transaction whose producer has not ended it.
inline constexpr std::chrono::seconds kTransactionTimeout{60};

struct ProducerOptions {
  std::string topic;
  std::int32_t partitions = 1;                     // of the topic
  Partitioner partitioner = Partitioner::murmur2;  // that chose the records' partitions
  std::string feed_id;
  Shard shard{};
  bool event_times = false;  // records carry their events' own times
  HeaderPlacement headers = HeaderPlacement::batch;
  std::string run_id = new_run_id();
  std::string transactional_id;
  // Records handed to librdkafka and not yet acknowledged. More is slower: with hundreds of thousands queued the
  // client's thread loses its time to cache misses (measured by bench/produce).
  std::uint64_t most_in_flight = 30'000;
  ProducerProgress* progress = nullptr;  // outlives the producer; null: nobody looks on
};

struct Record {
  std::string_view key;
  std::string_view value;
  std::int32_t partition = 0;
  std::uint64_t position = 0;     // in the feed
  std::int64_t timestamp_ms = 0;  // 0: now
};

class Producer {
 public:
  // Fences the predecessor.
  [[nodiscard]] static Result<std::unique_ptr<Producer>> open(const Connection& connection,
                                                              const ProducerOptions& options, const StopFlag* stop);
  ~Producer();

  [[nodiscard]] Result<void> begin();
  // RECORDS are in the order of their positions, either all with times of their own or all without.
  [[nodiscard]] Result<void> send(std::span<const Record> records);
  [[nodiscard]] Result<void> commit();
  // Drops the open transaction, and is this producer's end: who goes on opens another, which fences it. (An abort that
  // overtakes librdkafka's AddPartitionsToTxn is refused by the broker, INVALID_TXN_STATE, and fatal to the client.)
  void abort();

  // After a failure: whether the cluster is there all the same, so that only the transaction is lost, and with it this
  // producer; another may be opened at once.
  [[nodiscard]] bool cluster_is_there() const;

  // For the time in which nothing is sent: takes in acknowledgements, and notices a broker that has gone silent.
  [[nodiscard]] Result<void> idle();

  // Records handed over and not yet acknowledged; takes in the acknowledgements that have come.
  [[nodiscard]] std::uint64_t in_flight();

 private:
  Producer(const Connection& connection, const ProducerOptions& options);
  static rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t* conf, void* opaque, char* reason,
                                    std::size_t size);
  static rd_kafka_resp_err_t on_send(rd_kafka_t* client, rd_kafka_message_t* message, void* opaque);
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  [[nodiscard]] Result<void> await_partitions();
  void connect_to_leader();
  [[nodiscard]] Result<void> wait_for_room(std::size_t records);
  [[nodiscard]] Result<void> send_batch(std::span<const Record> records);
  [[nodiscard]] Result<void> send_timed(std::span<const Record> records);
  [[nodiscard]] BatchPlace place_of(const Record& record);
  [[nodiscard]] Result<void> send_queue(std::int32_t partition);
  [[nodiscard]] Result<void> check_cluster(std::chrono::steady_clock::time_point waiting_since);
  [[nodiscard]] Error refusal(std::int32_t partition, rd_kafka_resp_err_t code) const;
  [[nodiscard]] std::string too_large(const rd_kafka_message_t& message) const;
  [[nodiscard]] Error failure(const std::string& what, const rd_kafka_error_t* error) const;
  void note_commit(std::chrono::steady_clock::duration took);

  ProducerProgress own_progress_;  // where nobody looks on
  ProducerProgress& progress_;
  ClientLog log_;
  ProducerOptions options_;
  Connection connection_;
  BrokerWatch watch_{connection_, log_};
  LeaderWatch leaders_{options_.topic};
  bool told_of_wait_ = false;
  FeedHeaders headers_;
  const StopFlag* stop_ = nullptr;
  // What one send holds for a partition, on its way to the client.
  struct PartitionQueue {
    std::vector<rd_kafka_message_t> messages;
    std::uint64_t position_of_last = 0;
    bool begun = false;  // its first record went out (send_timed)
  };
  std::vector<PartitionQueue> queues_;  // of each partition
  mutable std::mutex delivery_mutex_;
  std::string delivery_error_;  // guarded by delivery_mutex_
  std::atomic<bool> delivery_failed_{false};
  std::atomic<rd_kafka_resp_err_t> delivery_code_{RD_KAFKA_RESP_ERR_NO_ERROR};
  ClientHandle client_;
  Handle<rd_kafka_topic_t> topic_;
};

}  // namespace stack::kafka
