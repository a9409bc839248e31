// An object on its way into S3: one put where it is small, else a multipart upload that is aborted when it is given up.
// A range's files of many dates are open side by side, most of them idle: what a part holds beyond its latest 64 KiB
// waits in an unnamed file of the temporary folder, and is in memory only while it is sent. Thread-safety: as Upload.
// Failure: as aws::S3Client.
#pragma once

#include <semaphore>
#include <string>
#include <vector>

#include "aws/s3_client.hpp"
#include "core/unique_fd.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

// Parts of all uploads of a store that are in memory at once: others wait for their turn.
using PartSlots = std::counting_semaphore<>;
inline constexpr std::ptrdiff_t kPartsInMemory = 2;  // of 6 MiB

class S3Upload final : public Upload {
 public:
  // KEY from the bucket's root.
  S3Upload(aws::S3Client& client, PartSlots& slots, std::string key)
      : client_(client), slots_(slots), key_(std::move(key)) {}
  S3Upload(const S3Upload&) = delete;
  S3Upload& operator=(const S3Upload&) = delete;
  ~S3Upload() override { abort(); }

  [[nodiscard]] Result<void> append(std::string_view bytes) override;
  [[nodiscard]] Result<PutOutcome> complete_if_absent(const PutGuard& guard = {}) override;
  void abort() noexcept override;

 private:
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> spill();
  [[nodiscard]] Result<std::string> take_part();
  [[nodiscard]] Result<void> send_part();
  [[nodiscard]] Result<PutOutcome> put_whole(const PutGuard& guard);
  [[nodiscard]] Result<PutOutcome> look_at_ended_upload();

  aws::S3Client& client_;
  PartSlots& slots_;
  std::string key_;
  std::string upload_id_;
  std::string part_;         // its latest bytes
  UniqueFd scratch_;         // those before them
  std::size_t spilled_ = 0;  // how many
  struct Part {
    std::string tag;
    std::string crc32c;
  };
  std::vector<Part> parts_;  // that are there
};

// What a conditional write's answer says.
[[nodiscard]] PutOutcome put_outcome(const std::optional<aws::PooledResponse>& answer);

}  // namespace stack::lake
