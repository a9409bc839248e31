#include "lake/s3_upload.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "aws/xml.hpp"
#include "lake/posix_error.hpp"

namespace stack::lake {
namespace {

// S3 takes 10,000 parts of 5 MiB to 5 GiB: 60 GB in all.
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)
constexpr std::size_t kPartSize = 6U << 20;
constexpr std::size_t kHeld = 64U << 10;  // bytes of a part in memory: hundreds of uploads may be open

// One of the store's slots, for as long as this lives.
class HeldSlot {
 public:
  explicit HeldSlot(PartSlots& slots) : slots_(slots) { slots_.acquire(); }
  HeldSlot(const HeldSlot&) = delete;
  HeldSlot& operator=(const HeldSlot&) = delete;
  ~HeldSlot() { slots_.release(); }

 private:
  PartSlots& slots_;
};

}  // namespace

PutOutcome put_outcome(const std::optional<aws::PooledResponse>& answer) {
  if (!answer) return PutOutcome::withdrawn;
  return answer->status == 412 ? PutOutcome::exists : PutOutcome::created;
}

Result<void> S3Upload::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto taken = std::min({bytes.size(), kPartSize - spilled_ - part_.size(), kHeld - part_.size()});
    part_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (spilled_ + part_.size() == kPartSize) {
      STACK_TRY(send_part());
    } else if (part_.size() == kHeld) {
      STACK_TRY(spill());
    }
  }
  return {};
}

Result<void> S3Upload::spill() {
  const auto folder = std::filesystem::temp_directory_path();
  if (!scratch_) scratch_.reset(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!scratch_) return storage_error("make a file in", folder, errno);
  for (std::string_view rest = part_; !rest.empty();) {
    const ssize_t n = ::pwrite(scratch_.get(), rest.data(), rest.size(), static_cast<off_t>(spilled_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return storage_error("write a file in", folder, errno);
    rest.remove_prefix(static_cast<std::size_t>(n));
    spilled_ += static_cast<std::size_t>(n);
  }
  part_.clear();
  return {};
}

// All that was appended since the last part.
Result<std::string> S3Upload::take_part() {
  if (spilled_ == 0) return std::exchange(part_, {});
  std::string part(spilled_ + part_.size(), '\0');
  for (std::size_t at = 0; at < spilled_;) {
    const ssize_t n = ::pread(scratch_.get(), part.data() + at, spilled_ - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return storage_error("read a file in", std::filesystem::temp_directory_path(), n < 0 ? errno : EIO);
    at += static_cast<std::size_t>(n);
  }
  std::ranges::copy(part_, part.begin() + static_cast<std::ptrdiff_t>(spilled_));
  part_.clear();
  spilled_ = 0;
  return part;
}

Result<void> S3Upload::begin() {
  STACK_TRY_ASSIGN(answer, client_.call({.method = "POST",
                                         .key = key_,
                                         .action = "s3:PutObject",
                                         .query = "uploads=",
                                         .headers = {{"x-amz-checksum-algorithm", "CRC32C"}},
                                         .makes_object = true}));
  upload_id_ = aws::xml_text(aws::xml_element(answer.body, "UploadId"));
  if (upload_id_.empty())
    return fail(ErrorKind::storage, fmt::format("s3://{}/{}: the store began no multipart upload; check that its "
                                                "endpoint speaks S3",
                                                client_.bucket().name, key_));
  return {};
}

Result<void> S3Upload::send_part() {
  if (upload_id_.empty()) STACK_TRY(begin());
  const HeldSlot slot(slots_);
  STACK_TRY_ASSIGN(part, take_part());
  STACK_TRY_ASSIGN(answer, client_.call({.method = "PUT",
                                         .key = key_,
                                         .action = "s3:PutObject",
                                         .query = fmt::format("partNumber={}&uploadId={}", parts_.size() + 1,
                                                              aws::percent_encoded(upload_id_)),
                                         .body = part}));
  if (answer.status != 200)
    return fail(ErrorKind::storage, fmt::format("s3://{}/{}: its multipart upload was aborted by somebody else; run "
                                                "the command again",
                                                client_.bucket().name, key_));
  parts_.push_back({std::string(answer.header("ETag")), aws::crc32c_text(part)});
  return {};
}

Result<PutOutcome> S3Upload::put_whole(const PutGuard& guard) {
  std::optional<HeldSlot> slot;
  if (spilled_ > 0) slot.emplace(slots_);
  STACK_TRY_ASSIGN(part, take_part());
  STACK_TRY_ASSIGN(answer, client_.call_while({.method = "PUT",
                                               .key = key_,
                                               .action = "s3:PutObject",
                                               .headers = {{"If-None-Match", "*"}},
                                               .body = part,
                                               .makes_object = true},
                                              guard));
  return put_outcome(answer);
}

Result<PutOutcome> S3Upload::complete_if_absent(const PutGuard& guard) {
  if (upload_id_.empty()) return put_whole(guard);
  if (spilled_ + part_.size() > 0) STACK_TRY(send_part());
  std::string parts = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < parts_.size(); ++i)
    parts += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag><ChecksumCRC32C>{}</ChecksumCRC32C></Part>",
                         i + 1, parts_[i].tag, parts_[i].crc32c);
  parts += "</CompleteMultipartUpload>";
  STACK_TRY_ASSIGN(answer, client_.call_while({.method = "POST",
                                               .key = key_,
                                               .action = "s3:PutObject",
                                               .query = fmt::format("uploadId={}", aws::percent_encoded(upload_id_)),
                                               .headers = {{"If-None-Match", "*"}},
                                               .body = parts},
                                              guard));
  const bool vague = answer && answer->status < 300 && aws::xml_element(answer->body, "ETag").empty();
  if (vague || (answer && answer->status == 404)) return look_at_ended_upload();
  const PutOutcome outcome = put_outcome(answer);
  if (outcome == PutOutcome::created)
    upload_id_.clear();
  else
    abort();
  return outcome;
}

// The upload is no more. An attempt whose answer was lost has completed it, or somebody has swept it away.
Result<PutOutcome> S3Upload::look_at_ended_upload() {
  upload_id_.clear();
  STACK_TRY_ASSIGN(answer, client_.call({.method = "HEAD", .key = key_, .action = "s3:GetObject"}));
  if (answer.status != 404) return PutOutcome::exists;
  return fail(ErrorKind::storage, fmt::format("s3://{}/{}: its multipart upload was aborted by somebody else; run the "
                                              "command again",
                                              client_.bucket().name, key_));
}

void S3Upload::abort() noexcept {
  part_.clear();
  spilled_ = 0;
  if (upload_id_.empty()) return;
  // What stays behind is swept a day later.
  (void)client_.call({.method = "DELETE",
                      .key = key_,
                      .action = "s3:AbortMultipartUpload",
                      .query = fmt::format("uploadId={}", aws::percent_encoded(upload_id_))});
  upload_id_.clear();
}

}  // namespace stack::lake
