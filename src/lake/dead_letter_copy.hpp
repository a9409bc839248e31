// A copy of each dead letter on a topic of its own: the record's value as it was, under the key
// "<topic>+<partition>@<offset>", with the headers stack-dlq-reason, -topic, -partition, -offset, -table and, where the
// record had a key, -key. At least once: a range's dead letters are acknowledged by the topic before the range's files
// are complete, so that a sink which dies in between leaves a range that is done again, copies included.
// Thread-safety: copy() and await() from any thread. Failure: as kafka::RecordProducer, with the topic's name.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/stop_flag.hpp"
#include "kafka/connection.hpp"
#include "kafka/record_producer.hpp"
#include "lake/dead_letter.hpp"
#include "lake/lake_layout.hpp"

namespace stack::lake {

// "<topic>+<partition>@<offset>".
[[nodiscard]] std::string dead_letter_position(std::string_view topic, std::int32_t partition, std::int64_t offset);

class DeadLetterCopy {
 public:
  // The topic has to be there, and must not be FROM, the one that is read: its dead letters would have no end.
  [[nodiscard]] static Result<std::unique_ptr<DeadLetterCopy>> open(const kafka::Connection& connection,
                                                                    const std::string& topic, std::string_view from,
                                                                    const StopFlag& stop);

  void copy(const Lane& lane, const DeadLetter& letter, const std::shared_ptr<kafka::Deliveries>& deliveries);
  // Until all of DELIVERIES, which may be none, are on the topic.
  [[nodiscard]] Result<void> await(const kafka::Deliveries& deliveries);

 private:
  explicit DeadLetterCopy(std::unique_ptr<kafka::RecordProducer> producer) : producer_(std::move(producer)) {}
  std::unique_ptr<kafka::RecordProducer> producer_;
};

}  // namespace stack::lake
