// A store whose objects are not files of this machine, as far as its users can tell: a folder's, told through the
// interface alone. It counts what is read.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "lake/folder_store.hpp"

namespace stack::lake {

class DistantStore final : public ObjectStore {
 public:
  // INNER outlives this.
  explicit DistantStore(FolderStore& inner) : inner_(inner), uri_("far:/" + inner.uri()) {}

  [[nodiscard]] bool is_over(const FolderStore& inner) const { return &inner_ == &inner; }
  [[nodiscard]] const std::string& uri() const override { return uri_; }
  [[nodiscard]] std::optional<std::filesystem::path> local_path(std::string_view /*key*/) const override {
    return std::nullopt;
  }
  [[nodiscard]] Result<PutOutcome> put_if_absent(std::string_view key, std::string_view bytes,
                                                 const PutGuard& guard) override {
    return inner_.put_if_absent(key, bytes, guard);
  }
  [[nodiscard]] Result<void> put(std::string_view key, std::string_view bytes) override {
    return inner_.put(key, bytes);
  }
  [[nodiscard]] Result<std::unique_ptr<Upload>> open_upload(std::string_view key) override {
    return inner_.open_upload(key);
  }
  [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) override { return inner_.get(key); }
  [[nodiscard]] Result<std::optional<std::string>> get_range(std::string_view key, std::uint64_t offset,
                                                             std::uint64_t length) override {
    {
      const std::scoped_lock lock(mutex_);
      ++reads_[std::string(key)];
      bytes_read_ += length;
    }
    return inner_.get_range(key, offset, length);
  }
  [[nodiscard]] Result<std::optional<ObjectInfo>> head(std::string_view key) override { return inner_.head(key); }
  [[nodiscard]] Result<std::vector<ObjectInfo>> list(std::string_view prefix, std::string_view after) override {
    return inner_.list(prefix, after);
  }
  [[nodiscard]] Result<Micros> now() override { return inner_.now(); }
  [[nodiscard]] Result<void> remove(std::string_view key) override { return inner_.remove(key); }
  [[nodiscard]] Result<std::size_t> sweep_stale_uploads() override { return inner_.sweep_stale_uploads(); }

  // Ranges read since the last call, by key.
  [[nodiscard]] std::map<std::string, int> take_reads() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(reads_, {});
  }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  FolderStore& inner_;
  std::string uri_;
  std::mutex mutex_;
  std::map<std::string, int> reads_;  // guarded by mutex_
  std::uint64_t bytes_read_ = 0;      // guarded by mutex_
};

}  // namespace stack::lake
