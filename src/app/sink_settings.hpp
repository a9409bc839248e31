// From settings to the terms of a sink. Thread-safety: as Settings. Failure: ErrorKind::usage naming the option.
#pragma once

#include "app/settings.hpp"
#include "core/result.hpp"
#include "lake/sink.hpp"

namespace stack::app {

[[nodiscard]] Result<lake::SinkOptions> sink_options(const Settings& settings, std::string topic);
// --from-offset, --to-offset, --from-time, --to-time.
[[nodiscard]] Result<lake::BoundsRequest> bounds_request(const Settings& settings);

// ErrorKind::conflict where the table that OPTIONS name holds files of another format than theirs, unless
// --mixed-formats is given: Athena and Glue read one format a table.
[[nodiscard]] Result<void> check_format(const Settings& settings, const lake::SinkOptions& options,
                                        lake::ObjectStore& store);

}  // namespace stack::app
