// Retention: partitions whose days are long past are removed. Claims stay, so that no sink lands their records again; a
// marker says that the partition is expired, so that an audit does not take its rows for lost and a compaction does not
// miss its files.
//   _stack/expired/<table>/<dt>
// Thread-safety: free functions. Failure: the store's. Killed on the way, the next call goes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

// The dt of TABLE that are marked.
[[nodiscard]] Result<std::set<std::string>> expired_partitions(ObjectStore& store, std::string_view table);

[[nodiscard]] std::string expiry_key(std::string_view table, std::string_view dt);

// The day behind the last of DT, which is a day, a month or a year; nothing for what is none of them.
[[nodiscard]] std::optional<Date> end_of_partition(std::string_view dt);

struct ExpiredFiles {
  std::uint64_t partitions = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;  // as stored
};
// Removes the sinks' files of every partition of TABLE that ended AGE or longer before NOW. DRY_RUN only counts.
[[nodiscard]] Result<ExpiredFiles> expire_partitions(ObjectStore& store, std::string_view table, std::chrono::days age,
                                                     Micros now, bool dry_run);

}  // namespace stack::lake
