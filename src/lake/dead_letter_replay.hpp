// Dead letters back onto a topic: each record's key and value as they were, in transactions, with its position in the
// header stack-dlq-position and the replay's id in stack-dlq-replay. What was sent is read from the topic itself, so
// that a replay which was killed, run again, sends nothing twice; a successor fences it. A table's replays to a topic
// are numbered under _stack/replays/<table>/<topic>/; each is begun by an object that holds its id and where the
// topic's partitions ended then. A new number is taken for AGAIN alone. STACK_CRASH_AT knows the steps
// before-replay-commit and after-replay-commit (crash_point.hpp). Thread-safety: blocks its thread. Failure:
// ErrorKind::conflict when all was sent before, or when the topic does not tell any more what was; else as
// kafka::RecordProducer and the store.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/connection.hpp"
#include "lake/dead_letter_reader.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

struct ReplayOptions {
  std::string table;
  DeadLetterFilter filter;
  std::string to_topic;
  std::uint64_t limit = 0;  // of what is sent; 0: none
  bool again = false;       // what was sent before as well; but a replay that was not finished is finished first
  bool dry_run = false;     // nothing is sent or written
};

struct ReplaySummary {
  std::uint64_t matched = 0;  // dead letters that the filter takes
  std::uint64_t sent = 0;     // of a dry run: that would be sent
  std::uint64_t already = 0;  // were sent before
};

[[nodiscard]] Result<ReplaySummary> replay_dead_letters(const ReplayOptions& options,
                                                        const kafka::Connection& connection, ObjectStore& store,
                                                        const StopFlag& stop);

}  // namespace stack::lake
