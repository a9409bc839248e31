// The audit: is every record of the topic in the lake exactly once? Two independent answers.
// By offset: the claims are a gapless chain, and each range's rows and dead letters are the topic's records in it,
// counted by reading the topic (read_committed, no group). By (symbol, seq), for tick feeds: none that the topic holds
// is missing from the table, none is in it twice but those that are meant to be.
// It shares the names and the claim format with the sink, and nothing that decides.
// Thread-safety: verify blocks its thread. Memory is bounded by intervals of seq per symbol, not by records.
// Failure: Result for what cannot be read, or not in time. Lost, cut off or duplicated records are a finding, not a
// failure.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/connection.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

struct VerifyOptions {
  std::string topic;
  std::string table = "ticks";
  // What a feed is known to do on purpose: so many seq may be absent from the topic, as of damaged records, which are
  // dead letters; and so many records are copies of others. These are not lost and not duplicated. A copy too few or
  // too many is.
  std::uint64_t absent = 0;
  std::uint64_t copies = 0;
};

struct VerifyProgress {
  std::atomic<std::uint64_t> records{0};  // of the topic, read so far
  std::atomic<std::uint64_t> rows{0};     // of the lake, read so far
};

struct PartitionAudit {
  std::int32_t partition = 0;
  std::int64_t log_start = 0;        // of the topic now
  std::int64_t topic_end = 0;        // last stable offset at the audit's start
  std::int64_t chain_end = 0;        // exclusive end of the last claim
  std::uint64_t ranges = 0;          // claims
  std::uint64_t records = 0;         // of the topic, log_start..topic_end
  std::uint64_t rows = 0;            // in the ranges' files
  std::uint64_t dead_letters = 0;    // in the ranges' dead letter files
  std::uint64_t lost = 0;            // records of the topic that no file holds
  std::uint64_t duplicated = 0;      // rows beyond the records of their range
  std::uint64_t trimmed_ranges = 0;  // ranges that the topic no longer holds whole: counted by the claim instead
  std::uint64_t cut_off = 0;         // offsets that claims cover and that the topic, whose end came back, has lost
};

struct VerifyResult {
  std::uint64_t lost = 0;        // the greater of the two answers
  std::uint64_t duplicated = 0;  // the greater of the two answers
  std::uint64_t records = 0;     // of the topic
  std::uint64_t rows = 0;        // of the table
  std::uint64_t dead_letters = 0;
  std::uint64_t ranges = 0;
  std::uint64_t symbols = 0;               // checked by (symbol, seq); 0 when the feed holds no ticks
  std::uint64_t missing_sequences = 0;     // by (symbol, seq), beside those that may be absent
  std::uint64_t duplicated_sequences = 0;  // by (symbol, seq), copies included
  std::uint64_t unfinished = 0;            // of lost: behind the chain's end, a sink that goes on will land them
  std::uint64_t cut_off = 0;               // offsets of the claims that the topic has lost from its end
  std::vector<PartitionAudit> partitions;
  std::vector<std::string> messages;  // what was found, one line each, at most 100
  [[nodiscard]] bool clean() const { return lost == 0 && duplicated == 0 && cut_off == 0; }
};

[[nodiscard]] Result<VerifyResult> verify(const VerifyOptions& options, const kafka::Connection& connection,
                                          ObjectStore& store, const StopFlag& stop, VerifyProgress& progress);

}  // namespace stack::lake
