// "Until the end": what the topic held at one moment, and whether all of it is in the lake, whoever wrote it.
// Thread-safety: for the thread that consumes. Failure: as the store's and the broker's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "kafka/admin.hpp"
#include "kafka/connection.hpp"
#include "lake/claim.hpp"

namespace stack::lake {

class EndGoal {
 public:
  // ENDS: the last stable offset of each partition at that moment.
  EndGoal(std::string table, std::string topic, std::vector<std::int64_t> ends)
      : table_(std::move(table)), topic_(std::move(topic)), ends_(std::move(ends)), met_(ends_.size(), false) {}

  [[nodiscard]] std::int64_t end(std::int32_t partition) const { return ends_[static_cast<std::size_t>(partition)]; }
  // Partitions that the topic was given later are no part of the goal, so nothing is left to do in them.
  [[nodiscard]] bool is_met(std::int32_t partition) const {
    const auto index = static_cast<std::size_t>(partition);
    return index >= met_.size() || met_[index];
  }
  [[nodiscard]] bool is_met() const;
  void mark_met(std::int32_t partition) { met_[static_cast<std::size_t>(partition)] = true; }

  // Looks at the chain of a partition that another sink owns: met when its claims cover the end and their files
  // stand, or when nothing but control records is left behind them. LOG: the partition's offsets now. A chain that ends
  // before the log begins, or behind its end, is never met, as records were lost before they were taken or since: its
  // owner says so.
  [[nodiscard]] Result<bool> look_at_foreign(std::int32_t partition, const kafka::OffsetRange& log, ObjectStore& store,
                                             const kafka::Connection& connection);

 private:
  [[nodiscard]] Result<bool> has_no_records(std::int32_t partition, std::int64_t from,
                                            const kafka::Connection& connection) const;

  std::string table_;
  std::string topic_;
  std::vector<std::int64_t> ends_;
  std::vector<bool> met_;
};

}  // namespace stack::lake
