#include "app/metrics_pipeline.hpp"

namespace stack::app {
namespace {

using telemetry::Metric;
using telemetry::MetricType;

constexpr Metric kCrawls{"stack_crawl_changes_total", MetricType::counter,
                         "Crawls that changed the catalog, and the first one"};
constexpr Metric kFilesRead{"stack_crawl_read_files_total", MetricType::counter, "Files read by those crawls"};
constexpr Metric kBytesRead{"stack_crawl_read_bytes_total", MetricType::counter, "Bytes read by those crawls"};
constexpr Metric kTables{"stack_crawl_tables", MetricType::gauge, "Tables in the catalog"};
constexpr Metric kFiles{"stack_crawl_files", MetricType::gauge, "Files in the catalog's tables"};
constexpr Metric kUnreadable{"stack_crawl_unreadable_files", MetricType::gauge, "Files that could not be read"};
constexpr Metric kTime{"stack_crawl_seconds", MetricType::histogram, "Time that those crawls took"};
constexpr Metric kLast{"stack_crawl_last_change_timestamp_seconds", MetricType::gauge,
                       "When the catalog changed last, in seconds since 1970; 0: never yet"};

}  // namespace

void CrawlProgress::see(const catalog::CrawlSummary& summary, Micros now) {
  ++crawls;
  files_read += summary.files_read;
  bytes_read += summary.bytes_read;
  tables = summary.tables.size();
  files = summary.files;
  unreadable_files = summary.unreadable_files;
  last_us = now.time_since_epoch().count();
  time.record(std::chrono::duration_cast<LatencyHistogram::Duration>(std::chrono::duration<double>(summary.seconds)));
}

void add_crawl_metrics(const CrawlProgress& progress, telemetry::Exposition& exposition) {
  exposition.add(kCrawls, progress.crawls);
  exposition.add(kFilesRead, progress.files_read);
  exposition.add(kBytesRead, progress.bytes_read);
  exposition.add(kTables, progress.tables);
  exposition.add(kFiles, progress.files);
  exposition.add(kUnreadable, progress.unreadable_files);
  exposition.add(kTime, progress.time);
  exposition.add(kLast, static_cast<double>(progress.last_us) / 1e6);
}

}  // namespace stack::app
