#include "lake/sink_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kafka/feed_headers.hpp"
#include "lake/crash_point.hpp"

namespace stack::lake {
namespace {

constexpr Milliseconds kPoll{50};
constexpr Milliseconds kForeignLook{1'000};
constexpr std::size_t kWorthSpilling = 32U << 10;  // of a buffer, when memory is short
constexpr std::size_t kMostUploads = 400;          // open at once: each is a file descriptor or a multipart upload
constexpr std::size_t kMostFiles = 10'000;         // of one range: the claim lists them

// A view whose data() is null for a null key or value, which are not the same as empty ones.
std::string_view view_of(bool present, std::string_view bytes) {
  if (!present) return {};
  return bytes.data() != nullptr ? bytes : std::string_view("");
}

}  // namespace

SinkRun::SinkRun(SinkContext& context, const kafka::Connection& connection, kafka::Admin& admin,
                 kafka::TopicFacts topic, TopicGuard& guard, const Clock& clock, const StopFlag& stop)
    : context_(context),
      connection_(connection),
      admin_(admin),
      topic_(std::move(topic)),
      guard_(guard),
      clock_(clock),
      stop_(stop),
      lanes_(static_cast<std::size_t>(topic_.partitions)),
      committed_(lanes_.size(), 0),
      absent_leaders_(topic_.name, connection) {}

Result<bool> SinkRun::consume(kafka::Consumer& consumer) {
  while (!stop_.requested()) {
    STACK_TRY_ASSIGN(done, step(consumer));
    if (done) return true;
  }
  STACK_TRY(flush(consumer));
  return false;
}

Result<bool> SinkRun::step(kafka::Consumer& consumer) {
  STACK_TRY(set_goal_if_asked());
  auto polled = consumer.poll(kPoll);
  if (!polled) return std::unexpected(explained(std::move(polled).error()));
  kafka::MessageBatch batch = *std::move(polled);
  if (failure_) return std::unexpected(*std::exchange(failure_, std::nullopt));
  const auto now = clock_.steady();
  STACK_TRY(take(batch, now));
  batch = {};
  STACK_TRY(heed_outcomes(Milliseconds{0}));
  STACK_TRY(settle_lanes(consumer));
  STACK_TRY(begin_waiting(consumer, now));
  STACK_TRY(heed_leaders(consumer, now));
  close_due_ranges(now);
  STACK_TRY(stay_within_budget(consumer));
  commit_landed(consumer);
  show(consumer);
  return check_goal(consumer, now);
}

Result<void> SinkRun::take(const kafka::MessageBatch& batch, SinkLane::Instant now) {
  std::uint64_t bytes = 0;
  SinkLane* checked = nullptr;  // the lane whose feed was looked at in this batch
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const kafka::Message message = batch[i];
    SinkLane* lane = lanes_[static_cast<std::size_t>(message.partition())].get();
    if (lane == nullptr) continue;  // fetched before it was revoked
    if (lane->opens_range() || lane != checked) {
      const auto feed = message.header(kafka::kFeedHeader);
      STACK_TRY(lane->check_feed(feed.value_or(std::string_view{})));
      STACK_TRY(kafka::check_record_form(
          message.header(kafka::kContentTypeHeader), message.header(kafka::kSchemaHeader),
          {.topic = topic_.name, .partition = message.partition(), .offset = message.offset()}));
      checked = lane;
    }
    bytes += message.value().size();
    STACK_TRY(lane->take({message.offset(), message.timestamp_ms(), view_of(message.has_key(), message.key()),
                          view_of(message.has_value(), message.value())},
                         parser_, now));
  }
  for (const auto& end : batch.ends()) {
    if (auto& lane = lanes_[static_cast<std::size_t>(end.partition)]) STACK_TRY(lane->reached(end.offset));
  }
  context_.progress.events += batch.size();
  context_.progress.bytes += bytes;
  return {};
}

Result<void> SinkRun::heed_outcomes(Milliseconds timeout) {
  Result<void> result;
  for (SealOutcome& outcome : context_.writer.outcomes(timeout)) {
    auto& lane = lanes_[static_cast<std::size_t>(outcome.range->lane().partition)];
    if (!lane || !lane->is_current(outcome)) continue;
    switch (outcome.kind) {
      case SealOutcome::Kind::landed:
        lane->landed(outcome);
        break;
      case SealOutcome::Kind::failed:
        ++context_.progress.write_failures;
        lane->abandon();
        if (result) result = std::unexpected(std::move(outcome.error));
        break;
      case SealOutcome::Kind::lost:
        ++context_.progress.claims_lost;
        lane->abandon();
        to_restart_.push_back(lane->lane().partition);  // by the winner's claim; not now: this may be a rebalance
        break;
      case SealOutcome::Kind::dropped:
        break;
    }
  }
  return result;
}

bool SinkRun::is_finished(std::int32_t partition) const {
  if (goal_ && goal_->is_met(partition)) return true;
  return bounds_of(partition).is_nothing();
}

void SinkRun::close_due_ranges(SinkLane::Instant now) {
  for_each_lane([&](SinkLane& lane) {
    if (lane.is_due(now) || lane.file_count() > kMostFiles) lane.close_range(false);
  });
}

void SinkRun::close_largest_range() {
  SinkLane* largest = nullptr;
  for_each_lane([&](SinkLane& lane) {
    if (!largest || lane.buffered() > largest->buffered()) largest = &lane;
  });
  if (largest == nullptr) return;
  largest->close_range(false);
  largest->spill(1);  // a range that is redone cannot be closed early: its buffers go to its uploads
}

Result<void> SinkRun::stay_within_budget(kafka::Consumer& consumer) {
  std::size_t uploads = 0;
  for_each_lane([&](const SinkLane& lane) { uploads += lane.open_uploads(); });
  if (uploads > kMostUploads) {
    for_each_lane([](SinkLane& lane) { lane.close_range(false); });
  }
  BlockPool& pool = context_.pool;
  if (pool.in_use() > pool.limit()) {
    for_each_lane([](SinkLane& lane) { lane.spill(kWorthSpilling); });
    if (pool.wait_below(pool.limit(), Milliseconds{50})) return {};
    close_largest_range();
    if (pool.wait_below(pool.limit(), Milliseconds{500}) || paused_) return {};
    paused_ = true;
    context_.progress.paused = true;
    context_.progress.paused_since_us = clock_.now().time_since_epoch().count();
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (lanes_[i]) STACK_TRY(consumer.pause(static_cast<std::int32_t>(i)));
    }
    return {};
  }
  STACK_TRY(resume_if_room(consumer));
  // Nothing comes in while paused: what the lanes still hold has to go, or there will never be room.
  if (paused_ && context_.writer.pending() == 0) close_largest_range();
  return {};
}

