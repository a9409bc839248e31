#include "lake/scratch_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <random>

#include "lake/posix_error.hpp"

namespace stack::lake {
namespace fs = std::filesystem;

std::string process_unique_name() {
  static const std::uint32_t process_mark = std::random_device{}();
  static std::atomic<std::uint64_t> count{0};
  return fmt::format("{}-{:08x}-{}", ::getpid(), process_mark, count.fetch_add(1));
}

Result<std::unique_ptr<ScratchFolder>> ScratchFolder::make(const fs::path& parent) {
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) return storage_error("create", parent, error.value());
  fs::path path = parent / process_unique_name();
  if (::mkdir(path.c_str(), 0700) != 0) return storage_error("create", path, errno);
  UniqueFd lock(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock) return storage_error("open", path, errno);
  ::flock(lock.get(), LOCK_EX | LOCK_NB);
  return std::unique_ptr<ScratchFolder>(new ScratchFolder(std::move(path), std::move(lock)));
}

ScratchFolder::~ScratchFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

fs::path ScratchFolder::next_path(std::string_view extension) {
  return path_ / fmt::format("{}.{}", count_.fetch_add(1), extension);
}

std::size_t sweep_scratch(const fs::path& parent) {
  constexpr std::chrono::minutes kGrace{1};  // between an entry's creation and its lock
  std::size_t swept = 0;
  std::error_code error;
  for (fs::directory_iterator entries(parent, error), end; !error && entries != end; entries.increment(error)) {
    const fs::path& path = entries->path();
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))) continue;
    const auto age = std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(status.st_mtim.tv_sec);
    if (age < kGrace) continue;
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;  // its owner lives
    std::error_code ignored;
    if (fs::remove_all(path, ignored) > 0 && !ignored) ++swept;
  }
  return swept;
}

}  // namespace stack::lake
