// An ObjectStore in a bucket of Amazon S3, or of a store that speaks its protocol, under a prefix. A conditional put
// (If-None-Match: *) decides races; objects are durable before they can be seen.
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html)
// Thread-safety: as ObjectStore. Failure: as aws::S3Client.
#pragma once

#include <memory>
#include <string>

#include "aws/s3_client.hpp"
#include "lake/object_store.hpp"
#include "lake/s3_upload.hpp"

namespace stack::lake {

class S3Store final : public ObjectStore {
 public:
  // PREFIX without slashes at its ends; empty: the bucket's root.
  S3Store(std::unique_ptr<aws::S3Client> client, std::string_view prefix);

  [[nodiscard]] const std::string& uri() const override { return uri_; }
  [[nodiscard]] std::optional<std::filesystem::path> local_path(std::string_view /*key*/) const override {
    return std::nullopt;
  }
  [[nodiscard]] Result<PutOutcome> put_if_absent(std::string_view key, std::string_view bytes,
                                                 const PutGuard& guard = {}) override;
  [[nodiscard]] Result<void> put(std::string_view key, std::string_view bytes) override;
  [[nodiscard]] Result<std::unique_ptr<Upload>> open_upload(std::string_view key) override;
  [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) override;
  [[nodiscard]] Result<std::optional<std::string>> get_range(std::string_view key, std::uint64_t offset,
                                                             std::uint64_t length) override;
  [[nodiscard]] Result<std::optional<ObjectInfo>> head(std::string_view key) override;
  [[nodiscard]] Result<std::vector<ObjectInfo>> list(std::string_view prefix, std::string_view after = {}) override;
  [[nodiscard]] Result<Micros> now() override;
  [[nodiscard]] Result<void> remove(std::string_view key) override;
  [[nodiscard]] Result<std::size_t> sweep_stale_uploads() override;
  [[nodiscard]] aws::S3Requests requests() const { return client_->requests(); }

 private:
  [[nodiscard]] Result<std::string> object_key(std::string_view key) const;
  // Aborts the stale ones of a page of uploads. How many.
  [[nodiscard]] Result<std::size_t> sweep_page(const aws::PooledResponse& page);

  std::unique_ptr<aws::S3Client> client_;
  PartSlots part_slots_{kPartsInMemory};
  std::string prefix_;  // empty, or with a slash at its end
  std::string uri_;
};

}  // namespace stack::lake
