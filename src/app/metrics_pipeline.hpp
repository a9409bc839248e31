// The stages' progress as metrics. Thread-safety: progress may change meanwhile. Never fails.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "catalog/crawler.hpp"
#include "core/latency_histogram.hpp"
#include "lake/sink_progress.hpp"
#include "publish/feed_producer.hpp"
#include "telemetry/exposition.hpp"

namespace stack::app {

void add_producer_metrics(const publish::FeedProgress& progress, telemetry::Exposition& exposition);

void add_sink_metrics(const lake::SinkProgress& progress, std::string_view topic, telemetry::Exposition& exposition);
// Why a sink does not work at NOW; empty: it does. One that its memory budget holds back for long waits for a store
// that takes nothing.
[[nodiscard]] std::string sink_trouble(const lake::SinkProgress& progress, Micros now);

// What crawls have done so far. Written by the crawling thread, read by any.
struct CrawlProgress {
  std::atomic<std::uint64_t> crawls{0};  // the first one, and those that changed something
  std::atomic<std::uint64_t> files_read{0};
  std::atomic<std::uint64_t> bytes_read{0};
  std::atomic<std::uint64_t> tables{0};
  std::atomic<std::uint64_t> files{0};
  std::atomic<std::uint64_t> unreadable_files{0};
  std::atomic<std::int64_t> last_us{0};  // microseconds since 1970; 0: none yet
  LatencyHistogram time;

  void see(const catalog::CrawlSummary& summary, Micros now);
};
void add_crawl_metrics(const CrawlProgress& progress, telemetry::Exposition& exposition);

}  // namespace stack::app
