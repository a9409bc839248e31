#include "kafka/access_error.hpp"

#include <fmt/format.h>

#include "kafka/login_error.hpp"

namespace stack::kafka {
namespace {

struct Resource {
  std::string_view kind;    // in words
  std::string_view option;  // of kafka-acls
  std::string_view name;
  std::string_view operation;
};

std::optional<Resource> resource_of(rd_kafka_resp_err_t code, const Attempt& attempt) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return Resource{"topic", "--topic", attempt.topic, attempt.operation};
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return Resource{"consumer group", "--group", attempt.group, "Read"};
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return Resource{"transactional id", "--transactional-id", attempt.transactional_id, "Write"};
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return Resource{"cluster", "--cluster", "", attempt.operation};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Error> access_error(const Connection& connection, rd_kafka_resp_err_t code, const Attempt& attempt) {
  const auto resource = resource_of(code, attempt);
  if (!resource) return std::nullopt;
  const auto who = login_facts(connection.properties).who();
  const auto named =
      resource->name.empty() ? std::string{resource->kind} : fmt::format("{} {}", resource->kind, resource->name);
  return Error{ErrorKind::access,
               fmt::format("Kafka at {} does not allow {} the operation {} on {}: have it granted (kafka-acls --add "
                           "--allow-principal User:... --operation {} {}{}{})",
                           connection.bootstrap_servers, who, resource->operation, named, resource->operation,
                           resource->option, resource->name.empty() ? "" : " ", resource->name)};
}

}  // namespace stack::kafka
