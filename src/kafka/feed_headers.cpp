#include "kafka/feed_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

namespace stack::kafka {
namespace {

void add(rd_kafka_headers_t* headers, std::string_view name, std::string_view value) {
  rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                      static_cast<ssize_t>(value.size()));
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Parameters such as a charset are passed over; JSON is UTF-8 (RFC 8259, 8.1).
bool is_json(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  constexpr std::string_view kSuffix = "+json";  // RFC 6839, 3.1
  return equal_but_for_case(type, kContentType) ||
         (type.size() > kSuffix.size() && equal_but_for_case(type.substr(type.size() - kSuffix.size()), kSuffix));
}

}  // namespace

std::string new_run_id() {
  std::random_device device;
  const std::uint64_t bits = std::uint64_t{device()} << 32 | device();
  return fmt::format("{:010x}", bits & 0xFFFFFFFFFFU);
}

FeedHeaders::FeedHeaders(std::string feed_id, std::string run_id, std::string layout, Shard shard,
                         HeaderPlacement placement)
    : feed_id_(std::move(feed_id)),
      run_id_(std::move(run_id)),
      layout_(std::move(layout)),
      shard_(shard.text()),
      placement_(placement) {}

void* BatchPlace::opaque() const {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(bits_));  // NOLINT(performance-no-int-to-ptr)
}

BatchPlace BatchPlace::of(const void* opaque) { return BatchPlace{reinterpret_cast<std::uintptr_t>(opaque)}; }

rd_kafka_headers_t* FeedHeaders::make(BatchPlace place) const {
  constexpr std::size_t kMost = 7;
  const bool alone = place.is_middle() && placement_ == HeaderPlacement::batch;
  rd_kafka_headers_t* headers = rd_kafka_headers_new(alone ? 1 : kMost);
  add(headers, kFeedHeader, feed_id_);
  if (alone) return headers;
  add(headers, kContentTypeHeader, kContentType);
  add(headers, kSchemaHeader, kSchemaVersion);
  add(headers, kRunHeader, run_id_);
  if (const auto position = place.position()) {
    const fmt::format_int text{*position};
    add(headers, kPositionHeader, {text.data(), text.size()});
    add(headers, kLayoutHeader, layout_);
    add(headers, kShardHeader, shard_);
  }
  return headers;
}

Result<void> check_record_form(std::optional<std::string_view> content_type, std::optional<std::string_view> schema,
                               const RecordPlace& place) {
  const bool json = !content_type || is_json(*content_type);
  const bool known = !schema || *schema == kSchemaVersion;
  if (json && known) return {};
  const auto where = fmt::format("{}/{}@{}: schema incompatible", place.topic, place.partition, place.offset);
  if (!json)
    return fail(ErrorKind::conflict, fmt::format("{}: the record's content type is {}, not {}; choose another --topic",
                                                 where, *content_type, kContentType));
  return fail(ErrorKind::conflict,
              fmt::format("{}: the record's schema has version {}, this program knows version {}; use the release that "
                          "wrote the topic, or another --topic",
                          where, *schema, kSchemaVersion));
}

}  // namespace stack::kafka
