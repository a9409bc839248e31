#include "lake/object_cache.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include "lake/object_fetch.hpp"
#include "lake/posix_error.hpp"

namespace stack::lake {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kScratch = "tmp";
constexpr std::string_view kLock = "in-use";

// FNV-1a, 64 bits.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

// As users name it, so that they know it again, and a hash, so that it is this one.
std::string folder_name(const ObjectStore& store, std::string_view endpoint) {
  std::string name;
  for (const char c : store.uri().substr(0, 64)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
    name += plain ? c : '-';
  }
  return fmt::format("{}-{:016x}", name, hash_of(fmt::format("{} {}", endpoint, store.uri())));
}

struct Copy {
  fs::path path;
  std::uint64_t size = 0;
  timespec used{};
};

bool used_earlier(const Copy& a, const Copy& b) {
  return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
}

std::vector<Copy> copies_in(const fs::path& root) {
  std::vector<Copy> copies;
  std::error_code error;
  for (fs::recursive_directory_iterator entries(root, error), end; !error && entries != end; entries.increment(error)) {
    if (entries.depth() == 0 && (entries->path().filename() == kScratch || entries->path().filename() == kLock)) {
      entries.disable_recursion_pending();
      continue;
    }
    struct stat status {};
    if (::lstat(entries->path().c_str(), &status) == 0 && S_ISREG(status.st_mode))
      copies.push_back({entries->path(), static_cast<std::uint64_t>(status.st_size), status.st_mtim});
  }
  return copies;
}

}  // namespace

Result<std::unique_ptr<ObjectCache>> ObjectCache::open(ObjectStore& store, ObjectCacheOptions options) {
  std::error_code error;
  fs::create_directories(options.root, error);
  if (error) return cache_error("create", options.root, error.value());
  ::chmod(options.root.c_str(), 0700);  // what is in a bucket is not for everyone on this machine
  const fs::path lock = options.root / kLock;
  UniqueFd in_use(::open(lock.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!in_use) return cache_error("create", lock, errno);
  while (::flock(in_use.get(), LOCK_SH) != 0) {
    if (errno != EINTR) return cache_error("lock", lock, errno);
  }
  sweep_scratch(options.root / kScratch);
  STACK_TRY_ASSIGN(scratch, ScratchFolder::make(options.root / kScratch));
  fs::path folder = options.root / folder_name(store, options.endpoint);
  fs::create_directories(folder, error);
  if (error) return cache_error("create", folder, error.value());
  return std::unique_ptr<ObjectCache>(
      new ObjectCache(store, std::move(options), std::move(folder), std::move(in_use), std::move(scratch)));
}

ObjectCache::~ObjectCache() {
  scratch_.reset();
  if (fetched_bytes_ > 0) trim();
}

fs::path ObjectCache::path_of(const ObjectInfo& object) const {
  const fs::path key(object.key);
  return folder_ / key.parent_path() / fmt::format("{}-{}", object.size, object.modified.time_since_epoch().count()) /
         key.filename();
}

Result<bool> ObjectCache::fetch(std::span<const ObjectInfo> objects, const StopFlag& stop) {
  std::vector<ObjectFetch> wanted;
  for (const ObjectInfo& object : objects) {
    fs::path path = path_of(object);
    struct stat status {};
    const bool there = ::stat(path.c_str(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) == object.size;
    if (there)
      ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);  // its last use
    else
      wanted.push_back({&object, std::move(path)});
  }
  STACK_TRY_ASSIGN(all, fetch_objects(store_, wanted, *scratch_, options_.threads, stop));
  for (const ObjectFetch& fetched : wanted) fetched_bytes_ += fetched.object->size;
  fetched_objects_ += wanted.size();
  return all;
}

// Another process that has the cache open may be about to open any of the copies: then who closes it last trims.
void ObjectCache::trim() {
  if (::flock(in_use_.get(), LOCK_EX | LOCK_NB) != 0) return;
  std::vector<Copy> copies = copies_in(options_.root);
  std::uint64_t bytes = 0;
  for (const Copy& copy : copies) bytes += copy.size;
  std::ranges::sort(copies, used_earlier);
  for (auto copy = copies.begin(); copy != copies.end() && bytes > options_.bytes; ++copy) {
    std::error_code ignored;
    if (!fs::remove(copy->path, ignored)) continue;
    bytes -= copy->size;
    for (fs::path folder = copy->path.parent_path(); folder != options_.root; folder = folder.parent_path()) {
      if (!fs::remove(folder, ignored)) break;  // not empty
    }
  }
}

}  // namespace stack::lake
