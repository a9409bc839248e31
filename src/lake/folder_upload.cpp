#include "lake/folder_upload.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "lake/posix_error.hpp"
#include "lake/scratch_folder.hpp"

namespace stack::lake {
namespace {

// Written bytes are handed to the device this early, so that the sync at the end has little left to wait for.
constexpr std::uint64_t kWritebackStep = 8ULL << 20;

}  // namespace

Result<void> sync_folder(const std::filesystem::path& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return storage_error("open", folder, errno);
  if (::fsync(fd.get()) != 0 && errno != EINVAL && errno != EROFS) return storage_error("sync", folder, errno);
  return {};
}

Result<std::unique_ptr<FolderUpload>> FolderUpload::open(FolderStore& store, std::filesystem::path target) {
  for (int attempt = 0;; ++attempt) {
    STACK_TRY(store.ensure_folder(store.temporary_folder()));
    std::filesystem::path temporary = store.temporary_folder() / process_unique_name();
    UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd && errno == ENOENT && attempt == 0) {
      store.forget_folders();  // someone removed it since
      continue;
    }
    if (!fd) return storage_error("create", temporary, errno);
    ::flock(fd.get(), LOCK_EX | LOCK_NB);  // a file system without locks leaves sweeping to the age
    return std::unique_ptr<FolderUpload>(
        new FolderUpload(store, std::move(target), std::move(temporary), std::move(fd)));
  }
}

Result<void> FolderUpload::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return storage_error("write", temporary_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    written_ += static_cast<std::uint64_t>(n);
  }
  if (written_ - writeback_started_ >= kWritebackStep) {
    // Advice only: the sync at completion is what counts.
    ::sync_file_range(fd_.get(), static_cast<off64_t>(writeback_started_),
                      static_cast<off64_t>(written_ - writeback_started_), SYNC_FILE_RANGE_WRITE);
    writeback_started_ = written_;
  }
  return {};
}

Result<void> FolderUpload::sync_file() {
  if (::fsync(fd_.get()) != 0) return storage_error("sync", temporary_, errno);
  return {};
}

Result<PutOutcome> FolderUpload::link_target() {
  for (int attempt = 0;; ++attempt) {
    STACK_TRY(store_.ensure_folder(target_.parent_path()));
    if (::link(temporary_.c_str(), target_.c_str()) == 0) return PutOutcome::created;
    if (errno == EEXIST) return PutOutcome::exists;
    if (errno != ENOENT || attempt > 0) return storage_error("create", target_, errno);
    store_.forget_folders();  // someone removed the folder since
  }
}

Result<PutOutcome> FolderUpload::complete_if_absent(const PutGuard& guard) {
  STACK_TRY(sync_file());
  UniqueFd lock;
  if (guard) {
    STACK_TRY_ASSIGN(held, store_.guarded_puts_lock(LOCK_SH));
    lock = std::move(held);
    STACK_TRY_ASSIGN(allowed, guard());
    if (!allowed) {
      abort();
      return PutOutcome::withdrawn;
    }
  }
  STACK_TRY_ASSIGN(outcome, link_target());
  // Also when another writer was first: we go on from its object, so its entry must be durable.
  STACK_TRY(sync_folder(target_.parent_path()));
  abort();
  return outcome;
}

Result<void> FolderUpload::complete_replacing() {
  STACK_TRY(sync_file());
  STACK_TRY(store_.ensure_folder(target_.parent_path()));
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) return storage_error("replace", target_, errno);
  temporary_.clear();
  fd_.reset();
  return sync_folder(target_.parent_path());
}

void FolderUpload::abort() noexcept {
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  temporary_.clear();
  fd_.reset();
}

}  // namespace stack::lake
