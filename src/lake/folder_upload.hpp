// One object on its way into a FolderStore: a locked temporary file that becomes the object by link().
// Thread-safety and failure: as Upload. The lock tells sweepers that its owner lives.
#pragma once

#include <filesystem>
#include <memory>

#include "core/unique_fd.hpp"
#include "lake/folder_store.hpp"

namespace stack::lake {

class FolderUpload final : public Upload {
 public:
  [[nodiscard]] static Result<std::unique_ptr<FolderUpload>> open(FolderStore& store, std::filesystem::path target);
  ~FolderUpload() override { abort(); }

  [[nodiscard]] Result<void> append(std::string_view bytes) override;
  [[nodiscard]] Result<PutOutcome> complete_if_absent(const PutGuard& guard = {}) override;
  // Makes the object visible whether or not the key is taken.
  [[nodiscard]] Result<void> complete_replacing();
  void abort() noexcept override;

 private:
  FolderUpload(FolderStore& store, std::filesystem::path target, std::filesystem::path temporary, UniqueFd fd)
      : store_(store), target_(std::move(target)), temporary_(std::move(temporary)), fd_(std::move(fd)) {}
  [[nodiscard]] Result<void> sync_file();
  [[nodiscard]] Result<PutOutcome> link_target();

  FolderStore& store_;
  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty once the upload has ended
  UniqueFd fd_;
  std::uint64_t written_ = 0;
  std::uint64_t writeback_started_ = 0;
};

// Flushes a directory's entries to the device.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace stack::lake