Result<void> SinkRun::resume_if_room(kafka::Consumer& consumer) {
  if (!paused_ || context_.pool.in_use() > context_.pool.limit() / 2) return {};
  paused_ = false;
  context_.progress.paused = false;
  context_.progress.paused_since_us = 0;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    if (lanes_[i] && !is_finished(partition)) STACK_TRY(consumer.resume(partition));
  }
  return {};
}

Result<void> SinkRun::set_goal_if_asked() {
  const SinkOptions& options = context_.options;
  const bool topics_end = options.until_end || (options.drain != nullptr && options.drain->requested());
  const bool own_end = context_.bounds && context_.bounds->has_end();
  if (goal_ || !(topics_end || own_end)) return {};
  STACK_TRY_ASSIGN(facts, admin_.existing_topic(topic_.name));
  grow(facts.partitions);
  STACK_TRY_ASSIGN(ranges, admin_.settled_offsets(topic_));
  std::vector<std::int64_t> ends;
  ends.reserve(ranges.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const std::int64_t bound = bounds_of(static_cast<std::int32_t>(i)).end;
    ends.push_back(topics_end ? std::min(ranges[i].end, bound) : bound);
  }
  goal_.emplace(options.table, options.topic, std::move(ends));
  for (std::int32_t partition = 0; partition < topic_.partitions; ++partition) {
    if (bounds_of(partition).is_nothing()) goal_->mark_met(partition);
  }
  return {};
}

