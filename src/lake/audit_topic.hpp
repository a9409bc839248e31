// The topic's side of the audit: how many records each range has, and which (symbol, seq), by reading the topic from
// its first offset to its last stable one.
// Thread-safety: one thread. Failure: ErrorKind::unreachable, when brokers are away or nothing comes from them;
// ::conflict, when the topic loses what is being read; ::interrupted.
#pragma once

#include <cstdint>
#include <vector>

#include "core/stop_flag.hpp"
#include "kafka/admin.hpp"
#include "lake/sequence_census.hpp"
#include "lake/verify.hpp"

namespace stack::lake {

// The ranges of a partition as the chain tells them: range i is [starts[i], starts[i + 1]), the last ends at end.
struct PartitionRanges {
  std::vector<std::int64_t> starts;
  std::int64_t end = 0;
};

struct TopicCount {
  struct Partition {
    std::vector<std::uint64_t> by_range;  // as PartitionRanges::starts
    std::uint64_t outside = 0;            // records before, between or behind the ranges
    std::uint64_t behind = 0;             // of these, behind the last range's end
    std::uint64_t records = 0;
  };
  std::vector<Partition> partitions;
  SequenceCensus sequences;
};

[[nodiscard]] Result<TopicCount> count_topic(const kafka::Connection& connection, const kafka::TopicFacts& topic,
                                             const std::vector<kafka::OffsetRange>& offsets,
                                             const std::vector<PartitionRanges>& ranges, const StopFlag& stop,
                                             VerifyProgress& progress);

}  // namespace stack::lake
