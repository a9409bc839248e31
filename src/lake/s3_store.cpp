#include "lake/s3_store.hpp"

#include <aws/common/date_time.h>
#include <fmt/format.h>

#include <charconv>

#include "aws/xml.hpp"
#include "lake/lake_layout.hpp"
#include "lake/s3_upload.hpp"

namespace stack::lake {
namespace {

using aws::percent_encoded;
using aws::xml_element;
using aws::xml_text;

constexpr std::chrono::hours kStaleAfter{24};

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Micros time_of(std::string_view text, aws_date_format format) {
  aws_date_time time{};
  const auto bytes = aws::cursor_of(text);
  if (aws_date_time_init_from_str_cursor(&time, &bytes, format) != AWS_OP_SUCCESS) return {};
  return Micros{std::chrono::milliseconds{aws_date_time_as_millis(&time)}};
}

}  // namespace

S3Store::S3Store(std::unique_ptr<aws::S3Client> client, std::string_view prefix)
    : client_(std::move(client)),
      prefix_(prefix.empty() ? std::string{} : fmt::format("{}/", prefix)),
      uri_(fmt::format("s3://{}{}{}", client_->bucket().name, prefix.empty() ? "" : "/", prefix)) {}

Result<std::string> S3Store::object_key(std::string_view key) const {
  if (is_sound_key(key)) return prefix_ + std::string(key);
  return fail(ErrorKind::internal, fmt::format("'{}' is not a key inside the lake {}", key, uri_));
}

Result<PutOutcome> S3Store::put_if_absent(std::string_view key, std::string_view bytes, const PutGuard& guard) {
  STACK_TRY_ASSIGN(object, object_key(key));
  STACK_TRY_ASSIGN(answer, client_->call_while({.method = "PUT",
                                                .key = object,
                                                .action = "s3:PutObject",
                                                .headers = {{"If-None-Match", "*"}},
                                                .body = bytes,
                                                .makes_object = true},
                                               guard));
  return put_outcome(answer);
}

Result<void> S3Store::put(std::string_view key, std::string_view bytes) {
  STACK_TRY_ASSIGN(object, object_key(key));
  STACK_TRY(
      client_->call({.method = "PUT", .key = object, .action = "s3:PutObject", .body = bytes, .makes_object = true}));
  return {};
}

Result<std::unique_ptr<Upload>> S3Store::open_upload(std::string_view key) {
  STACK_TRY_ASSIGN(object, object_key(key));
  return std::make_unique<S3Upload>(*client_, part_slots_, std::move(object));
}

Result<std::optional<std::string>> S3Store::get(std::string_view key) {
  STACK_TRY_ASSIGN(object, object_key(key));
  STACK_TRY_ASSIGN(answer, client_->call({.method = "GET", .key = object, .action = "s3:GetObject"}));
  if (answer.status == 404) return std::nullopt;
  return std::move(answer.body);
}

Result<std::optional<std::string>> S3Store::get_range(std::string_view key, std::uint64_t offset,
                                                      std::uint64_t length) {
  if (length == 0) {
    STACK_TRY_ASSIGN(object, head(key));
    return object ? std::optional<std::string>{std::string{}} : std::nullopt;
  }
  STACK_TRY_ASSIGN(object, object_key(key));
  const std::string range = length > UINT64_MAX - offset ? fmt::format("bytes={}-", offset)
                                                         : fmt::format("bytes={}-{}", offset, offset + length - 1);
  STACK_TRY_ASSIGN(
      answer, client_->call({.method = "GET", .key = object, .action = "s3:GetObject", .headers = {{"Range", range}}}));
  if (answer.status == 404) return std::nullopt;
  if (answer.status == 416) return std::string{};
  return std::move(answer.body);
}

Result<std::optional<ObjectInfo>> S3Store::head(std::string_view key) {
  STACK_TRY_ASSIGN(object, object_key(key));
  STACK_TRY_ASSIGN(answer, client_->call({.method = "HEAD", .key = object, .action = "s3:GetObject or s3:ListBucket"}));
  if (answer.status == 404) return std::nullopt;
  return ObjectInfo{std::string(key), number_of(answer.header("Content-Length")),
                    time_of(answer.header("Last-Modified"), AWS_DATE_FORMAT_RFC822)};
}

Result<std::vector<ObjectInfo>> S3Store::list(std::string_view prefix, std::string_view after) {
  std::vector<ObjectInfo> found;
  std::string query = fmt::format("list-type=2&prefix={}", percent_encoded(prefix_ + std::string(prefix)));
  if (!after.empty()) query += fmt::format("&start-after={}", percent_encoded(prefix_ + std::string(after)));
  std::string page;
  while (true) {
    const std::string continued =
        page.empty() ? std::string{} : fmt::format("continuation-token={}&", percent_encoded(page));
    STACK_TRY_ASSIGN(answer, client_->call({.method = "GET", .action = "s3:ListBucket", .query = continued + query}));
    if (answer.body.find("<ListBucketResult") == std::string::npos)
      return fail(ErrorKind::storage, fmt::format("{}: the endpoint {} gives no list of objects; check that it speaks "
                                                  "S3",
                                                  uri_, client_->bucket().endpoint));
    for (const auto object : aws::xml_elements(answer.body, "Contents")) {
      const std::string key = xml_text(xml_element(object, "Key"));
      // Folders' markers of other tools, and names that no lake has.
      if (!key.starts_with(prefix_) || !is_sound_key(std::string_view(key).substr(prefix_.size()))) continue;
      found.push_back({key.substr(prefix_.size()), number_of(xml_element(object, "Size")),
                       time_of(xml_element(object, "LastModified"), AWS_DATE_FORMAT_ISO_8601)});
    }
    page = xml_text(xml_element(answer.body, "NextContinuationToken"));
    if (page.empty() || xml_element(answer.body, "IsTruncated") != "true") return found;
  }
}

Result<Micros> S3Store::now() {
  STACK_TRY_ASSIGN(answer,
                   client_->call({.method = "GET", .action = "s3:ListBucket", .query = fmt::format("list-type=2&max-keys=1&prefix={}", percent_encoded(prefix_))}));
  const Micros now = time_of(answer.header("Date"), AWS_DATE_FORMAT_RFC822);
  if (now != Micros{}) return now;
  return fail(ErrorKind::storage,
              fmt::format("{}: the store at {} does not tell the time", uri_, client_->bucket().endpoint));
}

Result<void> S3Store::remove(std::string_view key) {
  STACK_TRY_ASSIGN(object, object_key(key));
  STACK_TRY(client_->call({.method = "DELETE", .key = object, .action = "s3:DeleteObject"}));
  return {};
}

Result<std::size_t> S3Store::sweep_stale_uploads() {
  std::size_t swept = 0;
  std::string markers;  // where the page begins
  while (true) {
    const std::string query = fmt::format("{}prefix={}&uploads=", markers, percent_encoded(prefix_));
    STACK_TRY_ASSIGN(page, client_->call({.method = "GET", .action = "s3:ListBucketMultipartUploads", .query = query}));
    STACK_TRY_ASSIGN(of_page, sweep_page(page));
    swept += of_page;
    const std::string key = xml_text(xml_element(page.body, "NextKeyMarker"));
    const std::string id = xml_text(xml_element(page.body, "NextUploadIdMarker"));
    if (xml_element(page.body, "IsTruncated") != "true" || key.empty()) return swept;
    std::string next = fmt::format("key-marker={}&", percent_encoded(key));
    if (!id.empty()) next += fmt::format("upload-id-marker={}&", percent_encoded(id));
    if (next == markers) return swept;  // a store that heeds no markers would go on for ever
    markers = std::move(next);
  }
}

Result<std::size_t> S3Store::sweep_page(const aws::PooledResponse& page) {
  const Micros now = time_of(page.header("Date"), AWS_DATE_FORMAT_RFC822);
  std::size_t swept = 0;
  for (const auto upload : aws::xml_elements(page.body, "Upload")) {
    const std::string key = xml_text(xml_element(upload, "Key"));
    const Micros begun = time_of(xml_element(upload, "Initiated"), AWS_DATE_FORMAT_ISO_8601);
    if (!key.starts_with(prefix_) || now - begun < kStaleAfter) continue;
    const std::string id = percent_encoded(xml_text(xml_element(upload, "UploadId")));
    STACK_TRY(client_->call({.method = "DELETE",
                             .key = key,
                             .action = "s3:AbortMultipartUpload",
                             .query = fmt::format("uploadId={}", id)}));
    ++swept;
  }
  return swept;
}

}  // namespace stack::lake
