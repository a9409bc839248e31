#include "app/glue_crawl.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "app/aws_services.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/open_catalog.hpp"
#include "aws/s3_place.hpp"
#include "catalog/glue_catalog.hpp"
#include "catalog/glue_crawler.hpp"
#include "core/cron_schedule.hpp"

namespace stack::app {
namespace {

// A crawler's DPU-hour in us-east-1, in most regions the same (https://aws.amazon.com/glue/pricing/).
constexpr double kDollarsPerDpuHour = 0.44;

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

Result<catalog::GlueCrawlerSettings> crawler_settings(const Settings& settings) {
  STACK_TRY(catalog_place(settings));
  if (settings.on_command_line("catalog") && settings.text("catalog") == "lake")
    return fail(ErrorKind::usage, "--engine glue writes into AWS Glue's catalog: leave --catalog lake out");
  STACK_TRY_ASSIGN(uri, existing_lake_uri(settings));
  if (!uri.starts_with("s3://"))
    return fail(ErrorKind::usage,
                fmt::format("--engine glue: AWS Glue crawls S3, and the lake {} is a folder: name one "
                            "with --lake s3://BUCKET/PREFIX, or take --engine stack",
                            uri));
  STACK_TRY(aws::parse_s3_place("lake", uri));
  while (uri.ends_with('/')) uri.pop_back();
  const auto database = settings.text("database");
  const auto schedule = settings.text("schedule");
  // Last days and weekdays are AWS's to judge.
  if (schedule.find_first_of("LW#") == std::string::npos && !schedule.empty())
    if (const auto parsed = CronSchedule::parse(schedule); !parsed)
      return std::unexpected(Error{parsed.error()}.within("--schedule"));
  auto name = settings.text("crawler-name");
  if (name.empty()) name = catalog::default_crawler_name(uri, database);
  return catalog::GlueCrawlerSettings{.name = std::move(name),
                                      .role = settings.text("crawler-role"),
                                      .database = database,
                                      .lake = std::move(uri),
                                      .schedule = schedule};
}

// The two crawlers name types by rules of their own: in one database each would undo what the other did.
Result<void> check_database_is_free(catalog::GlueCatalog& catalog, const catalog::GlueCrawlerSettings& crawler) {
  STACK_TRY_ASSIGN(own, catalog.own_tables(crawler.database));
  if (own.empty()) return {};
  return fail(ErrorKind::conflict,
              fmt::format("the database {} of {} holds tables that STACK's own crawler has registered ({}): give AWS "
                          "Glue's crawler a --database of its own, or go on with --engine stack",
                          crawler.database, catalog.description(), fmt::join(own, ", ")));
}

// The live line, which is drawn by a thread of its own.
class CrawlLine {
 public:
  void see(const catalog::GlueCrawlerStatus& status) {
    const std::scoped_lock lock(mutex_);
    status_ = status;
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    const std::scoped_lock lock(mutex_);
    if (!status_) return fmt::format("crawler {}", name);
    const double seconds = std::chrono::duration<double>(status_->elapsed).count();
    return fmt::format("crawler {}: {}{}", name, status_->state, seconds > 0 ? ", " + clock_text(seconds) : "");
  }

