// What a run did, for people and as JSON. Thread-safety: values. Failure: as the queries'.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/progress.hpp"
#include "catalog/crawler.hpp"
#include "catalog/table.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "lake/object_store.hpp"
#include "lake/sink.hpp"
#include "lake/verify.hpp"
#include "market/feed.hpp"
#include "query/duckdb_engine.hpp"

namespace stack::app {

struct RunSummary {
  const market::FeedPlan* plan = nullptr;
  std::string data;
  std::string topic;
  std::int32_t partitions = 0;
  std::string lake;
  std::string table;
  std::uint64_t produced = 0;    // events of the feed on the topic
  std::uint64_t resumed_at = 0;  // how many were there before
  double produce_seconds = 0;
  lake::SinkSummary sink;
  double land_seconds = 0;
  catalog::CrawlSummary crawl;
  market::FaultCounts injected;  // by a scenario, among the events produced
  lake::VerifyResult audit;
  double seconds = 0;
  bool stopped = false;  // by the user, before the feed's end

  // Some of the sessions may lack their last ticks.
  [[nodiscard]] bool cut_short() const {
    return plan->options().mode != market::Mode::sample && (stopped || plan->options().limit.has_value());
  }
  // Every event of the feed that was produced is in the lake, once: as a row, or, if it was damaged on purpose, as a
  // dead letter.
  [[nodiscard]] bool exactly_once() const {
    return audit.clean() && audit.rows + audit.dead_letters == produced && audit.dead_letters == injected.malformed;
  }
};

struct Answer {
  std::string_view title;
  std::string sql;
};

// A condition on dt that leaves all but the table's last year unread, whichever of days, months and years its
// partitions are; "true" where dt does not tell.
[[nodiscard]] std::string last_year_of(const catalog::Table& table);

// The queries whose answers a run shows; TABLE is the catalog's entry of the ticks.
[[nodiscard]] std::vector<Answer> run_answers(const RunSummary& summary, const catalog::Table& table);

// Stages and answers as text on standard output.
[[nodiscard]] Result<void> print_summary(const RunSummary& summary, lake::ObjectStore& store, catalog::Catalog& catalog,
                                         query::DuckdbEngineOptions engine_options, const StopFlag& stop);
// The same as one JSON object.
[[nodiscard]] Result<std::string> summary_json(const RunSummary& summary, lake::ObjectStore& store,
                                               catalog::Catalog& catalog, query::DuckdbEngineOptions engine_options,
                                               const StopFlag& stop);

}  // namespace stack::app
