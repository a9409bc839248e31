// Names inside a lake. They are a contract: readers outside this program go by them.
//   <table>/dt=<dt>/<topic>+<partition>+<first offset>.<ext>           rows (no dt folder when not partitioned)
//   <table>/dt=<dt>/<topic>+<partition>+<first offset>-<end>.c.<ext>  rows of several ranges, merged
//   _stack/claims/<table>/<topic>/<partition>/<first offset>           claims
//   _stack/dlq/<table>/<topic>+<partition>+<first offset>.ndjson       dead letters
// Offsets have 20 digits, so that names sort as offsets do.
// Thread-safety: free functions. Failure: names that would leave the lake are ErrorKind::usage.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace stack::lake {

// A partition of a topic on its way into a table.
struct Lane {
  std::string table;
  std::string topic;
  std::int32_t partition = 0;
};

// Letters, digits and '_', not first a '_', at most 128: a folder of the lake, and a name that SQL and Hive take.
[[nodiscard]] Result<void> check_table_name(std::string_view table);
// Kafka's own rule, and short enough for a file name.
[[nodiscard]] Result<void> check_topic_name(std::string_view topic);

[[nodiscard]] std::string data_prefix(std::string_view table);
[[nodiscard]] std::string data_key(const Lane& lane, std::string_view dt, std::int64_t first,
                                   std::string_view extension);
// END exclusive.
[[nodiscard]] std::string merged_key(const Lane& lane, std::string_view dt, std::int64_t first, std::int64_t end,
                                     std::string_view extension);
[[nodiscard]] std::string compactions_prefix(std::string_view table);
[[nodiscard]] std::string claims_prefix(std::string_view table);
[[nodiscard]] std::string claims_prefix(const Lane& lane);
[[nodiscard]] std::string claim_key(const Lane& lane, std::int64_t first);
[[nodiscard]] std::string dead_letters_prefix(std::string_view table);
[[nodiscard]] std::string dead_letter_key(const Lane& lane, std::int64_t first);

// What the name of a file of rows or dead letters says.
struct FileName {
  std::string dt;  // empty: not partitioned
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t first = 0;
  std::optional<std::int64_t> end;  // exclusive; of a merged file alone
  std::string extension;
};
// KEY under data_prefix or dead_letters_prefix; nothing for a name that is not the sink's.
[[nodiscard]] std::optional<FileName> parse_file_key(std::string_view key);

// Whether KEY stays inside the lake: no part is empty, "." or "..".
[[nodiscard]] bool is_sound_key(std::string_view key);

// 20 decimal digits.
[[nodiscard]] std::string padded_offset(std::int64_t offset);
[[nodiscard]] std::optional<std::int64_t> parse_padded_offset(std::string_view digits);

}  // namespace stack::lake