Result<bool> SinkRun::check_goal(kafka::Consumer& consumer, SinkLane::Instant now) {
  if (!goal_) return false;
  bool own_are_met = true;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    SinkLane* lane = lanes_[i].get();
    if (lane == nullptr || goal_->is_met(partition)) continue;
    const std::int64_t end = goal_->end(partition);
    if (lane->landed_end() >= end && !lane->is_adopting()) {
      goal_->mark_met(partition);
      STACK_TRY(consumer.pause(partition));  // what came later is another run's
      continue;
    }
    own_are_met = false;
    if (lane->position() < end || lane->sealing() > 0) continue;
    lane->close_range(true);
    // Behind its own bound nothing is ever wanted; a race that is lost here seeks, and goes on.
    if (lane->bounds().end <= end) STACK_TRY(consumer.pause(partition));
  }
  if (goal_->is_met()) {
    for_each_lane([](SinkLane& lane) { lane.abandon(); });
    commit_landed(consumer);
    return true;
  }
  if (!own_are_met || now - foreign_looked_at_ < kForeignLook) return false;
  foreign_looked_at_ = now;
  STACK_TRY_ASSIGN(ranges, admin_.offsets(topic_));
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    if (lanes_[i] || goal_->is_met(partition)) continue;
    // Before the lower bound there is nothing that a chain would have to hold.
    const kafka::OffsetRange log{std::max(ranges[i].start, bounds_of(partition).from.value_or(0)), ranges[i].end};
    STACK_TRY(goal_->look_at_foreign(partition, log, context_.store, connection_));
  }
  return false;
}

Result<void> SinkRun::flush(kafka::Consumer& consumer) {
  for_each_lane([](SinkLane& lane) { lane.close_range(false); });
  const auto is_sealing = [this] {
    return std::ranges::any_of(lanes_, [](const auto& lane) { return lane && lane->sealing() > 0; });
  };
  while (is_sealing()) STACK_TRY(heed_outcomes(kPoll));
  commit_landed(consumer);
  return {};
}

void SinkRun::commit_landed(kafka::Consumer& consumer) {
  std::vector<kafka::PartitionOffset> news;
  for_each_lane([&](const SinkLane& lane) {
    const std::int32_t partition = lane.lane().partition;
    std::int64_t& told = committed_[static_cast<std::size_t>(partition)];
    if (lane.bounds().is_nothing() || lane.done_end() <= told) return;
    told = lane.done_end();
    news.push_back({partition, told});
  });
  if (news.empty()) return;
  consumer.commit(news);
  crash_point("after-commit");
}

void SinkRun::show(const kafka::Consumer& consumer) {
  SinkProgress& progress = context_.progress;
  std::int64_t lag = 0;
  std::uint64_t open = 0;
  std::uint64_t closed = 0;
  lags_.clear();
  for_each_lane([&](const SinkLane& lane) {
    const std::int32_t partition = lane.lane().partition;
    const std::int64_t wanted = std::min(consumer.known_end(partition), lane.bounds().end);
    lags_.push_back({partition, lane.bounds().is_nothing() ? 0 : std::max<std::int64_t>(wanted - lane.done_end(), 0)});
    lag += lags_.back().records;
    open += lane.has_open_records() ? 1U : 0U;
    closed += lane.sealing();
  });
  progress.lag = lag;
  progress.partitions = static_cast<std::uint32_t>(lags_.size());
  progress.lags.replace(lags_);
  progress.open_ranges = open;
  progress.closed_ranges = closed;
  progress.pending_writes = context_.writer.pending();
  progress.buffered = context_.pool.in_use();
}

}  // namespace stack::lake
