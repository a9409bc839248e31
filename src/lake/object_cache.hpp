// Copies of a lake's objects on this machine, for readers that want files: DuckDB. The objects of a lake do not change,
// so key, size and time of writing say that a copy is still good. Copies are kept from process to process, up to a
// bound: when it is passed, those go that were unused the longest.
//   <root>/<lake>/<folder of the key>/<size>-<time of writing>/<name of the object>
// The key's folders stay, since readers take partition values from them.
// Thread-safety: one thread at a time; several processes may share a root. Copies get their names whole, and none is
// removed while another process has the cache open.
// Failure: ErrorKind::storage for a folder that cannot be written or is full, with the next step; else the store's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/unique_fd.hpp"
#include "lake/object_store.hpp"
#include "lake/scratch_folder.hpp"

namespace stack::lake {

struct ObjectCacheOptions {
  std::filesystem::path root;
  std::string endpoint = {};         // of the store: two stores may have buckets of one name
  std::uint64_t bytes = 4ULL << 30;  // bound on what is kept, of all lakes; what one reader needs may pass it
  unsigned threads = 16;             // requests at once
};

class ObjectCache {
 public:
  // STORE outlives the cache.
  [[nodiscard]] static Result<std::unique_ptr<ObjectCache>> open(ObjectStore& store, ObjectCacheOptions options);
  ObjectCache(const ObjectCache&) = delete;
  ObjectCache& operator=(const ObjectCache&) = delete;
  ~ObjectCache();

  // Below which this lake's copies are.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  // Where the copy of OBJECT is after fetch().
  [[nodiscard]] std::filesystem::path path_of(const ObjectInfo& object) const;
  // Makes copies of those of OBJECTS that have none. False: some are no longer there, or not as they were listed.
  [[nodiscard]] Result<bool> fetch(std::span<const ObjectInfo> objects, const StopFlag& stop);

  // By fetch(), since open().
  [[nodiscard]] std::uint64_t fetched_objects() const { return fetched_objects_; }
  [[nodiscard]] std::uint64_t fetched_bytes() const { return fetched_bytes_; }

 private:
  ObjectCache(ObjectStore& store, ObjectCacheOptions options, std::filesystem::path folder, UniqueFd in_use,
              std::unique_ptr<ScratchFolder> scratch)
      : store_(store),
        options_(std::move(options)),
        folder_(std::move(folder)),
        in_use_(std::move(in_use)),
        scratch_(std::move(scratch)) {}

  void trim();

  ObjectStore& store_;
  const ObjectCacheOptions options_;
  const std::filesystem::path folder_;
  const UniqueFd in_use_;  // locked, shared, while the cache is open
  std::unique_ptr<ScratchFolder> scratch_;
  std::uint64_t fetched_objects_ = 0;
  std::uint64_t fetched_bytes_ = 0;
};

}  // namespace stack::lake
