// Which events of a feed meet which faults on their way: decided for each (symbol, seq) by a hash, so that neither
// threads nor batches matter, and all of it is counted before the first event exists.
// Thread-safety: immutable once made. Never fails.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "market/feed_batch.hpp"
#include "market/feed_shape.hpp"

namespace stack::market {

struct FaultCounts {
  std::uint64_t late = 0;        // published later than their turn, in and out of order
  std::uint64_t held = 0;        // by an outage, and published when it ended
  std::uint64_t duplicated = 0;  // copies
  std::uint64_t malformed = 0;
  std::uint64_t dropped = 0;    // never made, by an outage
  std::uint64_t under_way = 0;  // late or held, and not published yet where the feed was cut off

  friend bool operator==(const FaultCounts&, const FaultCounts&) = default;
  FaultCounts& operator+=(const FaultCounts& other) {
    late += other.late;
    held += other.held;
    duplicated += other.duplicated;
    malformed += other.malformed;
    dropped += other.dropped;
    under_way += other.under_way;
    return *this;
  }
};

// What becomes of one event.
struct EventFate {
  std::int64_t publish = 0;  // when; its own time without a fault
  bool late = false;
  bool held = false;
  const Fault* malformed = nullptr;
  std::uint64_t chance = 0;          // random bits of the malformation
  std::vector<std::int64_t> copies;  // when each of them is published
};

class FaultPlan {
 public:
  // Events FIRST_SEQ <= seq < END_SEQ of a symbol meet the fault; RELEASE is when a hold ends.
  struct Interval {
    std::uint64_t first_seq = 0;
    std::uint64_t end_seq = 0;
    std::uint32_t fault = 0;
    std::int64_t release = 0;
  };
  struct Meeting {
    std::uint32_t fault = 0;
    std::int64_t release = 0;
  };
  // A run of a symbol's events that meet the same faults.
  struct Segment {
    std::uint64_t first_seq = 0;
    std::uint64_t end_seq = 0;
    std::uint32_t first_meeting = 0;
    std::uint32_t end_meeting = 0;
  };

  // INTERVALS and HASHES (symbol_hash): one a symbol.
  FaultPlan(std::vector<Fault> faults, std::uint64_t seed, const std::vector<std::uint64_t>& hashes,
            const std::vector<std::vector<Interval>>& intervals);

  [[nodiscard]] std::span<const Segment> segments(std::size_t symbol) const { return segments_[symbol]; }
  // Finds the events of BATCH that meet a fault; its symbols and seq are there.
  void mark(FeedBatch& batch) const;
  // The fate of the event (SYMBOL, SEQ) of SEGMENT that happened at TIME.
  void decide(const Segment& segment, std::size_t symbol, std::uint64_t seq, std::int64_t time, EventFate& fate) const;
  // Of the whole feed; dropped is the feed's to say.
  [[nodiscard]] const FaultCounts& counts() const { return counts_; }
  // By how much the faults together may move an event, beyond an outage's end.
  [[nodiscard]] std::int64_t longest_delay() const { return longest_delay_; }

 private:
  void cut(std::vector<Interval> intervals, std::size_t symbol);
  void count(std::size_t symbol);
  // The random bits of one fault for one event, and whether the event is of its share.
  [[nodiscard]] std::uint64_t bits_of(std::uint32_t fault, std::size_t symbol, std::uint64_t seq) const;
  [[nodiscard]] bool is_hit(std::uint32_t fault, std::uint64_t bits) const { return (bits >> 11) < thresholds_[fault]; }

  std::vector<Fault> faults_;
  std::vector<std::uint64_t> keys_;        // fault by fault, symbol by symbol
  std::vector<std::uint64_t> thresholds_;  // of 53 bits, one a fault
  std::size_t symbol_count_ = 0;
  std::vector<std::vector<Segment>> segments_;
  std::vector<Meeting> meetings_;
  FaultCounts counts_;
  std::int64_t longest_delay_ = 0;
};

}  // namespace stack::market
