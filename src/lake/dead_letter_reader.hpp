// Dead letters read back from a lake: those of a table, or of some of its partitions, or of a reason.
// Thread-safety: values and free functions. Failure: ErrorKind::storage for a file that cannot be read or a line that
// is no dead letter, naming the object.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "lake/dead_letter.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

struct StoredDeadLetter {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;    // Kafka's, -1 if there is none
  std::optional<std::string> key;    // none: null
  std::optional<std::string> value;  // none: null
  std::string reason;
};

struct DeadLetterFilter {
  std::string topic;                     // empty: all
  std::vector<std::int32_t> partitions;  // empty: all
  std::string reason;                    // a part of it; empty: all
};

// LINE as append_dead_letter wrote it; nothing if it is none.
[[nodiscard]] std::optional<StoredDeadLetter> parse_dead_letter(std::string_view line);

[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

// Tables that have dead letters.
[[nodiscard]] Result<std::vector<std::string>> tables_with_dead_letters(ObjectStore& store);

// A file of dead letters and what it holds of a table, one after the other by offset. SEE says whether to go on.
[[nodiscard]] Result<void> for_each_dead_letter(
    ObjectStore& store, std::string_view table, const DeadLetterFilter& filter,
    const std::function<Result<bool>(const std::string& key, const StoredDeadLetter& letter)>& see);

}  // namespace stack::lake
