// How late a paced feed's events are: counted event by event, told as quantiles.
// Thread-safety: free functions; the histogram may be read meanwhile. Never fails.
#pragma once

#include <span>
#include <string>

#include "app/pace.hpp"
#include "core/latency_histogram.hpp"
#include "kafka/producer.hpp"
#include "market/feed_batch.hpp"

namespace stack::app {

// Records, for each of RECORDS, which are events of BATCH that PACER has just said are due, how long before NOW that
// was; rounded up to 32 us.
void record_delays(const Pacer& pacer, const market::FeedBatch& batch, std::span<const kafka::Record> records,
                   Pacer::Moment now, LatencyHistogram& delays);

[[nodiscard]] std::string delays_text(const LatencyHistogram& delays);  // "p50 0.4 ms, p99 1.2 ms, max 3.1 ms"
[[nodiscard]] std::string delays_json(const LatencyHistogram& delays);  // {"p50":0.4,...,"max":3.1}, milliseconds

}  // namespace stack::app
