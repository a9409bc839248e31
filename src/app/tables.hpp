// The tables that stand beside a run's ticks: the history they were made from, the bars that a model or a scenario made
// of it, and what each symbol is.
// Thread-safety: as ObjectStore. Failure: ErrorKind::storage.
#pragma once

#include "core/result.hpp"
#include "lake/object_store.hpp"
#include "market/feed.hpp"

namespace stack::app {

// Whether the bars that PLAN's ticks follow are not those of the history: a model made them, or a scenario has changed
// some.
[[nodiscard]] bool has_simulated_bars(const market::FeedPlan& plan);

// Writes <side table>/<feed id>.ndjson for each side table unless it is there: the same feed has the same. For the
// table `ticks` they are `bars`, `symbols` and, where has_simulated_bars(), `simulated_bars`; for any other
// `<table>_bars` and so on.
[[nodiscard]] Result<void> write_side_tables(const market::FeedPlan& plan, std::string_view table,
                                             lake::ObjectStore& store);

}  // namespace stack::app
