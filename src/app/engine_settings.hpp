// How the embedded engine is opened, from the settings. Thread-safety: as Settings. Failure: ErrorKind::usage.
#pragma once

#include "app/settings.hpp"
#include "core/result.hpp"
#include "query/duckdb_engine.hpp"

namespace stack::app {

// With a cache for the lake at URI where that is no folder: $XDG_CACHE_HOME/stack/objects, or ~/.cache/stack/objects.
[[nodiscard]] Result<query::DuckdbEngineOptions> engine_options(const Settings& settings, const std::string& uri);

}  // namespace stack::app
