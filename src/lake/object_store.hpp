// Where the lake's objects live: a folder or an object store such as S3. Objects appear whole or not at all, and
// "put if absent" decides races; nothing else is asked of a store. Keys are relative to the lake's root, their parts
// are separated by '/', and no part is empty, "." or "..".
// Thread-safety: an ObjectStore may be used from any thread; an Upload by one thread at a time.
// Failure: Result. What the store cannot do (full, read-only, forbidden) is ErrorKind::storage and names the place and
// the next step; a store that does not answer is ErrorKind::unreachable. A missing object is a value, not an error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::lake {

enum class PutOutcome {
  created,
  exists,
  withdrawn,  // its guard said no
};

// Asked right before each attempt to make an object visible: of S3 before each signature, of a folder before the name
// is linked. False gives the put up. What it saw may be old by the time the object appears: by the life of a signature
// on S3 (15 minutes), not at all in a folder.
using PutGuard = std::function<Result<bool>()>;

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;  // bytes
  Micros modified;
};

// An object on its way: bytes are appended, and only completion makes it visible. Destroyed without completion it
// leaves nothing behind.
class Upload {
 public:
  Upload() = default;
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  virtual ~Upload() = default;

  [[nodiscard]] virtual Result<void> append(std::string_view bytes) = 0;
  // Makes the object visible and durable under its key, unless the key is taken. Ends the upload.
  [[nodiscard]] virtual Result<PutOutcome> complete_if_absent(const PutGuard& guard = {}) = 0;
  // Gives the bytes up. Ends the upload.
  virtual void abort() noexcept = 0;
};

class ObjectStore {
 public:
  ObjectStore() = default;
  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;
  virtual ~ObjectStore() = default;

  // How users name this lake: the folder's absolute path, or s3://bucket/prefix.
  [[nodiscard]] virtual const std::string& uri() const = 0;
  // The object as a file of this machine, where the store is a folder.
  [[nodiscard]] virtual std::optional<std::filesystem::path> local_path(std::string_view key) const = 0;

  [[nodiscard]] virtual Result<PutOutcome> put_if_absent(std::string_view key, std::string_view bytes,
                                                         const PutGuard& guard = {}) = 0;
  // Writes or replaces, atomically: readers see the old bytes or the new.
  [[nodiscard]] virtual Result<void> put(std::string_view key, std::string_view bytes) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Upload>> open_upload(std::string_view key) = 0;

  [[nodiscard]] virtual Result<std::optional<std::string>> get(std::string_view key) = 0;
  // LENGTH bytes from OFFSET, fewer at the object's end.
  [[nodiscard]] virtual Result<std::optional<std::string>> get_range(std::string_view key, std::uint64_t offset,
                                                                     std::uint64_t length) = 0;
  [[nodiscard]] virtual Result<std::optional<ObjectInfo>> head(std::string_view key) = 0;
  // Whether the object is there; if it is, it also survives a power cut from here on, whoever wrote it and died over
  // it. A store whose objects are durable before they can be seen has nothing to add.
  [[nodiscard]] virtual Result<bool> secure(std::string_view key) {
    STACK_TRY_ASSIGN(object, head(key));
    return object.has_value();
  }
  // Every object whose key begins with PREFIX and is greater than AFTER, by key.
  [[nodiscard]] virtual Result<std::vector<ObjectInfo>> list(std::string_view prefix, std::string_view after = {}) = 0;
  // Removes objects whose names are never to be used again. No put brings them back whose guard said yes before this
  // call and would say no now: in a folder at any time, on S3 once the guard would have said no for half an hour.
  [[nodiscard]] virtual Result<void> remove_superseded(std::span<const std::string> keys) {
    for (const std::string& key : keys) STACK_TRY(remove(key));
    return {};
  }
  // The clock that the objects' times are of.
  [[nodiscard]] virtual Result<Micros> now() = 0;
  // Removing what is not there is no error.
  [[nodiscard]] virtual Result<void> remove(std::string_view key) = 0;
  // Clears uploads that a killed process left behind: those provably without an owner, or a day old. How many.
  [[nodiscard]] virtual Result<std::size_t> sweep_stale_uploads() = 0;
};

}  // namespace stack::lake
