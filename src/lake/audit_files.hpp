// The lake's side of the audit: what the files of a table hold, counted by the range that their names tell and by
// (symbol, seq).
// Thread-safety: one thread. Failure: ErrorKind::storage; a damaged file is an error that names it.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/stop_flag.hpp"
#include "lake/sequence_census.hpp"
#include "lake/verify.hpp"

namespace stack::lake {

struct RangeName {
  std::int32_t partition = 0;
  std::int64_t first = 0;
  friend auto operator<=>(const RangeName&, const RangeName&) = default;
};

struct RangeContent {
  std::uint64_t rows = 0;
  std::uint64_t dead_letters = 0;
  std::vector<std::string> keys;
};

// A merged file: rows of several ranges in one dt.
struct MergedContent {
  std::string key;
  std::string dt;
  std::int32_t partition = 0;
  std::int64_t first = 0;
  std::int64_t end = 0;  // exclusive
  std::uint64_t rows = 0;
};

struct FileCount {
  std::map<RangeName, RangeContent> ranges;
  std::vector<MergedContent> merged;
  std::set<std::string> expired;  // dt whose files were removed on purpose, and whose rows are not looked at
  // Files whose rows a merged file has too: readers pass over them.
  std::vector<std::string> superseded;
  SequenceCensus sequences;
  // Objects in the table's folder that no sink of this topic wrote: of other topics' sinks, or no data.
  std::vector<std::string> strangers;
  // Data under names that no sink gives: queries see their rows, whoever put them there.
  std::map<std::string, std::uint64_t> intruders;  // rows by key
};

[[nodiscard]] Result<FileCount> count_files(ObjectStore& store, const VerifyOptions& options, const StopFlag& stop,
                                            VerifyProgress& progress);

}  // namespace stack::lake
