#include "lake/folder_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "lake/crash_point.hpp"
#include "lake/folder_upload.hpp"
#include "lake/lake_layout.hpp"
#include "lake/posix_error.hpp"
#include "lake/scratch_folder.hpp"

namespace stack::lake {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLockWait{20};
constexpr int kMostLockWaits = 1'000;  // 20 s

Micros modified_at(const struct stat& status) {
  return Micros{std::chrono::seconds{status.st_mtim.tv_sec} + std::chrono::duration_cast<std::chrono::microseconds>(
                                                                  std::chrono::nanoseconds{status.st_mtim.tv_nsec})};
}

bool is_missing(int error_number) { return error_number == ENOENT || error_number == ENOTDIR; }

// Adds the regular files under FOLDER whose keys match. KEY_PREFIX is FOLDER's own key with a '/' behind, or empty.
Result<void> list_folder(const fs::path& folder, const std::string& key_prefix, std::string_view prefix,
                         std::string_view after, std::vector<ObjectInfo>& found) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) return is_missing(error.value()) ? Result<void>{} : storage_error("list", folder, error.value());
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    std::string key = key_prefix + entries->path().filename().native();
    const bool may_match = key.starts_with(prefix) || prefix.starts_with(key + "/");
    if (!may_match || key == "_stack/tmp") continue;
    struct stat status {};
    if (::stat(entries->path().c_str(), &status) != 0) {
      if (is_missing(errno)) continue;  // gone since the listing
      return storage_error("read", entries->path(), errno);
    }
    if (S_ISDIR(status.st_mode)) {
      STACK_TRY(list_folder(entries->path(), key + "/", prefix, after, found));
    } else if (S_ISREG(status.st_mode) && key.starts_with(prefix) && key > after) {
      found.push_back({std::move(key), static_cast<std::uint64_t>(status.st_size), modified_at(status)});
    }
  }
  if (error) return storage_error("list", folder, error.value());  // a failed increment ends the loop
  return {};
}

// The deepest folder that holds every key with PREFIX, as a key with a '/' behind, or empty.
std::string folder_of_prefix(std::string_view prefix) {
  const auto slash = prefix.rfind('/');
  return slash == std::string_view::npos ? std::string{} : std::string(prefix.substr(0, slash + 1));
}

}  // namespace

Result<std::unique_ptr<FolderStore>> FolderStore::open(const fs::path& root, IfMissing if_missing) {
  std::error_code error;
  const fs::path absolute = fs::absolute(root, error).lexically_normal();
  if (error || root.empty())
    return fail(ErrorKind::usage, fmt::format("--lake {}: not a folder's path", root.native()));
  const fs::path clean = absolute.has_filename() ? absolute : absolute.parent_path();
  struct stat status {};
  if (::stat(clean.c_str(), &status) == 0) {
    if (!S_ISDIR(status.st_mode)) return storage_error("open", clean, ENOTDIR);
  } else if (if_missing == IfMissing::refuse) {
    return fail(ErrorKind::storage, fmt::format("there is no lake at {}; check --lake, or land events there first "
                                                "(stack sink)",
                                                clean.native()));
  } else {
    fs::create_directories(clean, error);
    if (error) return storage_error("create", clean, error.value());
    STACK_TRY(sync_folder(clean.parent_path()));
  }
  return std::unique_ptr<FolderStore>(new FolderStore(clean));
}

Result<fs::path> FolderStore::path_of(std::string_view key) const {
  if (is_sound_key(key)) return root_ / key;
  return fail(ErrorKind::internal, fmt::format("'{}' is not a key inside the lake {}", key, uri()));
}

std::optional<fs::path> FolderStore::local_path(std::string_view key) const {
  auto path = path_of(key);
  return path ? std::optional(*std::move(path)) : std::nullopt;
}

Result<void> FolderStore::ensure_folder(const fs::path& folder) {
  const std::scoped_lock lock(mutex_);
  if (durable_folders_.contains(folder.native())) return {};
  fs::path made = root_;
  for (const auto& part : folder.lexically_relative(root_)) {
    const fs::path parent = made;
    made /= part;
    if (durable_folders_.contains(made.native())) continue;
    // A folder that stands may have been made by a process that died before it synced: sync it ourselves.
    if (::mkdir(made.c_str(), 0755) != 0 && errno != EEXIST) return storage_error("create", made, errno);
    STACK_TRY(sync_folder(parent));
    durable_folders_.insert(made.native());
  }
  return {};
}

void FolderStore::forget_folders() {
  const std::scoped_lock lock(mutex_);
  durable_folders_.clear();
}

