#include "catalog/glue_crawler.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/glue_json.hpp"
#include "catalog/glue_partitions.hpp"
#include "catalog/stable_hash.hpp"
#include "core/stoppable_wait.hpp"
#include "lake/json_text.hpp"

namespace stack::catalog {
namespace {

using lake::json_string;
using std::chrono::milliseconds;
namespace dom = simdjson::dom;

constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{15'000};
constexpr std::chrono::minutes kUnseen{2};  // that a started crawl may be without a trace
constexpr std::size_t kLongestName = 240;   // of Glue's 255, before the hash
constexpr std::string_view kDenied = "AccessDeniedException";
constexpr std::string_view kRunning = "CrawlerRunningException";
constexpr std::string_view kInvalid = "InvalidInputException";

// Levels above the tables', where 1 is the bucket: the tables are the folders right below the lake's root, and nothing
// below these becomes a table of its own.
std::size_t table_level(const std::string& lake) {
  const std::string_view path = std::string_view(lake).substr(std::string_view("s3://").size());
  return 2 + static_cast<std::size_t>(std::ranges::count(path, '/'));
}

std::string configuration_of(const GlueCrawlerSettings& settings) {
  return fmt::format(R"({{"Version":1.0,"CrawlerOutput":{{"Partitions":{{"AddOrUpdateBehavior":"InheritFromTable"}},)"
                     R"("Tables":{{"AddOrUpdateBehavior":"MergeNewColumns"}}}},"Grouping":{{)"
                     R"("TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":{}}}}})",
                     table_level(settings.lake));
}

// STACK's own state, which is nobody's table.
constexpr std::string_view kExclusion = "_stack/**";
constexpr std::string_view kOnUpdate = "UPDATE_IN_DATABASE";
constexpr std::string_view kOnDelete = "DEPRECATE_IN_DATABASE";
constexpr std::string_view kOnRecrawl = "CRAWL_EVERYTHING";

std::string path_of(const GlueCrawlerSettings& settings) { return settings.lake + "/"; }

// As Glue's API wants them; role and schedule only where they are given.
std::string crawler_input(const GlueCrawlerSettings& settings) {
  std::string out =
      fmt::format(R"({{"Name":{},"DatabaseName":{},"Description":"made by stack",)"
                  R"("Targets":{{"S3Targets":[{{"Path":{},"Exclusions":[{}]}}]}},)"
                  R"("SchemaChangePolicy":{{"UpdateBehavior":"{}","DeleteBehavior":"{}"}},)"
                  R"("RecrawlPolicy":{{"RecrawlBehavior":"{}"}},"Configuration":{})",
                  json_string(settings.name), json_string(settings.database), json_string(path_of(settings)),
                  json_string(kExclusion), kOnUpdate, kOnDelete, kOnRecrawl, json_string(configuration_of(settings)));
  if (!settings.role.empty()) out += fmt::format(R"(,"Role":{})", json_string(settings.role));
  if (!settings.schedule.empty()) out += fmt::format(R"(,"Schedule":{})", json_string(settings.schedule));
  return out + '}';
}

// A role's name, of its ARN or path too.
std::string_view role_name(std::string_view role) { return role.substr(role.rfind('/') + 1); }

// That is in force: a schedule may be there and be paused.
std::string schedule_of(dom::object crawler) {
  if (text_of(crawler, "/Schedule/State") == "NOT_SCHEDULED") return {};
  return text_of(crawler, "/Schedule/ScheduleExpression");
}

bool has_settings(dom::object crawler, const GlueCrawlerSettings& settings) {
  const auto targets = objects_of(crawler, "/Targets/S3Targets");
  return targets.size() == 1 && text_of(targets.front(), "Path") == path_of(settings) &&
         texts_of(targets.front(), "Exclusions") == std::vector<std::string>{std::string(kExclusion)} &&
         text_of(crawler, "DatabaseName") == settings.database &&
         text_of(crawler, "/RecrawlPolicy/RecrawlBehavior") == kOnRecrawl &&
         text_of(crawler, "/SchemaChangePolicy/UpdateBehavior") == kOnUpdate &&
         text_of(crawler, "/SchemaChangePolicy/DeleteBehavior") == kOnDelete &&
         text_of(crawler, "Configuration") == configuration_of(settings) &&
         (settings.role.empty() || role_name(settings.role) == role_name(text_of(crawler, "Role"))) &&
         (settings.schedule.empty() || settings.schedule == schedule_of(crawler));
}

std::string time_text(double seconds) { return fmt::format("{:.3f}", seconds); }

GlueCrawlerStatus status_of(dom::object crawler) {
  GlueCrawlerStatus status{.state = text_of(crawler, "State"),
                           .schedule = schedule_of(crawler),
                           .elapsed = milliseconds{number_of(crawler, "CrawlElapsedTime")},
                           .last = {}};
  dom::object last;
  if (crawler["LastCrawl"].get(last) != simdjson::SUCCESS) return status;
  GlueCrawl& crawl = status.last.emplace();
  crawl.status = text_of(last, "Status");
  crawl.said = text_of(last, "ErrorMessage");
  crawl.began = time_text(fraction_of(last, "StartTime"));
  if (const auto group = text_of(last, "LogGroup"); !group.empty())
    crawl.log = fmt::format("{} {}", group, text_of(last, "LogStream"));
  return status;
}

// The crawler in a GetCrawler's answer.
Result<dom::object> crawler_in(dom::parser& parser, const std::string& body, const std::string& name) {
  STACK_TRY_ASSIGN(answer, parse_answer(parser, body, "GetCrawler"));
  dom::object crawler;
  if (answer["Crawler"].get(crawler) != simdjson::SUCCESS)
    return fail(ErrorKind::storage, fmt::format("AWS Glue's answer about crawler {} has no crawler", name));
  return crawler;
}

std::unexpected<Error> refused(const GlueCrawlerSettings& settings, const aws::ServiceAnswer& answer) {
  if (answer.code == kQuotaReached)
    return fail(
        ErrorKind::storage,
        fmt::format("AWS Glue's quota of crawlers is reached: {}; delete one, or ask for more in the console of "
                    "Service Quotas (AWS Glue)",
                    answer.said));
  if (answer.code == kRunning)
    return fail(ErrorKind::conflict,
                fmt::format("the crawler {} is running, with other settings than these: try again when it is done, or "
                            "stop it (aws glue stop-crawler --name {})",
                            settings.name, settings.name));
  return fail(
      ErrorKind::usage,
      fmt::format("AWS Glue does not take the crawler {}: {}; check --crawler-role (a role that exists and that "
                  "glue.amazonaws.com may assume), --schedule and --lake",
                  settings.name, answer.said));
}

}  // namespace

std::string default_crawler_name(const std::string& lake, const std::string& database) {
  std::string name = fmt::format("stack-{}-{}", lake.substr(std::string_view("s3://").size()), database);
  for (char& c : name) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!fits) c = '-';
  }
  const std::uint64_t hash = stable_hash(lake + '\n' + database);
  return fmt::format("{}-{:08x}", name.substr(0, kLongestName), hash & 0xffffffffU);
}

