// From settings to the terms of a sink. Thread-safety: as Settings. Failure: ErrorKind::usage naming the option.
#pragma once

#include "app/settings.hpp"
#include "core/result.hpp"
#include "lake/sink.hpp"

namespace stack::app {

[[nodiscard]] Result<lake::SinkOptions> sink_options(const Settings& settings, std::string topic);
// --from-offset, --to-offset, --from-time, --to-time.
[[nodiscard]] Result<lake::BoundsRequest> bounds_request(const Settings& settings);

}  // namespace stack::app
