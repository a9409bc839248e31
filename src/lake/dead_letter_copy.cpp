#include "lake/dead_letter_copy.hpp"

#include <fmt/format.h>

#include <vector>

#include "kafka/admin.hpp"

namespace stack::lake {

std::string dead_letter_position(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  return fmt::format("{}+{}@{}", topic, partition, offset);
}

Result<std::unique_ptr<DeadLetterCopy>> DeadLetterCopy::open(const kafka::Connection& connection,
                                                             const std::string& topic, std::string_view from,
                                                             const StopFlag& stop) {
  if (topic == from)
    return fail(ErrorKind::usage,
                fmt::format("--dlq-topic {}: dead letters of a topic cannot go to the same one; name another", topic));
  STACK_TRY_ASSIGN(admin, kafka::Admin::connect(connection, &stop));
  STACK_TRY(admin.existing_topic(topic));
  STACK_TRY_ASSIGN(producer, kafka::RecordProducer::open(connection, topic, {}, &stop));
  return std::unique_ptr<DeadLetterCopy>(new DeadLetterCopy(std::move(producer)));
}

void DeadLetterCopy::copy(const Lane& lane, const DeadLetter& letter,
                          const std::shared_ptr<kafka::Deliveries>& deliveries) {
  const std::string position = dead_letter_position(lane.topic, lane.partition, letter.offset);
  const std::string partition = std::to_string(lane.partition);
  const std::string offset = std::to_string(letter.offset);
  std::vector<kafka::RecordHeader> headers = {{"stack-dlq-reason", letter.reason},
                                              {"stack-dlq-topic", lane.topic},
                                              {"stack-dlq-partition", partition},
                                              {"stack-dlq-offset", offset},
                                              {"stack-dlq-table", lane.table}};
  if (letter.key.data() != nullptr) headers.push_back({"stack-dlq-key", letter.key});
  producer_->send({.key = position, .value = letter.value, .headers = headers}, deliveries);
}

Result<void> DeadLetterCopy::await(const kafka::Deliveries& deliveries) {
  producer_->idle();
  if (auto taken = producer_->await(deliveries); !taken)
    return std::unexpected(std::move(taken).error().within("--dlq-topic"));
  return {};
}

}  // namespace stack::lake