GlueCrawler::GlueCrawler(aws::ServiceClient& glue, GlueCrawlerSettings settings, const Clock& clock)
    : glue_(glue), settings_(std::move(settings)), clock_(clock) {}

Result<CrawlerChange> GlueCrawler::set_up() {
  const std::string about = "crawler " + settings_.name;
  const std::string name = fmt::format(R"({{"Name":{}}})", json_string(settings_.name));
  STACK_TRY_ASSIGN(there, glue_.call("GetCrawler", name, {kNotFound}, about));
  if (there.code == kNotFound) {
    if (settings_.role.empty())
      return fail(
          ErrorKind::usage,
          fmt::format("there is no crawler {} yet, and to make it AWS Glue wants the role that it works as: name "
                      "it with --crawler-role ROLE (it may read {}/ and write tables of {})",
                      settings_.name, settings_.lake, settings_.database));
    STACK_TRY_ASSIGN(made, glue_.call("CreateCrawler", crawler_input(settings_), {kInvalid, kQuotaReached}, about));
    if (!made.code.empty()) return refused(settings_, made);
    return CrawlerChange::made;
  }
  dom::parser parser;
  STACK_TRY_ASSIGN(crawler, crawler_in(parser, there.body, settings_.name));
  const auto status = status_of(crawler);
  if (status.last) seen_ = status.last->began;
  if (has_settings(crawler, settings_)) return CrawlerChange::none;
  STACK_TRY_ASSIGN(updated, glue_.call("UpdateCrawler", crawler_input(settings_), {kInvalid, kRunning}, about));
  if (!updated.code.empty()) return refused(settings_, updated);
  return CrawlerChange::updated;
}