 private:
  mutable std::mutex mutex_;
  std::optional<catalog::GlueCrawlerStatus> status_;
};

Result<catalog::GlueCrawl> followed(catalog::GlueCrawler& crawler, const std::string& name, const Context& context,
                                    Progress& progress) {
  CrawlLine line;
  progress.start([&] { return line.text(name); });
  auto crawl = crawler.follow(context.stop, [&](const catalog::GlueCrawlerStatus& status) { line.see(status); });
  progress.stop();
  return crawl;
}

std::string failure_text(const catalog::GlueCrawl& crawl, const std::string& name) {
  return fmt::format("the crawl of {} ended as {}: {}{}", name, crawl.status,
                     crawl.said.empty() ? "AWS Glue gives no reason" : crawl.said,
                     crawl.log.empty() ? "" : fmt::format("; its log is in CloudWatch: {}", crawl.log));
}

std::string figures_text(const catalog::GlueCrawl& crawl) {
  if (!crawl.counted) return "done";
  std::string text = fmt::format("{} tables made, {} updated, {} marked as gone, {} min", crawl.tables_created,
                                 crawl.tables_updated, crawl.tables_deleted, clock_text(crawl.seconds));
  if (crawl.dpu_hours > 0)
    text += fmt::format(", {:.3f} DPU-hours (${:.2f} at ${} an hour)", crawl.dpu_hours,
                        crawl.dpu_hours * kDollarsPerDpuHour, kDollarsPerDpuHour);
  return text;
}

// What is in the database now, of this lake.
Result<std::vector<catalog::Table>> tables_of(catalog::GlueCatalog& catalog, const std::string& database) {
  STACK_TRY_ASSIGN(names, catalog.tables(database));
  std::vector<catalog::Table> tables;
  for (const auto& name : names) {
    auto table = catalog.find(database, name);
    if (!table && table.error().kind == ErrorKind::conflict) continue;  // elsewhere, or of another format
    if (!table) return std::unexpected(std::move(table).error());
    if (*table) tables.push_back(**std::move(table));
  }
  return tables;
}

Result<std::string> report(catalog::GlueCatalog& catalog, const catalog::GlueCrawlerSettings& settings,
                           const catalog::GlueCrawl& crawl, Progress& progress) {
  STACK_TRY_ASSIGN(tables, tables_of(catalog, settings.database));
  std::string objects;
  for (const auto& table : tables) {
    progress.say(fmt::format("  {}: {} columns, {} partitions", table.name, table.columns.size(),
                             with_commas(table.partitions.size())));
    objects += (objects.empty() ? "" : ",") + JsonObject{}
                                                  .text("name", table.name)
                                                  .number("columns", table.columns.size())
                                                  .number("partitions", table.partitions.size())
                                                  .str();
  }
  progress.say(figures_text(crawl));
  return JsonObject{}
      .text("crawler", settings.name)
      .text("database", settings.database)
      .text("status", crawl.status)
      .raw("tables", fmt::format("[{}]", objects))
      .number("tables_created", crawl.tables_created)
      .number("tables_updated", crawl.tables_updated)
      .number("tables_deleted", crawl.tables_deleted)
      .seconds("seconds", crawl.seconds)
      .seconds("dpu_hours", crawl.dpu_hours)
      .str();
}

void say_change(catalog::CrawlerChange change, const catalog::GlueCrawlerSettings& settings, Progress& progress) {
  const std::string_view what = change == catalog::CrawlerChange::made      ? "made"
                                : change == catalog::CrawlerChange::updated ? "updated"
                                                                            : "as it was";
  progress.say(fmt::format("crawler {} {}: {}/ into the database {}{}", settings.name, what, settings.lake,
                           settings.database, settings.schedule.empty() ? "" : fmt::format(", {}", settings.schedule)));
}

}  // namespace

Result<int> glue_crawl(Context& context, Progress& progress) {
  STACK_TRY_ASSIGN(settings, crawler_settings(context.settings));
  STACK_TRY_ASSIGN(client, open_service(aws::kGlue, context.settings, context.clock, &context.stop));
  STACK_TRY_ASSIGN(for_catalog, open_service(aws::kGlue, context.settings, context.clock, &context.stop));
  catalog::GlueCatalog catalog{std::move(for_catalog), settings.lake, context.clock};
  STACK_TRY(check_database_is_free(catalog, settings));
  catalog::GlueCrawler crawler{*client, settings, context.clock};
  const bool watches = context.settings.flag("watch");
  if (watches && settings.schedule.empty()) {
    STACK_TRY_ASSIGN(status, crawler.status());
    if (!status || status->schedule.empty())
      return fail(ErrorKind::usage,
                  "--watch with --engine glue follows the crawls of a schedule, and the crawler has "
                  "none: give one, as --schedule 'cron(0 * * * ? *)'");
  }
  // Before a crawler that may have a schedule. Without a role there has to be one already.
  if (!settings.role.empty()) STACK_TRY(catalog.ensure_database(settings.database));
  STACK_TRY_ASSIGN(change, crawler.set_up());
  say_change(change, settings, progress);
  if (settings.role.empty()) STACK_TRY(catalog.ensure_database(settings.database));
  STACK_TRY_ASSIGN(started, crawler.start());
  progress.say(started ? "started" : "it is running already: following that crawl");
  std::string last;
  for (;;) {
    auto crawl = followed(crawler, settings.name, context, progress);
    if (!crawl && watches && crawl.error().kind == ErrorKind::interrupted) break;
    if (!crawl) return std::unexpected(std::move(crawl).error());
    const bool succeeded = crawl->status == "SUCCEEDED";
    if (!succeeded && !watches) return fail(ErrorKind::storage, failure_text(*crawl, settings.name));
    if (!succeeded) progress.warn(failure_text(*crawl, settings.name));
    auto object = report(catalog, settings, *crawl, progress);
    if (!object && watches && object.error().kind == ErrorKind::interrupted) break;
    if (!object) return std::unexpected(std::move(object).error());
    last = *std::move(object);
    if (!watches) break;
  }
  if (context.settings.flag("json") && !last.empty()) fmt::print("{}\n", last);
  return 0;
}

}  // namespace stack::app
