// Which of a cluster's refusals may pass without anybody's doing: of one that starts, moves its controller, or is asked
// for more than it takes at a time.
// Thread-safety: a free function. Never fails.
#pragma once

#include <librdkafka/rdkafka.h>

#include "core/result.hpp"

namespace stack::kafka {

[[nodiscard]] bool may_pass(rd_kafka_resp_err_t code);
// ErrorKind::unreachable for one that may pass, so that whoever started the program starts it again, else
// ErrorKind::usage.
[[nodiscard]] ErrorKind kind_of_refusal(rd_kafka_resp_err_t code);

}  // namespace stack::kafka
