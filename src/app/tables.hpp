// The two tables that stand beside a run's ticks: the history they were made from, and what each symbol is.
// Thread-safety: as ObjectStore. Failure: ErrorKind::storage.
#pragma once

#include "core/result.hpp"
#include "lake/object_store.hpp"
#include "market/feed.hpp"

namespace stack::app {

// Writes <bars table>/<feed id>.ndjson and <symbols table>/<feed id>.ndjson unless they are there: the same feed has
// the same two. For the table `ticks` they are `bars` and `symbols`, for any other `<table>_bars`, `<table>_symbols`.
[[nodiscard]] Result<void> write_side_tables(const market::FeedPlan& plan, std::string_view table,
                                             lake::ObjectStore& store);

}  // namespace stack::app