Result<PutOutcome> FolderStore::put_if_absent(std::string_view key, std::string_view bytes, const PutGuard& guard) {
  STACK_TRY_ASSIGN(upload, open_upload(key));
  STACK_TRY(upload->append(bytes));
  return upload->complete_if_absent(guard);
}

Result<void> FolderStore::put(std::string_view key, std::string_view bytes) {
  STACK_TRY_ASSIGN(path, path_of(key));
  STACK_TRY_ASSIGN(upload, FolderUpload::open(*this, std::move(path)));
  STACK_TRY(upload->append(bytes));
  return upload->complete_replacing();
}

Result<std::unique_ptr<Upload>> FolderStore::open_upload(std::string_view key) {
  STACK_TRY_ASSIGN(path, path_of(key));
  return FolderUpload::open(*this, std::move(path));
}

Result<std::optional<std::string>> FolderStore::get(std::string_view key) { return get_range(key, 0, UINT64_MAX); }

Result<std::optional<std::string>> FolderStore::get_range(std::string_view key, std::uint64_t offset,
                                                          std::uint64_t length) {
  STACK_TRY_ASSIGN(path, path_of(key));
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && is_missing(errno)) return std::nullopt;
  if (!fd) return storage_error("read", path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return storage_error("read", path, errno);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t wanted = offset >= size ? 0 : std::min(length, size - offset);
  std::string bytes(wanted, '\0');
  std::size_t filled = 0;
  while (filled < wanted) {
    const ssize_t n = ::pread(fd.get(), bytes.data() + filled, wanted - filled, static_cast<off_t>(offset + filled));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return storage_error("read", path, errno);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::optional<ObjectInfo>> FolderStore::head(std::string_view key) {
  STACK_TRY_ASSIGN(path, path_of(key));
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (is_missing(errno)) return std::nullopt;
    return storage_error("read", path, errno);
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return ObjectInfo{std::string(key), static_cast<std::uint64_t>(status.st_size), modified_at(status)};
}

// An object's bytes were synced before it had its name; the name, and the folders above it, perhaps never.
Result<bool> FolderStore::secure(std::string_view key) {
  STACK_TRY_ASSIGN(object, head(key));
  if (!object) return false;
  STACK_TRY_ASSIGN(path, path_of(key));
  const std::filesystem::path folder = path.parent_path();
  if (folder != root_) STACK_TRY(ensure_folder(folder));
  STACK_TRY(sync_folder(folder));
  return true;
}

Result<std::vector<ObjectInfo>> FolderStore::list(std::string_view prefix, std::string_view after) {
  std::vector<ObjectInfo> found;
  const std::string folder = folder_of_prefix(prefix);
  if (!folder.empty() && !is_sound_key(std::string_view(folder).substr(0, folder.size() - 1))) {
    return fail(ErrorKind::internal, fmt::format("'{}' is not a prefix inside the lake {}", prefix, uri()));
  }
  STACK_TRY(list_folder(root_ / folder, folder, prefix, after, found));
  std::ranges::sort(found, {}, &ObjectInfo::key);
  return found;
}

Result<void> FolderStore::remove(std::string_view key) {
  STACK_TRY_ASSIGN(path, path_of(key));
  if (::unlink(path.c_str()) != 0) {
    if (is_missing(errno)) return {};
    return storage_error("remove", path, errno);
  }
  return sync_folder(path.parent_path());
}

Result<Micros> FolderStore::now() { return SystemClock{}.now(); }

// A put whose guard has said yes holds the lock until its name is linked.
Result<void> FolderStore::remove_superseded(std::span<const std::string> keys) {
  STACK_TRY_ASSIGN(lock, guarded_puts_lock(LOCK_EX));
  for (const std::string& key : keys) {
    STACK_TRY(remove(key));
    crash_point("amid-removal");
  }
  return {};
}

Result<UniqueFd> FolderStore::guarded_puts_lock(int how) {
  STACK_TRY(ensure_folder(temporary_folder()));
  const fs::path path = temporary_folder();
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return storage_error("open", path, errno);
  for (int waited = 0; ::flock(fd.get(), how | LOCK_NB) != 0; ++waited) {
    if (errno != EWOULDBLOCK && errno != EINTR) return storage_error("lock", path, errno);
    if (waited == kMostLockWaits)
      return fail(ErrorKind::storage,
                  fmt::format("{}: another process has held the lock for 20 s; a sink that is stopped "
                              "(kill -STOP) has to go on or end first",
                              path.native()));
    std::this_thread::sleep_for(kLockWait);
  }
  return fd;
}

Result<std::size_t> FolderStore::sweep_stale_uploads() { return sweep_scratch(temporary_folder()); }

}  // namespace stack::lake
