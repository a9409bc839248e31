// An ObjectStore in a folder. An object is written under _stack/tmp, synced, and given its name with link(), which
// fails if the name is taken: no reader ever sees half an object, and of two writers exactly one wins. Every directory
// entry on the way is synced before success is reported, so what was reported survives a power cut.
// Thread-safety: as ObjectStore. Several processes may share the folder.
// Failure: ErrorKind::storage with the path, the reason and what to do (full disk, read-only, permission).
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "core/unique_fd.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

class FolderStore final : public ObjectStore {
 public:
  enum class IfMissing { create, refuse };

  // ROOT is made absolute. A folder that only readers use may be read-only.
  [[nodiscard]] static Result<std::unique_ptr<FolderStore>> open(const std::filesystem::path& root,
                                                                 IfMissing if_missing = IfMissing::create);

  [[nodiscard]] const std::string& uri() const override { return root_.native(); }
  [[nodiscard]] std::optional<std::filesystem::path> local_path(std::string_view key) const override;
  [[nodiscard]] Result<PutOutcome> put_if_absent(std::string_view key, std::string_view bytes,
                                                 const PutGuard& guard = {}) override;
  [[nodiscard]] Result<void> put(std::string_view key, std::string_view bytes) override;
  [[nodiscard]] Result<std::unique_ptr<Upload>> open_upload(std::string_view key) override;
  [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) override;
  [[nodiscard]] Result<std::optional<std::string>> get_range(std::string_view key, std::uint64_t offset,
                                                             std::uint64_t length) override;
  [[nodiscard]] Result<std::optional<ObjectInfo>> head(std::string_view key) override;
  [[nodiscard]] Result<bool> secure(std::string_view key) override;
  [[nodiscard]] Result<std::vector<ObjectInfo>> list(std::string_view prefix, std::string_view after = {}) override;
  [[nodiscard]] Result<void> remove_superseded(std::span<const std::string> keys) override;
  [[nodiscard]] Result<Micros> now() override;
  [[nodiscard]] Result<void> remove(std::string_view key) override;
  [[nodiscard]] Result<std::size_t> sweep_stale_uploads() override;

 private:
  friend class FolderUpload;

  explicit FolderStore(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] Result<std::filesystem::path> path_of(std::string_view key) const;
  [[nodiscard]] std::filesystem::path temporary_folder() const { return root_ / "_stack" / "tmp"; }
  // Makes FOLDER and its parents up to the root, each entry durable.
  [[nodiscard]] Result<void> ensure_folder(const std::filesystem::path& folder);
  void forget_folders();
  // Shared by puts that have a guard, from its question until the name is there; alone for who removes superseded
  // files.
  [[nodiscard]] Result<UniqueFd> guarded_puts_lock(int how);

  std::filesystem::path root_;
  std::mutex mutex_;
  std::unordered_set<std::string> durable_folders_;  // guarded by mutex_
};

}  // namespace stack::lake
