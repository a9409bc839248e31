// Partition projection: parameters of a table from which Athena and Trino work out its partitions, instead of asking
// the catalog for them. Queries that name dt then start faster on tables of very many partitions, and a partition is
// seen as soon as its first file is there. The catalog's own partitions stay for all other readers.
// (https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html)
// Thread-safety: free functions. Never fails.
#pragma once

#include <optional>

#include "catalog/table.hpp"
#include "core/time.hpp"

namespace stack::catalog {

enum class Projection { as_it_was, on, off };

[[nodiscard]] bool is_projected(const Table& table);

// Whether TABLE's partitions can be worked out: it has one key, whose folders are named by day, by month or by year,
// all in one way.
[[nodiscard]] bool can_be_projected(const Table& table);

// Gives TABLE the parameters where WISH, or the entry BEFORE, wants them and its partitions allow for it. TODAY: the
// range goes on from there to the present, unless the data are ahead of it.
void project(Table& table, const std::optional<Table>& before, Projection wish, Date today);

}  // namespace stack::catalog
