// Queries worth having, by name, over the tables that a run leaves: ticks, bars (the history), symbols and,
// where a model or a scenario made the bars that the ticks follow, simulated_bars.
// Thread-safety: constant data. Failure: an unknown name is ErrorKind::usage and lists the names.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace stack::query {

struct ReadyQuery {
  std::string_view name;
  std::string_view description;  // one line
  std::string_view sql;
};

// QUERY's SQL for a lake with or without the table simulated_bars: ticks are held against the bars that they follow.
[[nodiscard]] std::string sql_for(const ReadyQuery& query, bool simulated_bars);

[[nodiscard]] std::span<const ReadyQuery> ready_queries();
[[nodiscard]] Result<ReadyQuery> find_ready_query(std::string_view name);

}  // namespace stack::query
