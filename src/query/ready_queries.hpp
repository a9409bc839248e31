// Queries worth having, by name, over the tables that a run leaves: ticks, bars (the history) and symbols.
// Thread-safety: constant data. Failure: an unknown name is ErrorKind::usage and lists the names.
#pragma once

#include <span>
#include <string_view>

#include "core/result.hpp"

namespace stack::query {

struct ReadyQuery {
  std::string_view name;
  std::string_view description;  // one line
  std::string_view sql;
};

[[nodiscard]] std::span<const ReadyQuery> ready_queries();
[[nodiscard]] Result<ReadyQuery> find_ready_query(std::string_view name);

}  // namespace stack::query
