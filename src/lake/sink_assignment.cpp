// Which partitions a sink's run works on: taken, begun at the end of their claims, waited for while nobody leads them,
// and given back.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lake/sink_run.hpp"

namespace stack::lake {
namespace {

constexpr Milliseconds kOutcomes{50};  // that a rebalance waits for at a time
constexpr Milliseconds kLeaderLook{500};
constexpr Milliseconds kWaitingLook{2'000};
constexpr Milliseconds kElection{2'000};  // that a rebalance waits for leaders at the most

}  // namespace

Result<std::vector<kafka::PartitionOffset>> SinkRun::assigned(std::span<const std::int32_t> partitions) {
  ++context_.progress.assignments;
  std::vector<kafka::PartitionOffset> starts;
  if (partitions.empty()) return starts;
  STACK_TRY(guard_.check());  // partitions are handed out anew when the topic was made anew
  grow(*std::ranges::max_element(partitions) + 1);
  const auto ranges = admin_.led_offsets(topic_, kElection);
  for (const std::int32_t partition : partitions) {
    STACK_TRY_ASSIGN(position, start_lane(partition, ranges[static_cast<std::size_t>(partition)]));
    starts.push_back({partition, position.value_or(kafka::kLogStart)});
    newly_assigned_.push_back(partition);
  }
  return starts;
}

void SinkRun::grow(std::int32_t partitions) {
  if (partitions <= topic_.partitions) return;
  if (connection_.on_notice)
    connection_.on_notice(fmt::format("topic {} now has {} partitions, not {}; all of them are taken", topic_.name,
                                      partitions, topic_.partitions));
  topic_.partitions = partitions;
  lanes_.resize(static_cast<std::size_t>(partitions));
  committed_.resize(lanes_.size(), 0);
}

Result<std::optional<std::int64_t>> SinkRun::start_lane(std::int32_t partition,
                                                        const std::optional<kafka::OffsetRange>& log) {
  auto& lane = lanes_[static_cast<std::size_t>(partition)];
  if (!lane) lane = std::make_unique<SinkLane>(context_, partition);
  std::optional<std::int64_t> position;
  if (log) {
    STACK_TRY_ASSIGN(begun, begin_lane(*lane, *log));
    position = begun;
  }
  if (position) return position;
  lane->abandon();
  lane.reset();
  waiting_.push_back(partition);
  return std::nullopt;
}

Result<std::optional<std::int64_t>> SinkRun::begin_lane(SinkLane& lane, const kafka::OffsetRange& log) {
  STACK_TRY_ASSIGN(position, lane.begin(log.start));
  // A chain that has come to its bound needs nothing of the log, which may have been trimmed beyond it.
  if (position >= lane.bounds().end) return std::max(position, log.start);
  if (lane.chain_end() <= log.end) return position;
  // Another sink may have read on and claimed since: the log's end is asked for once more, behind the chain's.
  const auto again = admin_.led_offsets(topic_, kElection)[static_cast<std::size_t>(lane.lane().partition)];
  const std::int64_t end = lane.chain_end();
  if (!again) return std::nullopt;
  STACK_TRY(check_log_holds(lane.lane(), end, end, *again));
  return position;
}

// A position that the log does not hold any more is an offset to librdkafka; here it is known what hangs on it.
Error SinkRun::explained(Error error) {
  if (error.kind != ErrorKind::conflict) return error;
  if (auto same = guard_.check(); !same) return std::move(same).error();
  const auto ranges = admin_.offsets(topic_);
  if (!ranges) return error;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i]) continue;
    const SinkLane& lane = *lanes_[i];
    if (auto held = check_log_holds(lane.lane(), lane.chain_end(), lane.position(), (*ranges)[i]); !held)
      return std::move(held).error();
  }
  return error;
}

void SinkRun::revoked(std::span<const std::int32_t> partitions, bool lost) {
  ++context_.progress.revocations;
  for (const std::int32_t partition : partitions) {
    auto& lane = lanes_[static_cast<std::size_t>(partition)];
    // What is claimed, or about to be, is brought to its end: the next owner then has nothing to redo.
    while (lane && !lost && lane->sealing() > 0 && !failure_) {
      if (auto heeded = heed_outcomes(kOutcomes); !heeded) failure_ = std::move(heeded).error();
    }
    if (lane) lane->abandon();
    lane.reset();
    std::erase(to_restart_, partition);
    std::erase(newly_assigned_, partition);
    std::erase(waiting_, partition);
  }
}

Result<void> SinkRun::settle_lanes(kafka::Consumer& consumer) {
  for (const std::int32_t partition : std::exchange(to_restart_, {})) {
    STACK_TRY(restart_lane(partition, consumer));
  }
  for (const std::int32_t partition : std::exchange(newly_assigned_, {})) {
    // librdkafka keeps a pause while the partition is elsewhere and comes back.
    const bool waits = std::ranges::find(waiting_, partition) != waiting_.end();
    const bool rests = paused_ || waits || is_finished(partition);
    STACK_TRY(rests ? consumer.pause(partition) : consumer.resume(partition));
  }
  return {};
}

Result<void> SinkRun::restart_lane(std::int32_t partition, kafka::Consumer& consumer) {
  const auto ranges = admin_.led_offsets(topic_, kElection);
  STACK_TRY_ASSIGN(position, start_lane(partition, ranges[static_cast<std::size_t>(partition)]));
  if (!position) return consumer.pause(partition);
  STACK_TRY(consumer.seek(partition, *position));
  if (!paused_) STACK_TRY(consumer.resume(partition));  // it may have been done with its goal, and is not any more
  return {};
}

Result<void> SinkRun::begin_waiting(kafka::Consumer& consumer, SinkLane::Instant now) {
  if (waiting_.empty() || now - waiting_looked_at_ < kWaitingLook) return {};
  const auto ranges = admin_.led_offsets(topic_, Milliseconds{0});
  waiting_looked_at_ = clock_.steady();
  for (const std::int32_t partition : std::exchange(waiting_, {})) {
    STACK_TRY_ASSIGN(position, start_lane(partition, ranges[static_cast<std::size_t>(partition)]));
    if (!position) continue;
    STACK_TRY(consumer.seek(partition, *position));
    const bool rests = paused_ || is_finished(partition);
    if (!rests) STACK_TRY(consumer.resume(partition));
  }
  return {};
}

Result<void> SinkRun::heed_leaders(const kafka::Consumer& consumer, SinkLane::Instant now) {
  if (paused_ || consumer.is_cut_off() || now - leaders_looked_at_ < kLeaderLook) return {};
  leaders_looked_at_ = now;
  std::vector<AbsentLeaders::Partition> absent;
  std::size_t owned = 0;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    const bool is_own = lanes_[i] || std::ranges::find(waiting_, partition) != waiting_.end();
    if (!is_own || is_finished(partition)) continue;
    ++owned;
    if (const auto absence = consumer.leader_absence(partition); absence > Milliseconds{0})
      absent.push_back({partition, absence});
  }
  return absent_leaders_.look(absent, owned, goal_.has_value(), now);
}

}  // namespace stack::lake
