// The claim: the one object that says which offsets a range has and under which terms its files are written. Claims
// are the only truth about what is in the lake; they chain, each beginning where the one before it ends.
// A chain's first claim is always named offset 0, even where the log already starts later, so that two first sinks
// meet at the same name; it records the log start that it saw.
// The claim also says which files the range has, so that whoever comes after can tell whether all of them stand
// without reading the topic again. Which record goes into which file depends on (range, claim) alone.
// Thread-safety: values and free functions. Failure: ErrorKind::storage from the store; ErrorKind::conflict for a
// claim that cannot be read or a chain with a gap.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lake/column.hpp"
#include "lake/file_format.hpp"
#include "lake/lake_layout.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

// Of how records become rows, dead letters and dt. A claim under rules that this program does not know is refused.
inline constexpr int kRulesVersion = 1;

struct RangeFile {
  std::string dt;  // empty: not partitioned
  std::uint64_t rows = 0;
  friend bool operator==(const RangeFile&, const RangeFile&) = default;
};

struct Claim {
  std::int64_t first = 0;      // its name; 0 for a chain's first
  std::int64_t end = 0;        // exclusive
  std::int64_t log_start = 0;  // of the partition, when the claim was made
  std::string cluster_id;
  std::string topic_id;
  FileFormat format = FileFormat::ndjson;
  Compression compression = Compression::none;
  PartitionBy partition_by = PartitionBy::month;
  std::vector<Column> columns;  // of typed files; empty for NDJSON
  int rules = kRulesVersion;
  std::string feed;  // id of the feed, empty where the records name none
  std::uint64_t records = 0;
  std::uint64_t dead_letters = 0;
  std::vector<RangeFile> files;  // by dt
  friend bool operator==(const Claim&, const Claim&) = default;

  // Where the range's records begin in the log.
  [[nodiscard]] std::int64_t first_record_offset() const { return first == 0 && log_start > 0 ? log_start : first; }
  [[nodiscard]] std::string_view extension() const { return file_extension(format, compression); }
};

[[nodiscard]] std::string to_json(const Claim& claim);
// NAME is how errors call the claim.
[[nodiscard]] Result<Claim> parse_claim(std::string_view json, std::string_view name);

// The keys of every object that the claim's range has: rows by dt, then the dead letters if there are any.
[[nodiscard]] std::vector<std::string> range_keys(const Lane& lane, const Claim& claim);

[[nodiscard]] Result<std::optional<Claim>> read_claim(ObjectStore& store, const Lane& lane, std::int64_t first);
// The end of the chain; nothing for a lane that has none. Reads one claim, whatever the chain's length.
[[nodiscard]] Result<std::optional<Claim>> last_claim(ObjectStore& store, const Lane& lane);
// The whole chain, checked: no gap, no overlap, one topic.
[[nodiscard]] Result<std::vector<Claim>> read_chain(ObjectStore& store, const Lane& lane);
// Whether every object of the range stands, and goes on to after a power cut.
[[nodiscard]] Result<bool> is_complete(ObjectStore& store, const Lane& lane, const Claim& claim);

}  // namespace stack::lake
