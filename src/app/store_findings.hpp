// Whether a lake in S3 can be worked with: tried with an object of its own under _stack/probe, which is removed again.
// Thread-safety: as Settings. What fails is a finding.
#pragma once

#include <string>
#include <vector>

#include "app/finding.hpp"
#include "app/settings.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::app {

// One finding for each of: listing, writing, reading, conditional writes, the clock, removing. Where the store cannot
// even be listed, only that. STOP gives up the listing; what is written after it is removed again.
[[nodiscard]] std::vector<Finding> check_store(const Settings& settings, const std::string& uri, const Clock& clock,
                                               const StopFlag& stop);

}  // namespace stack::app
