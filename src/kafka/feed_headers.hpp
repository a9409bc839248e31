// The headers of a feed's records. Every record carries the feed's id. Content type, the version of the schema and the
// run of the producer stand on every record if that is asked for; else on the first and the last one of each partition
// in every batch that is handed over, and hold for the records between them, since at full speed these three cost a
// fifth of the rate (bench/produce). The last one also carries its position in the feed, the topic's layout and the
// producer's shard, where a successor reads them back (resume.hpp). Thread-safety: FeedHeaders is immutable once made;
// the rest are free functions. Failure: check_record_form returns ErrorKind::conflict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "kafka/handles.hpp"
#include "kafka/shard.hpp"

namespace stack::kafka {

inline constexpr const char* kFeedHeader = "stack-feed";
inline constexpr const char* kContentTypeHeader = "content-type";
inline constexpr const char* kSchemaHeader = "stack-schema";
inline constexpr const char* kRunHeader = "stack-run";            // ten hex digits, new at every start of a producer
inline constexpr const char* kPositionHeader = "stack-position";  // decimal, from 0
inline constexpr const char* kLayoutHeader = "stack-layout";      // as layout_of() writes it
inline constexpr const char* kShardHeader = "stack-shard";        // "<number>/<count>"; absent: 1/1

inline constexpr std::string_view kContentType = "application/json";
// Of the records' values; raised when a reader of the version before could not read them.
inline constexpr std::string_view kSchemaVersion = "1";

// Which records say what they are: those at the ends of a batch, or every one.
enum class HeaderPlacement { batch, record };

[[nodiscard]] std::string new_run_id();

// What a record is among those of its partition in a batch.
class BatchPlace {
 public:
  static constexpr BatchPlace middle() { return BatchPlace{0}; }
  static constexpr BatchPlace first() { return BatchPlace{1}; }
  // Also of the only one. POSITION: in the feed, below 2^62.
  static constexpr BatchPlace last(std::uint64_t position) { return BatchPlace{2 + 2 * position}; }

  [[nodiscard]] constexpr bool is_middle() const { return bits_ == 0; }
  [[nodiscard]] constexpr std::optional<std::uint64_t> position() const {
    return bits_ < 2 ? std::nullopt : std::optional{(bits_ - 2) / 2};
  }
  // To travel in a message's opaque pointer, where the middle is no pointer.
  [[nodiscard]] void* opaque() const;
  [[nodiscard]] static BatchPlace of(const void* opaque);

 private:
  constexpr explicit BatchPlace(std::uint64_t bits) : bits_(bits) {}
  std::uint64_t bits_;
};

// What one producer writes on its records.
class FeedHeaders {
 public:
  FeedHeaders(std::string feed_id, std::string run_id, std::string layout, Shard shard,
              HeaderPlacement placement = HeaderPlacement::batch);
  // A new list, which librdkafka or the caller destroys.
  [[nodiscard]] rd_kafka_headers_t* make(BatchPlace place) const;

 private:
  std::string feed_id_;
  std::string run_id_;
  std::string layout_;
  std::string shard_;
  HeaderPlacement placement_;
};

struct RecordPlace {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

// Whether a reader of JSON of this version can read the record at PLACE, which says of itself what CONTENT_TYPE and
// SCHEMA do (nullopt: nothing, as foreign producers' records).
[[nodiscard]] Result<void> check_record_form(std::optional<std::string_view> content_type,
                                             std::optional<std::string_view> schema, const RecordPlace& place);

}  // namespace stack::kafka
