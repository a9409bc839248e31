// How late a paced feed's events are: counted event by event, told as quantiles.
// Thread-safety: free functions; the histogram may be read meanwhile. Never fails.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "app/pace.hpp"
#include "core/latency_histogram.hpp"
#include "kafka/producer.hpp"

namespace stack::app {

// Records for each of RECORDS, which DUE_AT has in order, how long before NOW it was due; rounded up to 32 us.
void record_delays(std::span<const kafka::Record> records,
                   const std::function<Pacer::Moment(const kafka::Record&)>& due_at, Pacer::Moment now,
                   LatencyHistogram& delays);

[[nodiscard]] std::string delays_text(const LatencyHistogram& delays);  // "p50 0.4 ms, p99 1.2 ms, max 3.1 ms"
[[nodiscard]] std::string delays_json(const LatencyHistogram& delays);  // {"p50":0.4,...,"max":3.1}, milliseconds

}  // namespace stack::app
