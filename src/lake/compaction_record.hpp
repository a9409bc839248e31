// What a compaction has decided: which files of one partition and dt become which merged files. A record is created
// with put-if-absent before the files it speaks of are made, like a sink's claim: whoever creates it decides, and
// anyone may finish it. Records of one partition and dt are numbered, each made in the light of all before it, so that
// two compactions never merge the same file twice.
//   _stack/compactions/<table>/<topic>/<partition>/<dt>/<number, 20 digits>
// Thread-safety: values and free functions. Failure: ErrorKind::storage from the store, ErrorKind::conflict for a
// record that cannot be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lake/claim.hpp"
#include "lake/file_format.hpp"
#include "lake/lake_layout.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

struct Merge {
  std::string output;  // key
  std::int64_t first = 0;
  std::int64_t end = 0;             // exclusive
  std::uint64_t rows = 0;           // by the claims
  std::vector<std::string> inputs;  // keys, in the order of their offsets
  friend bool operator==(const Merge&, const Merge&) = default;
};

struct CompactionRecord {
  std::string dt;  // empty: not partitioned
  FileFormat format = FileFormat::ndjson;
  Compression compression = Compression::none;
  std::vector<Merge> merges;
  friend bool operator==(const CompactionRecord&, const CompactionRecord&) = default;
};

[[nodiscard]] std::string to_json(const CompactionRecord& record);
[[nodiscard]] Result<CompactionRecord> parse_compaction_record(std::string_view json, std::string_view name);

struct NumberedRecord {
  std::int64_t number = 0;
  CompactionRecord record;
  Micros made;  // by the store's clock
};
// The newest record of LANE and DT; none where nothing was merged there.
[[nodiscard]] Result<std::optional<NumberedRecord>> newest_record(ObjectStore& store, const Lane& lane,
                                                                  std::string_view dt);
[[nodiscard]] std::string record_key(const Lane& lane, std::string_view dt, std::int64_t number);

}  // namespace stack::lake
