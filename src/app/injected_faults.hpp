// What a scenario put into a feed, as the commands say it. Thread-safety: pure. Never fails.
#pragma once

#include <string>

#include "market/feed.hpp"

namespace stack::app {

// {"late":0,"held":0,"duplicated":0,"malformed":0,"dropped":0}
[[nodiscard]] std::string faults_json(const market::FaultCounts& faults);
// The same for people, only what there is; "no faults" where there are none.
[[nodiscard]] std::string faults_text(const market::FaultCounts& faults);

}  // namespace stack::app
