// How late a paced feed's events are: counted event by event, told as quantiles.
// Thread-safety: free functions; the histogram may be read meanwhile. Never fails.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "core/latency_histogram.hpp"
#include "kafka/producer.hpp"
#include "publish/pace.hpp"

namespace stack::publish {

// Records for each of RECORDS, which DUE_AT has in order, how long before NOW it was due; rounded up to 32 us.
void record_delays(std::span<const kafka::Record> records,
                   const std::function<Pacer::Moment(const kafka::Record&)>& due_at, Pacer::Moment now,
                   LatencyHistogram& delays);

}  // namespace stack::publish
