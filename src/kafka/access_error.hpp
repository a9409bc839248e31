// What a cluster's authorizer does not let a client do, in words that name the right to ask for.
// Thread-safety: free functions over plain values. Never fails.
#pragma once

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "kafka/connection.hpp"

namespace stack::kafka {

// What was tried, and on what; which of the names counts is told by the error's code.
struct Attempt {
  std::string_view operation;  // the right's name in kafka-acls: Write, Read, Describe, Create, …
  std::string_view topic;
  std::string_view group = {};
  std::string_view transactional_id = {};
};

// None for codes that tell of something else.
[[nodiscard]] std::optional<Error> access_error(const Connection& connection, rd_kafka_resp_err_t code,
                                                const Attempt& attempt);

}  // namespace stack::kafka
