// One partition that this sink owns: from its resume point it takes records in order, closes ranges, and hears from
// the writer what became of them. It knows no Kafka: the sink moves records in and offsets out.
// Thread-safety: for the thread that consumes. Failure: ErrorKind::conflict as in resume_point.hpp, or when a range
// that is redone does not hold what its claim says.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lake/range_builder.hpp"
#include "lake/resume_point.hpp"
#include "lake/sink.hpp"
#include "lake/topic_bounds.hpp"

namespace stack::lake {

// What all lanes of a sink share.
struct SinkContext {
  const SinkOptions& options;
  ObjectStore& store;
  BlockPool& pool;
  RangeWriter& writer;
  SinkProgress& progress;
  TopicIdentity identity;
  std::string feed;  // that the table holds, empty until it is known
  std::optional<TopicBounds> bounds = {};
  DeadLetterCopy* dead_letter_copy = nullptr;  // null: none is asked for
};

class SinkLane {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  SinkLane(SinkContext& context, std::int32_t partition)
      : context_(context),
        lane_{context.options.table, context.options.topic, partition},
        bounds_(context.bounds ? context.bounds->of(partition) : PartitionBounds{}) {}

  // Finds the place in the chain; the offset to read from. Also after a lost boundary: drops what was read.
  [[nodiscard]] Result<std::int64_t> begin(std::int64_t log_start);

  // Whether the next record opens a range, so that its feed should be looked at.
  [[nodiscard]] bool opens_range() const { return builder_ == nullptr; }
  // Refuses records of another feed than the table's.
  [[nodiscard]] Result<void> check_feed(std::string_view feed);
  [[nodiscard]] Result<void> take(const IncomingRecord& record, RecordParser& parser, Instant now);
  // The consumer has come to POSITION: everything before it was given to take().
  [[nodiscard]] Result<void> reached(std::int64_t position);

  // Whether the open range is old enough to be closed.
  [[nodiscard]] bool is_due(Instant now) const;
  [[nodiscard]] bool has_open_records() const { return builder_ != nullptr && builder_->records() > 0; }
  // Closes the open range at the position that was reached. EVEN_IF_EMPTY: also one of nothing but control records.
  void close_range(bool even_if_empty);
  // Gives up what has not landed. Nothing is taken any more until begin().
  void abandon();
  void spill(std::size_t min_size);
  [[nodiscard]] std::uint64_t buffered() const { return builder_ ? builder_->buffered() : 0; }
  [[nodiscard]] std::size_t open_uploads() const { return builder_ ? builder_->open_uploads() : 0; }
  [[nodiscard]] std::size_t file_count() const { return builder_ ? builder_->file_count() : 0; }

  // Whether OUTCOME is of the lane's present life: not of one before a lost boundary.
  [[nodiscard]] bool is_current(const SealOutcome& outcome) const;
  // A current range landed.
  void landed(const SealOutcome& outcome);

  [[nodiscard]] const Lane& lane() const { return lane_; }
  [[nodiscard]] const PartitionBounds& bounds() const { return bounds_; }
  [[nodiscard]] std::int64_t position() const { return position_; }      // everything before it was taken
  [[nodiscard]] std::int64_t landed_end() const { return landed_end_; }  // everything before it is in the lake
  // Everything before it is in the lake, or is a transaction's end mark behind the last record: those land nowhere.
  [[nodiscard]] std::int64_t done_end() const;
  // Where the chain ends that begin() found.
  [[nodiscard]] std::int64_t chain_end() const { return adopted_ ? adopted_->end : landed_end_; }
  [[nodiscard]] std::size_t sealing() const { return sealing_; }  // ranges that the writer still has
  [[nodiscard]] bool is_adopting() const { return adopted_.has_value(); }

 private:
  void open_range();
  [[nodiscard]] Result<void> finish_adopted();

  SinkContext& context_;
  Lane lane_;
  PartitionBounds bounds_;
  std::int64_t log_start_ = 0;
  std::int64_t next_first_ = 0;  // where the open range, or the next, begins
  std::int64_t position_ = 0;
  std::int64_t landed_end_ = 0;
  std::size_t sealing_ = 0;
  Instant opened_at_{};
  std::optional<Claim> adopted_;  // the claim whose range is being redone
  std::shared_ptr<std::atomic<bool>> lost_;
  std::unique_ptr<RangeBuilder> builder_;
};

}  // namespace stack::lake
