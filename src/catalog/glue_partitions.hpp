// The partitions of a table in AWS Glue, read in pages and written in batches: a call takes 100, of those to delete 25.
// What others create or remove meanwhile is taken as it comes: a partition that is there already is updated, one that
// has gone is created.
// Thread-safety: any thread. Failure: the client's; ErrorKind::storage naming the partition that Glue refuses and why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/service_client.hpp"
#include "catalog/glue_json.hpp"
#include "core/result.hpp"

namespace stack::catalog {

struct GlueTableName {
  std::string database;
  std::string table;
  [[nodiscard]] std::string text() const { return database + '.' + table; }
  // The members of a call's body that say which table: "DatabaseName":…,"TableName":…
  [[nodiscard]] std::string members() const;
  friend auto operator<=>(const GlueTableName&, const GlueTableName&) = default;
};

// By values; none where there is no such table.
[[nodiscard]] Result<std::optional<std::vector<GluePartition>>> read_partitions(aws::ServiceClient& glue,
                                                                                const GlueTableName& table);

struct PartitionChanges {
  std::vector<const GluePartition*> create;
  std::vector<const GluePartition*> update;
  std::vector<std::vector<std::string>> remove;
  [[nodiscard]] bool empty() const { return create.empty() && update.empty() && remove.empty(); }
};
// What leads from BEFORE to WANTED, both by values.
[[nodiscard]] PartitionChanges changes_between(const std::vector<GluePartition>& before,
                                               const std::vector<GluePartition>& wanted);

// False: the table has gone meanwhile.
[[nodiscard]] Result<bool> write_partitions(aws::ServiceClient& glue, const GlueTableName& table,
                                            PartitionChanges changes);

// The refusal of a quota, with what to do.
[[nodiscard]] std::unexpected<Error> quota_reached(const GlueTableName& table, const std::string& said);

inline constexpr std::string_view kNotFound = "EntityNotFoundException";
inline constexpr std::string_view kAlreadyExists = "AlreadyExistsException";
inline constexpr std::string_view kChangedMeanwhile = "ConcurrentModificationException";
inline constexpr std::string_view kQuotaReached = "ResourceNumberLimitExceededException";

}  // namespace stack::catalog
