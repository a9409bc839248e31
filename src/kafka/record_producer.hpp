// Sends records of anybody's making, each with its own key, value and headers, to one topic: what Producer, which sends
// a feed, does not do. Idempotent and acknowledged by all replicas; in transactions where it has a transactional id.
// Keys go to the partitions that Java's clients choose; null keys anywhere.
// Thread-safety: send() and await() from any thread; open, begin, commit and abort from one.
// Failure: ErrorKind::unreachable names the topic when a record was not taken for as long as the delivery timeout;
// ::access for a right that is missing; ::usage for a record that the topic does not take; ::conflict when another
// producer of the same transactional id has begun.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/client_log.hpp"
#include "kafka/connection.hpp"
#include "kafka/handles.hpp"

namespace stack::kafka {

struct RecordHeader {
  const char* name;
  std::string_view value;
};

// A view without data() is null, which is not the same as empty.
struct OutgoingRecord {
  std::string_view key;
  std::string_view value;
  std::span<const RecordHeader> headers;
};

// What became of a number of records that belong together.
class Deliveries {
 public:
  [[nodiscard]] bool all_settled() const { return settled_ == sent_; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  // Of the first that was refused; none as long as there is none.
  [[nodiscard]] std::optional<Error> error() const;

 private:
  friend class RecordProducer;
  void refuse(Error error);

  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> settled_{0};
  mutable std::mutex mutex_;
  std::optional<Error> error_;
};

class RecordProducer {
 public:
  // The topic has to be there. TRANSACTIONAL_ID: empty for none; with one, whoever had it before is fenced, and what it
  // had not committed is aborted.
  [[nodiscard]] static Result<std::unique_ptr<RecordProducer>> open(const Connection& connection, std::string topic,
                                                                    const std::string& transactional_id = {},
                                                                    const StopFlag* stop = nullptr);
  RecordProducer(const RecordProducer&) = delete;
  RecordProducer& operator=(const RecordProducer&) = delete;
  ~RecordProducer();  // what was not delivered is given up

  // Hands a copy over; waits for room. What becomes of it, DELIVERIES tell.
  void send(const OutgoingRecord& record, const std::shared_ptr<Deliveries>& deliveries);
  // Waits until each of DELIVERIES is settled; the first error among them.
  [[nodiscard]] Result<void> await(const Deliveries& deliveries);
  // Hears what the client has to say, which else piles up while nothing is sent.
  void idle() { rd_kafka_poll(client_.get(), 0); }

  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> commit();
  void abort();

 private:
  RecordProducer(const Connection& connection, std::string topic);
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  [[nodiscard]] Result<void> open_transactions(const StopFlag* stop);
  [[nodiscard]] Error refusal(rd_kafka_resp_err_t code, std::size_t bytes) const;
  [[nodiscard]] Error failure(std::string_view what, const rd_kafka_error_t* error) const;

  Connection connection_;
  ClientLog log_;
  std::string topic_;
  std::string transactional_id_;
  ClientHandle client_;
};

}  // namespace stack::kafka
