// One run of the sink: the consuming loop, its lanes, and what rebalances, the writer's outcomes, the memory budget and
// the end of the work mean to them.
// Thread-safety: one thread; the writer's threads are behind RangeWriter. Failure: as run_sink.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/stop_flag.hpp"
#include "kafka/admin.hpp"
#include "kafka/consumer.hpp"
#include "lake/absent_leaders.hpp"
#include "lake/end_goal.hpp"
#include "lake/sink_lane.hpp"
#include "lake/topic_guard.hpp"

namespace stack::lake {

class SinkRun final : public kafka::RebalanceListener {
 public:
  SinkRun(SinkContext& context, const kafka::Connection& connection, kafka::Admin& admin, kafka::TopicFacts topic,
          TopicGuard& guard, const Clock& clock, const StopFlag& stop);

  // Consumes until it is stopped or the end is reached; whether the end was. CONSUMER has joined with this listener.
  [[nodiscard]] Result<bool> consume(kafka::Consumer& consumer);

  [[nodiscard]] Result<std::vector<kafka::PartitionOffset>> assigned(std::span<const std::int32_t> partitions) override;
  void revoked(std::span<const std::int32_t> partitions, bool lost) override;

 private:
  [[nodiscard]] Result<bool> step(kafka::Consumer& consumer);
  [[nodiscard]] Result<void> take(const kafka::MessageBatch& batch, SinkLane::Instant now);
  [[nodiscard]] Result<void> heed_outcomes(Milliseconds timeout);
  [[nodiscard]] Result<void> settle_lanes(kafka::Consumer& consumer);
  // Room for PARTITIONS, which the topic has been given since.
  void grow(std::int32_t partitions);
  // PARTITION's lane begins; the position to read from. None: no leader answers (no LOG), the partition has to wait.
  [[nodiscard]] Result<std::optional<std::int64_t>> start_lane(std::int32_t partition,
                                                               const std::optional<kafka::OffsetRange>& log);
  // LANE begins at LOG, which was asked for before the chain was read; the position to read from. None: no leader tells
  // whether the log holds the chain's end.
  [[nodiscard]] Result<std::optional<std::int64_t>> begin_lane(SinkLane& lane, const kafka::OffsetRange& log);
  [[nodiscard]] Error explained(Error error);
  [[nodiscard]] Result<void> restart_lane(std::int32_t partition, kafka::Consumer& consumer);
  [[nodiscard]] Result<void> begin_waiting(kafka::Consumer& consumer, SinkLane::Instant now);
  [[nodiscard]] Result<void> heed_leaders(const kafka::Consumer& consumer, SinkLane::Instant now);
  // Whether nothing is left to take of PARTITION.
  [[nodiscard]] bool is_finished(std::int32_t partition) const;
  [[nodiscard]] PartitionBounds bounds_of(std::int32_t partition) const {
    return context_.bounds ? context_.bounds->of(partition) : PartitionBounds{};
  }
  void close_due_ranges(SinkLane::Instant now);
  [[nodiscard]] Result<void> stay_within_budget(kafka::Consumer& consumer);
  [[nodiscard]] Result<void> resume_if_room(kafka::Consumer& consumer);
  void close_largest_range();
  [[nodiscard]] Result<void> set_goal_if_asked();
  [[nodiscard]] Result<bool> check_goal(kafka::Consumer& consumer, SinkLane::Instant now);
  [[nodiscard]] Result<void> flush(kafka::Consumer& consumer);
  void commit_landed(kafka::Consumer& consumer);
  void show(const kafka::Consumer& consumer);

  template <class Do>
  void for_each_lane(Do&& act) {
    for (const auto& lane : lanes_) {
      if (lane) act(*lane);
    }
  }

  SinkContext& context_;
  const kafka::Connection& connection_;
  kafka::Admin& admin_;
  kafka::TopicFacts topic_;
  TopicGuard& guard_;
  const Clock& clock_;
  const StopFlag& stop_;
  RecordParser parser_;
  std::vector<std::unique_ptr<SinkLane>> lanes_;  // by partition; null where another sink owns it
  std::vector<std::int64_t> committed_;           // by partition, what the group was told
  std::optional<EndGoal> goal_;
  std::optional<Error> failure_;              // met where it could not be returned
  std::vector<std::int32_t> to_restart_;      // owned partitions that lost a race
  std::vector<std::int32_t> newly_assigned_;  // whose pause is not set yet
  std::vector<std::int32_t> waiting_;         // owned partitions without a lane, since no leader told where they begin
  AbsentLeaders absent_leaders_;
  SinkLane::Instant leaders_looked_at_{};
  SinkLane::Instant waiting_looked_at_{};
  SinkLane::Instant foreign_looked_at_{};
  std::vector<PartitionLag> lags_;  // of the latest look
  bool paused_ = false;
};

}  // namespace stack::lake
