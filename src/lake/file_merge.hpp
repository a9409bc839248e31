// Several files of rows made into one, in the order of their offsets. NDJSON is joined as it is stored: gzip members
// and zstd frames follow each other in one file as their formats allow. Parquet is read and written anew, sorted as the
// sink sorts it. Thread-safety: one FileMerger per thread. Failure: ErrorKind::storage; an input that is not there is
// ErrorKind::conflict.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "lake/file_format.hpp"
#include "lake/object_store.hpp"
#include "lake/scratch_folder.hpp"

namespace stack::lake {

class FileMerger {
 public:
  // Parquet is written within MEMORY_LIMIT bytes, with the help of files in SCRATCH.
  FileMerger(ObjectStore& store, ScratchFolder& scratch, std::uint64_t memory_limit)
      : store_(store), scratch_(scratch), memory_limit_(memory_limit) {}

  // Puts OUTPUT together from INPUTS, which hold ROWS, unless it is there or GUARD says no.
  [[nodiscard]] Result<PutOutcome> merge(const std::vector<std::string>& inputs, FileFormat format, std::uint64_t rows,
                                         const std::string& output, const PutGuard& guard);

 private:
  [[nodiscard]] Result<PutOutcome> join(const std::vector<std::string>& inputs, const std::string& output,
                                        const PutGuard& guard);
  [[nodiscard]] Result<PutOutcome> rewrite(const std::vector<std::string>& inputs, std::uint64_t rows,
                                           const std::string& output, const PutGuard& guard);
  [[nodiscard]] Result<std::filesystem::path> local_copy(const std::string& key,
                                                         std::vector<std::filesystem::path>& copies);
  // Hands KEY's bytes to TAKE, piece by piece.
  template <class Take>
  [[nodiscard]] Result<void> read(const std::string& key, Take&& take);

  ObjectStore& store_;
  ScratchFolder& scratch_;
  std::uint64_t memory_limit_;
};

}  // namespace stack::lake