Result<bool> GlueCrawler::start() {
  auto answer = glue_.call("StartCrawler", fmt::format(R"({{"Name":{}}})", json_string(settings_.name)), {kRunning},
                           "crawler " + settings_.name);
  if (!answer && answer.error().kind == ErrorKind::interrupted)
    return fail(
        ErrorKind::interrupted,
        fmt::format("{}; whether the crawler {} has begun is not known (aws glue stop-crawler --name {} stops it)",
                    answer.error().message, settings_.name, settings_.name));
  if (!answer) return std::unexpected(std::move(answer).error());
  started_ = true;
  return answer->code.empty();
}

Result<std::optional<GlueCrawlerStatus>> GlueCrawler::status() {
  STACK_TRY_ASSIGN(answer, glue_.call("GetCrawler", fmt::format(R"({{"Name":{}}})", json_string(settings_.name)),
                                      {kNotFound}, "crawler " + settings_.name));
  if (answer.code == kNotFound) return std::optional<GlueCrawlerStatus>{};
  dom::parser parser;
  STACK_TRY_ASSIGN(crawler, crawler_in(parser, answer.body, settings_.name));
  return status_of(crawler);
}

// Beside what the crawl did they are a nicety: whoever may start crawls may not be allowed to see them.
Result<void> GlueCrawler::add_figures(GlueCrawl& crawl) {
  dom::parser parser;
  const std::string about = "crawler " + settings_.name;
  STACK_TRY_ASSIGN(
      metrics, glue_.call("GetCrawlerMetrics",
                          fmt::format(R"({{"CrawlerNameList":[{}]}})", json_string(settings_.name)), {kDenied}, about));
  if (metrics.code.empty()) {
    STACK_TRY_ASSIGN(answer, parse_answer(parser, metrics.body, "GetCrawlerMetrics"));
    for (const dom::object each : objects_of(answer, "CrawlerMetricsList")) {
      crawl.counted = true;
      crawl.tables_created = number_of(each, "TablesCreated");
      crawl.tables_updated = number_of(each, "TablesUpdated");
      crawl.tables_deleted = number_of(each, "TablesDeleted");
      crawl.seconds = fraction_of(each, "LastRuntimeSeconds");
    }
  }
  STACK_TRY_ASSIGN(
      crawls,
      glue_.call("ListCrawls", fmt::format(R"({{"CrawlerName":{},"MaxResults":20}})", json_string(settings_.name)),
                 {kDenied}, about));
  if (!crawls.code.empty()) return {};
  STACK_TRY_ASSIGN(history, parse_answer(parser, crawls.body, "ListCrawls"));
  for (const dom::object each : objects_of(history, "Crawls")) {
    if (time_text(fraction_of(each, "StartTime")) == crawl.began) crawl.dpu_hours = fraction_of(each, "DPUHour");
  }
  return {};
}

Result<GlueCrawl> GlueCrawler::follow(const StopFlag& stop, const std::function<void(const GlueCrawlerStatus&)>& tell) {
  const auto began = clock_.steady();
  for (milliseconds pause = kFirstPause;; pause = std::min(pause * 3 / 2, kLongestPause)) {
    auto looked = status();
    if (stop.requested())
      return fail(ErrorKind::interrupted,
                  fmt::format("interrupted; the crawler {} goes on in AWS (aws glue stop-crawler --name {} stops it)",
                              settings_.name, settings_.name));
    if (!looked) return std::unexpected(std::move(looked).error());
    if (!*looked) return fail(ErrorKind::storage, fmt::format("the crawler {} has been deleted", settings_.name));
    GlueCrawlerStatus& now = **looked;
    tell(now);
    const bool at_rest = now.state == "READY";
    if (at_rest && now.last && now.last->began != seen_) {
      seen_ = now.last->began;
      started_ = false;
      STACK_TRY(add_figures(*now.last));
      return *std::move(now.last);
    }
    if (at_rest && started_ && clock_.steady() - began > kUnseen)
      return fail(ErrorKind::storage,
                  fmt::format("AWS Glue took the start of the crawler {} and shows no crawl of it; look "
                              "at it in the console of AWS Glue",
                              settings_.name));
    (void)wait_unless_stopped(pause, &stop);  // the crawler is looked at once more
  }
}

}  // namespace stack::catalog
