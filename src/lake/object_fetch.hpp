// Objects of a store into files of this machine, many at once, large ones in several pieces.
// Thread-safety: a free function, which blocks its thread. Failure: the store's, ErrorKind::storage for a file that
// cannot be written, ErrorKind::interrupted when STOP is set.
#pragma once

#include <filesystem>
#include <vector>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "lake/object_store.hpp"
#include "lake/scratch_folder.hpp"

namespace stack::lake {

struct ObjectFetch {
  const ObjectInfo* object = nullptr;
  std::filesystem::path path;  // the file, which appears whole; its folder is made
};

// With THREADS requests at once. Files are written in SCRATCH, on the file system of their paths, and then renamed.
// False: some objects are not there, or not of the size that they are said to have; the others may be fetched.
[[nodiscard]] Result<bool> fetch_objects(ObjectStore& store, const std::vector<ObjectFetch>& wanted,
                                         ScratchFolder& scratch, unsigned threads, const StopFlag& stop);

}  // namespace stack::lake
