#include "lake/s3_upload.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3_xml.hpp"

namespace stack::lake {
namespace {

// S3 takes 10,000 parts of 5 MiB to 5 GiB: 80 GB in all.
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)
constexpr std::size_t kPartSize = 8U << 20;

}  // namespace

PutOutcome put_outcome(const std::optional<aws::PooledResponse>& answer) {
  if (!answer) return PutOutcome::withdrawn;
  return answer->status == 412 ? PutOutcome::exists : PutOutcome::created;
}

Result<void> S3Upload::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto taken = std::min(bytes.size(), kPartSize - part_.size());
    part_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (part_.size() == kPartSize) STACK_TRY(send_part());
  }
  return {};
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
  STACK_TRY_ASSIGN(answer, client_.call({.method = "PUT",
                                         .key = key_,
                                         .action = "s3:PutObject",
                                         .query = fmt::format("partNumber={}&uploadId={}", parts_.size() + 1,
                                                              aws::percent_encoded(upload_id_)),
                                         .body = part_}));
  if (answer.status != 200)
    return fail(ErrorKind::storage, fmt::format("s3://{}/{}: its multipart upload was aborted by somebody else; run "
                                                "the command again",
                                                client_.bucket().name, key_));
  parts_.push_back({std::string(answer.header("ETag")), aws::crc32c_text(part_)});
  part_.clear();
  return {};
}

Result<PutOutcome> S3Upload::complete_if_absent(const PutGuard& guard) {
  if (upload_id_.empty()) {
    STACK_TRY_ASSIGN(answer, client_.call_while({.method = "PUT",
                                                 .key = key_,
                                                 .action = "s3:PutObject",
                                                 .headers = {{"If-None-Match", "*"}},
                                                 .body = part_,
                                                 .makes_object = true},
                                                guard));
    part_.clear();
    return put_outcome(answer);
  }
  if (!part_.empty()) STACK_TRY(send_part());
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
  if (answer && answer->status == 404) return look_at_ended_upload();
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
  if (upload_id_.empty()) return;
  // What stays behind is swept a day later.
  (void)client_.call({.method = "DELETE",
                      .key = key_,
                      .action = "s3:PutObject",
                      .query = fmt::format("uploadId={}", aws::percent_encoded(upload_id_))});
  upload_id_.clear();
}

}  // namespace stack::lake
