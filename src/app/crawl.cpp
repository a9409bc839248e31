// stack crawl: the lake's files into the catalog.
#include <fmt/format.h>

#include "app/command.hpp"
#include "app/engine_choice.hpp"
#include "app/glue_crawl.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/metrics.hpp"
#include "app/metrics_pipeline.hpp"
#include "app/open_catalog.hpp"
#include "app/progress.hpp"
#include "catalog/crawler.hpp"
#include "core/cron_schedule.hpp"
#include "lake/json_text.hpp"

namespace stack::app {
namespace {

std::string as_json(const catalog::CrawlSummary& summary) {
  std::string tables;
  for (const auto& table : summary.tables) {
    tables += (tables.empty() ? "" : ",") + JsonObject{}
                                                .text("name", table.name)
                                                .number("columns", table.columns)
                                                .number("partitions", table.partitions)
                                                .number("files", table.files)
                                                .number("rows", table.rows)
                                                .number("files_read", table.files_read)
                                                .number("bytes_read", table.bytes_read)
                                                .number("malformed_lines", table.malformed_lines)
                                                .number("unreadable_files", table.unreadable.size())
                                                .number("changed", table.changed)
                                                .str();
  }
  return JsonObject{}
      .raw("tables", fmt::format("[{}]", tables))
      .number("partitions", summary.partitions)
      .number("files", summary.files)
      .number("files_read", summary.files_read)
      .number("bytes_read", summary.bytes_read)
      .number("unreadable_files", summary.unreadable_files)
      .raw("conflicts", lake::json_array(summary.conflicts))
      .seconds("seconds", summary.seconds)
      .str();
}

void report(const catalog::CrawlSummary& summary, Progress& progress) {
  for (const auto& table : summary.tables) {
    progress.say(fmt::format("{}{}: {}, {}, {} ({} read), {}", table.changed ? "* " : "  ", table.name,
                             counted(table.columns, "column"), counted(table.partitions, "partition"),
                             counted(table.files, "file"), with_commas(table.files_read), counted(table.rows, "row")));
    if (table.malformed_lines > 0)
      progress.warn(fmt::format("{}: {} lines are not JSON objects", table.name, with_commas(table.malformed_lines)));
    for (const auto& file : table.unreadable)
      progress.warn(fmt::format("{}; it is left out until a crawl can read it: mend or remove it", file.reason));
    for (const auto& note : table.notes) progress.say(fmt::format("    {}", note));
  }
  for (const auto& name : summary.removed_tables) progress.say(fmt::format("- {}: its files are gone", name));
  for (const auto& note : summary.notes) progress.say(note);
  for (const auto& conflict : summary.conflicts) progress.warn(conflict);
  progress.say(fmt::format("{}, {} read of {}, {:.3f} s", counted(summary.tables.size(), "table"),
                           human_bytes(static_cast<double>(summary.bytes_read)), counted(summary.files_read, "file"),
                           summary.seconds));
}

// Crawls until it is stopped; the last change is the result.
Result<catalog::CrawlSummary> watch(lake::ObjectStore& store, catalog::Catalog& catalog,
                                    const catalog::CrawlOptions& options, const Context& context,
                                    const catalog::CrawlPause& pause, Progress& progress, CrawlProgress& counts) {
  catalog::CrawlSummary last;
  STACK_TRY(catalog::watch(store, catalog, options, context.clock, context.stop, pause,
                           [&](const catalog::CrawlSummary& summary) {
                             report(summary, progress);
                             counts.see(summary, context.clock.now());
                             last = summary;
                           }));
  return last;
}

// What a crawl did not get done; the rest is registered all the same.
Result<void> check_done(const catalog::CrawlSummary& summary, const lake::ObjectStore& store, Progress& progress) {
  if (!summary.conflicts.empty())
    return fail(ErrorKind::conflict,
                fmt::format("{} of the lake's tables could not be registered; see the warnings above",
                            summary.conflicts.size()));
  if (summary.tables.empty() && summary.unreadable_files == 0)
    progress.warn(fmt::format("{} holds no files of a table; check --lake, or land events there first (stack sink)",
                              store.uri()));
  if (summary.files == 0 && summary.unreadable_files > 0)
    return fail(ErrorKind::storage, fmt::format("{}: none of its {} files can be read; see the warnings above",
                                                store.uri(), summary.unreadable_files));
  return {};
}

// When the next crawl is due; none where there is to be one alone.
Result<std::optional<catalog::CrawlPause>> pause_between(const Settings& settings) {
  STACK_TRY_ASSIGN(interval, settings.duration("interval"));
  if (settings.given("schedule")) {
    if (settings.on_command_line("interval"))
      return fail(ErrorKind::usage, "--interval and --schedule both say when to crawl: choose one");
    auto schedule = CronSchedule::parse(settings.text("schedule"));
    if (!schedule) return std::unexpected(std::move(schedule).error().within("--schedule"));
    return [schedule = *schedule](Micros now) -> std::optional<std::chrono::milliseconds> {
      const auto next = schedule.next_after(now);
      if (!next) return std::nullopt;
      return std::chrono::ceil<std::chrono::milliseconds>(*next - now);
    };
  }
  if (!settings.flag("watch")) return std::optional<catalog::CrawlPause>{};
  return [interval = *interval](Micros) -> std::optional<std::chrono::milliseconds> { return interval; };
}

}  // namespace

Result<int> crawl_command(Context& context) {
  CrawlProgress counts;
  Progress progress{context.settings};
  STACK_TRY_ASSIGN(metrics, Metrics::open(context.settings, progress));
  metrics->add([&](telemetry::Exposition& exposition) { add_crawl_metrics(counts, exposition); });
  STACK_TRY_ASSIGN(engine, engine_choice(context.settings, kCrawlEngines, kQueryEngines));
  if (engine == "glue") return glue_crawl(context, progress);
  STACK_TRY_ASSIGN(pause, pause_between(context.settings));
  STACK_TRY_ASSIGN(uri, lake_to_read(context.settings, progress));
  STACK_TRY(check_catalog_of(context.settings, uri));
  STACK_TRY_ASSIGN(store, open_lake(context.settings, uri, LakeUse::read, context.clock, &context.stop));
  STACK_TRY_ASSIGN(catalog, open_catalog(context.settings, *store, context.clock, &context.stop));
  const catalog::CrawlOptions options{.database = context.settings.text("database"),
                                      .projection = projection_of(context.settings)};
  STACK_TRY_ASSIGN(summary, pause ? watch(*store, *catalog, options, context, *pause, progress, counts)
                                  : catalog::crawl(*store, *catalog, options, context.clock, context.stop));
  if (!pause) report(summary, progress);
  if (context.settings.flag("json")) fmt::print("{}\n", as_json(summary));
  if (!pause) STACK_TRY(check_done(summary, *store, progress));
  return 0;
}

}  // namespace stack::app
