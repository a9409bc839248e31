// Where an owner of a partition begins: at the last claim of its chain, to finish it; behind it, if all its files
// stand; at the log's beginning, if there is no chain. What the claims say decides; no committed offset does.
// Thread-safety: free functions. Failure: ErrorKind::conflict names the range and the next step when the topic was
// made anew, when the table holds another feed, when the log no longer holds what the lake still needs, or when it ends
// before the chain does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kafka/admin.hpp"
#include "lake/claim.hpp"
#include "lake/topic_bounds.hpp"

namespace stack::lake {

struct ResumePoint {
  std::int64_t first = 0;        // of the range to go on with
  std::int64_t position = 0;     // where to read on
  std::optional<Claim> adopted;  // the claim to finish, if it is not complete
  std::string feed;              // that the chain holds, empty if it names none
};

// LOG_START is the first offset that the partition still has; BOUNDS say where the chain is to begin and end.
[[nodiscard]] Result<ResumePoint> find_resume_point(ObjectStore& store, const Lane& lane, const TopicIdentity& identity,
                                                    std::int64_t log_start, const PartitionBounds& bounds = {});

// Why a LOG, whose records before TAKEN were read, cannot be read on from there; nothing where it can. It may have lost
// its end: to a power cut, an unclean election, or a broker's folder that was restored from an older copy. LANDED: the
// chain's end. If the log lost only what had not landed, a sink that starts anew goes on.
[[nodiscard]] Result<void> check_log_holds(const Lane& lane, std::int64_t landed, std::int64_t taken,
                                           const kafka::OffsetRange& log);

// The feed that TABLE holds by the newest claims of all its lanes; empty if they name none.
[[nodiscard]] Result<std::string> feed_of_table(ObjectStore& store, std::string_view table);

// The format of TABLE's files by one of its newest claims; nothing for a table without claims.
[[nodiscard]] Result<std::optional<FileFormat>> format_of_table(ObjectStore& store, std::string_view table);

[[nodiscard]] std::unexpected<Error> other_feed(std::string_view table, std::string_view held, std::string_view found);

}  // namespace stack::lake
