#include "app/deploy_plan.hpp"

#include <fmt/format.h>

#include <charconv>

#include "app/aws_services.hpp"
#include "app/json_object.hpp"

namespace stack::app {
namespace {

constexpr double kSecondsADay = 86'400;
constexpr double kDaysOfYear = 365;
constexpr double kRunsOfSchedule = 30;
constexpr double kScannedGb = 10;
constexpr double kFewestDiskDays = 7;

Result<double> number_of(const ParameterValues& values, const std::string& name) {
  const auto& text = values.at(name);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number > 0) return number;
  return fail(ErrorKind::usage, fmt::format("--parameter: {} is not {}; it is a number", name, text));
}

Result<DeploymentSize> size_of(const Settings& settings, const ParameterValues& values) {
  DeploymentSize size{.msk = values.at("Kafka") == "msk-serverless",
                      .makes_network = values.at("VpcId").empty(),
                      .parquet = values.at("Format") == "parquet",
                      .instance_type = values.at("InstanceType")};
  STACK_TRY_ASSIGN(disk, number_of(values, "VolumeSize"));
  STACK_TRY_ASSIGN(pace, number_of(values, "EventsPerSecond"));
  STACK_TRY_ASSIGN(events, settings.positive("events-per-day"));
  STACK_TRY_ASSIGN(stored, settings.bytes("stored"));
  STACK_TRY_ASSIGN(scanned, settings.bytes("scanned"));
  STACK_TRY_ASSIGN(crawls, settings.whole("crawls", 0, 100'000));
  size.disk_gib = disk;
  size.events_per_day = events.value_or(pace * kSecondsADay);
  size.stored_gb = stored ? static_cast<double>(*stored) / 1e9
                          : size.events_per_day * kDaysOfYear * bytes_an_event(size.parquet) / 1e9;
  size.scanned_gb = scanned ? static_cast<double>(*scanned) / 1e9 : kScannedGb;
  size.crawls = crawls ? static_cast<double>(*crawls) : values.at("CrawlSchedule").empty() ? 0 : kRunsOfSchedule;
  return size;
}

std::string assumed(const DeploymentSize& size) {
  auto text = fmt::format(
      "assumed: {:.0f} events a day (--events-per-day), {:.1f} GB in the lake (--stored; by itself a year of events at "
      "{} bytes),\n{:.0f} GB scanned by Athena (--scanned) and {:.0f} runs of the Glue crawler (--crawls) a month; "
      "list "
      "prices of {} as of {},\nno free tier, tax, support, traffic between zones, CPU credits or requests of Athena to "
      "S3; other regions differ",
      size.events_per_day, size.stored_gb, bytes_an_event(size.parquet), size.scanned_gb, size.crawls, kPriceRegion,
      kPriceDate);
  if (!size.msk)
    text += fmt::format("\nthe topic keeps everything: the machine's disk is full after {:.0f} days", disk_days(size));
  return text;
}

}  // namespace

Result<void> check_disk(const ParameterValues& values) {
  if (values.at("Kafka") != "ec2") return {};
  STACK_TRY_ASSIGN(disk, number_of(values, "VolumeSize"));
  STACK_TRY_ASSIGN(pace, number_of(values, "EventsPerSecond"));
  const double days = disk_days({.disk_gib = disk, .events_per_day = pace * kSecondsADay});
  if (days >= kFewestDiskDays) return {};
  return fail(
      ErrorKind::usage,
      fmt::format("Kafka=ec2: at {} events a second the topic fills a disk of {} GiB in {:.1f} days: take a larger "
                  "--parameter VolumeSize, a smaller EventsPerSecond, or Kafka=msk-serverless",
                  pace, disk, days));
}

Result<DeploymentPlan> plan_deployment(const Settings& settings, const DeploymentTemplate& from) {
  STACK_TRY_ASSIGN(given, parse_parameters(from, settings.lines("stack-parameter")));
  DeploymentPlan plan{.stack_name = settings.text("stack-name"),
                      .region = {},
                      .parameters = with_defaults(from, std::move(given)),
                      .resources = {},
                      .size = {},
                      .cost = {}};
  STACK_TRY_ASSIGN(region, named_region(settings));
  plan.region = std::move(region).value_or("");
  STACK_TRY(check_disk(plan.parameters));
  plan.resources = resources_made(from, plan.parameters);
  STACK_TRY_ASSIGN(size, size_of(settings, plan.parameters));
  STACK_TRY_ASSIGN(cost, monthly_cost(size));
  plan.size = std::move(size);
  plan.cost = std::move(cost);
  return plan;
}

std::string plan_text(const DeploymentPlan& plan) {
  std::string text =
      fmt::format("stack {} in {}: {} resources\n\n", plan.stack_name,
                  plan.region.empty() ? "a region that --region names" : plan.region, plan.resources.size());
  for (const auto& resource : plan.resources)
    text += fmt::format("{:17} {:37} {}\n", resource.name, resource.type, resource.purpose);
  text += "\nUSD a month\n";
  for (const auto& line : plan.cost) text += fmt::format("{:22} {:9.2f}  {}\n", line.what, line.dollars, line.basis);
  text += fmt::format("{:22} {:9.2f}\n\n{}\n", "total", total_of(plan.cost), assumed(plan.size));
  return text;
}

std::string plan_json(const DeploymentPlan& plan) {
  JsonObject parameters;
  for (const auto& [name, value] : plan.parameters) parameters.text(name, value);
  std::string resources;
  for (const auto& resource : plan.resources)
    resources += fmt::format(
        "{}{}", resources.empty() ? "" : ",",
        JsonObject{}.text("name", resource.name).text("type", resource.type).text("purpose", resource.purpose).str());
  std::string lines;
  for (const auto& line : plan.cost)
    lines += fmt::format("{}{}", lines.empty() ? "" : ",",
                         JsonObject{}
                             .text("what", line.what.substr(line.what.find_first_not_of(' ')))
                             .raw("usd", fmt::format("{:.4f}", line.dollars))
                             .text("basis", line.basis)
                             .str());
  const auto cost = JsonObject{}
                        .text("region", kPriceRegion)
                        .text("prices_of", kPriceDate)
                        .raw("lines", fmt::format("[{}]", lines))
                        .raw("usd_a_month", fmt::format("{:.4f}", total_of(plan.cost)))
                        .text("assumed", assumed(plan.size))
                        .str();
  return JsonObject{}
      .text("stack", plan.stack_name)
      .text("region", plan.region)
      .raw("parameters", parameters.str())
      .raw("resources", fmt::format("[{}]", resources))
      .raw("cost", cost)
      .raw("disk_days", plan.size.msk ? "null" : fmt::format("{:.1f}", disk_days(plan.size)))
      .str();
}

}  // namespace stack::app
