// stack doctor: what is installed, reachable and writable, and how to mend each thing.
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "app/aws_findings.hpp"
#include "app/broker_lease.hpp"
#include "app/command.hpp"
#include "app/finding.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/progress.hpp"
#include "app/store_findings.hpp"
#include "duckdb/database.hpp"
#include "kafka/admin.hpp"
#include "kafka/local_broker.hpp"
#include "market/exchange.hpp"

namespace stack::app {
namespace {
namespace fs = std::filesystem;

Finding check_broker_parts() {
  auto installation = kafka::check_broker_installation();
  if (!installation) return {Health::bad, "local broker", installation.error().message};
  return {Health::good, "local broker",
          fmt::format("Java {} at {}, Kafka's jars in {}", installation->java_version, installation->java.string(),
                      installation->jars.string())};
}

Finding check_broker(const Context& context, Progress& progress) {
  if (context.settings.text("bootstrap-servers").empty()) {
    auto status = kafka::broker_status(broker_folder(context.settings));
    if (!status) return {Health::bad, "broker", status.error().message};
    if (!status->running)
      return {Health::good, "broker",
              "the local one is down; `stack run` starts it by itself, `stack kafka up` for longer"};
  }
  auto lease = BrokerLease::take(context, progress, IfDown::refuse);
  if (!lease) return {Health::bad, "broker", lease.error().message};
  auto admin = kafka::Admin::connect(lease->connection(), &context.stop);
  if (!admin) return {Health::bad, "broker", admin.error().message};
  auto cluster = admin->cluster_id();
  if (!cluster) return {Health::bad, "broker", cluster.error().message};
  return {Health::good, "broker",
          fmt::format("{} answers, cluster {}", lease->connection().bootstrap_servers, *cluster)};
}

Finding check_time_zones() {
  const auto* exchange = market::find_exchange("XNYS");
  auto calendar = market::SessionCalendar::make(*exchange, Date{}, Date{std::chrono::days{20'000}});
  if (!calendar) return {Health::bad, "time zones", calendar.error().message};
  return {Health::good, "time zones", "the tz database is readable"};
}

Finding check_sql() {
  auto database = duckdb_embedded::Database::open({});
  if (!database) return {Health::bad, "SQL engine", database.error().message};
  auto connection = database->connect();
  if (!connection) return {Health::bad, "SQL engine", connection.error().message};
  if (auto ran = connection->run("SELECT timezone('Asia/Tokyo', TIMESTAMP '2021-01-01')"); !ran)
    return {Health::bad, "SQL engine", ran.error().message};
  return {Health::good, "SQL engine", "embedded DuckDB answers"};
}

// The folder itself, or the nearest one above it that exists.
Finding check_folder(std::string subject, const fs::path& folder) {
  auto existing = fs::absolute(folder);
  std::error_code ignored;
  while (!fs::exists(existing, ignored) && existing.has_relative_path()) existing = existing.parent_path();
  if (::access(existing.c_str(), W_OK) != 0)
    return {Health::bad, std::move(subject),
            fmt::format("{} is not writable; change its permissions or choose another folder", existing.string())};
  struct statvfs space {};
  if (::statvfs(existing.c_str(), &space) != 0)
    return {Health::warning, std::move(subject), fmt::format("{}: its free space cannot be told", existing.string())};
  const double free = static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize);
  const bool little = free < 2e9;
  return {little ? Health::warning : Health::good, std::move(subject),
          fmt::format("{} is writable, {} free{}", fs::absolute(folder).lexically_normal().string(), human_bytes(free),
                      little ? "; a full run of many symbols may need more" : "")};
}

std::string_view mark(Health health) {
  return health == Health::good ? "ok     " : health == Health::warning ? "warning" : "BAD    ";
}

// Of this machine, the broker and the lake.
Result<std::vector<Finding>> check_all(const Context& context, Progress& progress) {
  STACK_TRY_ASSIGN(lake, lake_uri(context.settings, std::string{kLakesFolder}));
  std::vector<Finding> findings = {check_broker_parts(), check_broker(context, progress),
                                   check_folder("broker data", broker_folder(context.settings))};
  if (lake.starts_with("s3://")) {
    for (Finding& finding : check_store(context.settings, lake, context.clock, context.stop))
      findings.push_back(std::move(finding));
  } else {
    findings.push_back(check_folder("lake", lake));
  }
  findings.push_back(check_time_zones());
  findings.push_back(check_sql());
  return findings;
}

std::string as_json(const Finding& finding) {
  JsonObject object;
  object.text("subject", finding.subject).number("healthy", finding.health != Health::bad).text("text", finding.text);
  if (finding.health == Health::warning) object.number("warning", true);
  if (!finding.role.empty()) object.text("role", finding.role);
  if (!finding.action.empty()) object.text("action", finding.action);
  if (!finding.resource.empty()) object.text("resource", finding.resource);
  if (!finding.said.empty()) object.text("said", finding.said);
  return object.str();
}

}  // namespace

Result<int> doctor_command(Context& context) {
  Progress progress{context.settings};
  const bool of_aws = context.settings.flag("aws");
  STACK_TRY_ASSIGN(findings,
                   of_aws ? check_aws(context.settings, context.clock, context.stop) : check_all(context, progress));
  if (of_aws && context.settings.given("bootstrap-servers")) findings.push_back(check_broker(context, progress));
  if (context.stop.requested()) return fail(ErrorKind::interrupted, "doctor: interrupted");
  bool healthy = true;
  std::string objects;
  for (const auto& finding : findings) {
    healthy = healthy && finding.health != Health::bad;
    objects += (objects.empty() ? "" : ",") + as_json(finding);
    if (!context.settings.flag("json"))
      fmt::print("{}  {:<13} {}\n", mark(finding.health), finding.subject, finding.text);
  }
  if (context.settings.flag("json")) fmt::print("{{\"healthy\":{},\"findings\":[{}]}}\n", healthy, objects);
  return healthy ? 0 : static_cast<int>(ErrorKind::failed);
}

}  // namespace stack::app
