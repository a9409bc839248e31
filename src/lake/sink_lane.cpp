#include "lake/sink_lane.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lake/crash_point.hpp"

namespace stack::lake {
namespace {

// Of one range. Records whose field names never end would make one so wide that nobody can write or read it.
constexpr std::size_t kMostColumns = 1'000;

}  // namespace

Result<std::int64_t> SinkLane::begin(std::int64_t log_start) {
  abandon();
  STACK_TRY_ASSIGN(point, find_resume_point(context_.store, lane_, context_.identity, log_start, bounds_));
  STACK_TRY(check_feed(point.feed));
  lost_ = std::make_shared<std::atomic<bool>>(false);
  // The first claim says where the records of the chain begin.
  log_start_ = bounds_.from && point.first == 0 ? point.position : log_start;
  next_first_ = point.first;
  landed_end_ = point.first;
  position_ = point.position;
  adopted_ = std::move(point.adopted);
  if (adopted_) {
    ++context_.progress.adopted;
    crash_point("after-adopt");
    STACK_TRY(reached(position_));  // a range of nothing is finished already
  }
  return position_;
}

Result<void> SinkLane::check_feed(std::string_view feed) {
  if (feed.empty() || feed == context_.feed) return {};
  if (!context_.feed.empty()) return other_feed(lane_.table, context_.feed, feed);
  context_.feed = feed;
  return {};
}

void SinkLane::open_range() {
  const SinkOptions& options = context_.options;
  const RangeTerms terms = adopted_ ? RangeTerms{adopted_->format, adopted_->compression, adopted_->partition_by}
                                    : RangeTerms{options.format, options.compression, options.partition_by};
  builder_ = std::make_unique<RangeBuilder>(lane_, next_first_, terms, context_.pool, context_.writer, lost_,
                                            context_.dead_letter_copy);
}

Result<void> SinkLane::take(const IncomingRecord& record, RecordParser& parser, Instant now) {
  if (record.offset < position_ || !lost_) [[unlikely]] {
    return {};  // fetched before a seek, or for a range that was given up
  }
  if (record.offset >= bounds_.end) [[unlikely]] {
    return reached(bounds_.end);
  }
  if (adopted_ && record.offset >= adopted_->end) STACK_TRY(finish_adopted());
  if (!builder_) {
    open_range();
    opened_at_ = now;
  }
  builder_->add(record, parser);
  position_ = record.offset + 1;
  if (adopted_) return {};
  const Rotation& rotation = context_.options.rotation;
  const bool full = (rotation.count > 0 && builder_->records() >= rotation.count) ||
                    (rotation.bytes > 0 && builder_->bytes() >= rotation.bytes) ||
                    builder_->column_count() > kMostColumns;
  if (full) close_range(false);
  return {};
}

Result<void> SinkLane::reached(std::int64_t position) {
  if (!lost_) return {};
  position_ = std::max(position_, std::min(position, bounds_.end));
  if (adopted_ && position_ >= adopted_->end) return finish_adopted();
  return {};
}

bool SinkLane::is_due(Instant now) const {
  const auto age = context_.options.rotation.age;
  return has_open_records() && !adopted_ && age.count() > 0 && now - opened_at_ >= age;
}

void SinkLane::close_range(bool even_if_empty) {
  if (adopted_ || !lost_) return;  // its end is the claim's; or it was given up
  if (!has_open_records()) {
    if (!even_if_empty || position_ <= next_first_) return;
    open_range();
  }
  Claim claim;
  claim.first = next_first_;
  claim.end = position_;
  claim.log_start = log_start_;
  claim.cluster_id = context_.identity.cluster_id;
  claim.topic_id = context_.identity.topic_id;
  claim.format = context_.options.format;
  claim.compression = context_.options.compression;
  claim.partition_by = context_.options.partition_by;
  claim.feed = context_.feed;
  builder_->describe(claim);
  next_first_ = claim.end;
  ++sealing_;
  builder_->seal(std::move(claim), false);
  builder_.reset();
}

Result<void> SinkLane::finish_adopted() {
  if (!builder_) open_range();
  Claim found = *adopted_;
  builder_->describe(found);
  if (found.records != adopted_->records || found.dead_letters != adopted_->dead_letters ||
      found.files != adopted_->files) {
    return fail(
        ErrorKind::conflict,
        fmt::format("{}/{}: offsets {} to {} were claimed with {} records, the topic now gives {}: it was "
                    "compacted or trimmed meanwhile; sink into a new --table or --lake",
                    lane_.topic, lane_.partition, adopted_->first, adopted_->end, adopted_->records, found.records));
  }
  next_first_ = adopted_->end;
  if (position_ < next_first_) position_ = next_first_;
  ++sealing_;
  builder_->seal(*std::move(adopted_), true);
  builder_.reset();
  adopted_.reset();
  return {};
}

void SinkLane::abandon() {
  if (lost_) lost_->store(true, std::memory_order_release);
  lost_.reset();
  sealing_ = 0;
  builder_.reset();
  adopted_.reset();
}

void SinkLane::spill(std::size_t min_size) {
  if (builder_) builder_->spill(min_size);
}

bool SinkLane::is_current(const SealOutcome& outcome) const {
  return lost_ != nullptr && outcome.range->belongs_to(lost_);
}

std::int64_t SinkLane::done_end() const {
  const bool rests = lost_ != nullptr && !has_open_records() && sealing_ == 0 && !is_adopting();
  return rests ? std::max(position_, landed_end_) : landed_end_;
}

void SinkLane::landed(const SealOutcome& outcome) {
  --sealing_;
  landed_end_ = outcome.claim.end;
}

}  // namespace stack::lake
