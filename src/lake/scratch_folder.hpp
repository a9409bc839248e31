// A local folder for intermediate files that goes when its owner does; after a kill, the next sweep clears it, because
// the lock that its owner held is gone.
// Thread-safety: next_path() may be called from any thread. Failure: ErrorKind::storage with the path.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string_view>

#include "core/result.hpp"
#include "core/unique_fd.hpp"

namespace stack::lake {

class ScratchFolder {
 public:
  // Makes a folder of its own inside PARENT, and PARENT if it is missing.
  [[nodiscard]] static Result<std::unique_ptr<ScratchFolder>> make(const std::filesystem::path& parent);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // A name that nothing has yet.
  [[nodiscard]] std::filesystem::path next_path(std::string_view extension);

 private:
  ScratchFolder(std::filesystem::path path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  UniqueFd lock_;
  std::atomic<std::uint64_t> count_{0};
};

// Removes what ScratchFolder and FolderUpload left in PARENT when they were killed; how many entries.
std::size_t sweep_scratch(const std::filesystem::path& parent);

// A name that no other process makes, on this machine or one that shares the folder.
[[nodiscard]] std::string process_unique_name();

}  // namespace stack::lake
