// A table as what AWS Glue holds of it, and back. Glue's own fields say what Athena, Trino and Spark read: columns,
// formats, location, partitions. Counts are kept under the names that Glue's crawlers give them (objectCount, sizeKey,
// recordCount), and the rest of what a Table knows as compact JSON in the table's parameter "stack.table".
// A table that others made is understood as far as it can be: types that STACK does not have become the next wider one.
// Thread-safety: free functions. Failure: ErrorKind::conflict for a table that is none of NDJSON or Parquet files, or
// is elsewhere than in the lake, and for an entry that Glue does not take.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/glue_json.hpp"
#include "catalog/table.hpp"
#include "core/result.hpp"

namespace stack::catalog {

// The partitions that Glue can hold, by values: of several with the same values the first, and none with an empty
// value. The others are kept in the table's parameter.
[[nodiscard]] std::vector<GluePartition> glue_partitions(const Table& table);

// Of partitions as they are written, in the order of glue_partitions(): two writers' are equal where theirs are.
[[nodiscard]] std::string fingerprint(const std::vector<GluePartition>& partitions);

// FINGERPRINT: of the partitions that stand beside the entry; empty while they are still being written. An entry
// without one is not whole, and is no table to readers of ours.
[[nodiscard]] Result<GlueTable> glue_table(const Table& table, std::string_view fingerprint);

// WANTED with what people have added to BEFORE: other parameters, description, owner, the columns' comments.
[[nodiscard]] GlueTable with_additions_of(const GlueTable& before, GlueTable wanted);
// Whether an UpdateTable from one to the other would say something new.
[[nodiscard]] bool same_entry(const GlueTable& a, const GlueTable& b);

// What of BEFORE, which STACK did not write, contradicts WANTED: one phrase each.
[[nodiscard]] std::vector<std::string> contradictions(const GlueTable& before, const GlueTable& wanted);
// The same of its partitions, both by values; the first three.
[[nodiscard]] std::vector<std::string> contradictions(const std::vector<GluePartition>& before,
                                                      const std::vector<GluePartition>& wanted);

// LAKE: URI that the table must be below; empty: anywhere.
[[nodiscard]] Result<Table> table_of(std::string_view database, const GlueTable& entry,
                                     const std::vector<GluePartition>& partitions, std::string_view lake);

}  // namespace stack::catalog
