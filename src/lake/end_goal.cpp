#include "lake/end_goal.hpp"

#include <algorithm>
#include <array>

#include "kafka/consumer.hpp"

namespace stack::lake {

bool EndGoal::is_met() const {
  return std::ranges::all_of(met_, [](bool met) { return met; });
}

Result<bool> EndGoal::look_at_foreign(std::int32_t partition, const kafka::OffsetRange& log, ObjectStore& store,
                                      const kafka::Connection& connection) {
  const Lane lane{table_, topic_, partition};
  STACK_TRY_ASSIGN(last, last_claim(store, lane));
  if (last) {
    STACK_TRY_ASSIGN(complete, is_complete(store, lane, *last));
    if (!complete) return false;
  }
  const std::int64_t chain_end = last ? last->end : log.start;
  if (chain_end > log.end) return false;
  if (chain_end < end(partition)) {
    if (chain_end < log.start) return false;
    STACK_TRY_ASSIGN(nothing_left, has_no_records(partition, chain_end, connection));
    if (!nothing_left) return false;
  }
  mark_met(partition);
  return true;
}

Result<bool> EndGoal::has_no_records(std::int32_t partition, std::int64_t from,
                                     const kafka::Connection& connection) const {
  constexpr int kPolls = 20;
  const std::array start{kafka::PartitionOffset{partition, from}};
  STACK_TRY_ASSIGN(reader, kafka::Consumer::assign(connection, topic_, start, {.queue_bytes = 1U << 20, .batch = 1}));
  for (int i = 0; i < kPolls; ++i) {
    STACK_TRY_ASSIGN(batch, reader->poll(Milliseconds{100}));
    if (!batch.empty()) return batch[0].offset() >= end(partition);
    for (const auto& at : batch.ends()) {
      if (at.offset >= end(partition)) return true;
    }
  }
  return false;
}

}  // namespace stack::lake
