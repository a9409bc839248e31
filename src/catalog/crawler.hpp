// From files to tables: every folder at the lake's root (but those that begin with '_' or '.') becomes one table, its
// columns the join of its files' schemas, its dt=… folders the partitions. A crawl reads only files that the last one
// did not see (by key, size and time, kept under _stack/crawl/); what vanished from the lake leaves the catalog.
// Lines that are not JSON objects are counted and reported, not fatal; so are files that cannot be read, such as a
// damaged .gz: the rest is registered without them, and the next crawl tries them again.
// Thread-safety: free functions; two crawls at once do the work twice and leave one complete result.
// Failure: ErrorKind::storage, ErrorKind::interrupted when STOP is set; the catalog then stays as it was, but
// for a table that is being written into AWS Glue, which the next crawl finishes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "catalog/projection.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"
#include "lake/object_store.hpp"

namespace stack::catalog {

struct CrawlOptions {
  std::string database{kDefaultDatabase};
  unsigned threads = 2;
  bool full = false;  // read every file again, whatever the last crawl saw
  Projection projection = Projection::as_it_was;
};

struct UnreadableFile {
  std::string key;
  std::string reason;  // one line that names the file
};

struct CrawledTable {
  std::string name;
  TableFormat format = TableFormat::ndjson;
  std::uint64_t columns = 0;
  std::uint64_t partitions = 0;
  std::uint64_t files = 0;
  std::uint64_t rows = 0;
  std::uint64_t files_read = 0;
  std::uint64_t bytes_read = 0;  // as stored
  std::uint64_t malformed_lines = 0;
  std::vector<UnreadableFile> unreadable;
  bool changed = false;            // the catalog entry was written
  std::vector<std::string> notes;  // columns that came, went or changed their type; files that were passed over
};

struct CrawlSummary {
  std::vector<CrawledTable> tables;
  std::vector<std::string> removed_tables;
  std::uint64_t partitions = 0;
  std::uint64_t files = 0;
  std::uint64_t files_read = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t text_bytes = 0;  // of NDJSON after decompression
  std::uint64_t unreadable_files = 0;
  double seconds = 0;
  std::vector<std::string> notes;      // about the lake as a whole
  std::vector<std::string> conflicts;  // tables whose entry in the catalog is others': left alone, the rest is done

  [[nodiscard]] bool changed() const;
};

[[nodiscard]] Result<CrawlSummary> crawl(lake::ObjectStore& store, Catalog& catalog, const CrawlOptions& options,
                                         const Clock& clock, const StopFlag& stop);

// Crawls again and again until STOP is set; REPORT is given the first summary and those that changed something. PAUSE:
// how long to wait after a crawl, which has ended at the time that it is given; none: no more crawls.
using CrawlPause = std::function<std::optional<std::chrono::milliseconds>(Micros)>;
[[nodiscard]] Result<void> watch(lake::ObjectStore& store, Catalog& catalog, const CrawlOptions& options,
                                 const Clock& clock, const StopFlag& stop, const CrawlPause& pause,
                                 const std::function<void(const CrawlSummary&)>& report);

}  // namespace stack::catalog
