// The process_* metrics that Prometheus's own client libraries have: processor time, memory, descriptors, start.
// Thread-safety: any thread. Never fails: what /proc does not tell is left out.
#pragma once

#include "telemetry/exposition.hpp"

namespace stack::telemetry {

void add_process_metrics(Exposition& exposition);

}  // namespace stack::telemetry
