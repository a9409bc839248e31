#include "deployment/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace stack::deployment {
namespace {

constexpr double kSecondsADay = 86'400;
constexpr double kDaysOfYear = 365;
constexpr double kRunsOfSchedule = 30;
constexpr double kScannedGb = 10;
constexpr double kFewestDiskDays = 7;

constexpr std::size_t kMostOfARoleName = 64;
constexpr std::string_view kRoleName = "RoleName: !Sub ${AWS::StackName}";
constexpr std::string_view kRegion = "${AWS::Region}";

Result<double> number_of(const ParameterValues& values, const std::string& name) {
  const auto& text = values.at(name);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number > 0) return number;
  return fail(ErrorKind::usage, fmt::format("--parameter: {} is not {}; it is a number", name, text));
}

Result<DeploymentSize> size_of(const Workload& work, const ParameterValues& values) {
  DeploymentSize size{.msk = values.at("Kafka") == "msk-serverless",
                      .makes_network = values.at("VpcId").empty(),
                      .parquet = values.at("Format") == "parquet",
                      .instance_type = values.at("InstanceType")};
  STACK_TRY_ASSIGN(disk, number_of(values, "VolumeSize"));
  STACK_TRY_ASSIGN(pace, number_of(values, "EventsPerSecond"));
  size.disk_gib = disk;
  size.events_per_day = work.events_per_day.value_or(pace * kSecondsADay);
  size.stored_gb = work.stored ? static_cast<double>(*work.stored) / 1e9
                               : size.events_per_day * kDaysOfYear * bytes_an_event(size.parquet) / 1e9;
  size.scanned_gb = work.scanned ? static_cast<double>(*work.scanned) / 1e9 : kScannedGb;
  size.crawls = work.crawls                          ? static_cast<double>(*work.crawls)
                : values.at("CrawlSchedule").empty() ? 0
                                                     : kRunsOfSchedule;
  return size;
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

Result<void> check_network(const ParameterValues& values) {
  const bool has_network = !values.at("VpcId").empty();
  if (has_network != values.at("SubnetIds").empty()) return {};
  return fail(ErrorKind::usage, has_network ? "--parameter: VpcId wants SubnetIds, two of its subnets"
                                            : "--parameter: SubnetIds wants VpcId, the network that they are of");
}

Result<void> check_role_names(const DeploymentTemplate& from, std::string_view name, std::string_view region) {
  std::size_t room = kMostOfARoleName;
  for (auto at = from.text.find(kRoleName); at != std::string_view::npos; at = from.text.find(kRoleName, at + 1)) {
    auto rest = from.text.substr(at + kRoleName.size());
    rest = rest.substr(0, rest.find_first_of("\r\n"));
    const bool with_region = rest.ends_with(kRegion);
    if (with_region) rest.remove_suffix(kRegion.size());
    room =
        std::min(room, kMostOfARoleName - std::min(kMostOfARoleName, rest.size() + (with_region ? region.size() : 0)));
  }
  if (name.size() <= room) return {};
  return fail(ErrorKind::usage, fmt::format("--stack-name: {} has {} characters; with more than {} the names of its "
                                            "roles would be longer than IAM takes",
                                            name, name.size(), room));
}

Result<DeploymentPlan> plan_deployment(const DeploymentTemplate& from, ParameterValues given, const Workload& work) {
  auto parameters = with_defaults(from, std::move(given));
  STACK_TRY(check_disk(parameters));
  STACK_TRY(check_network(parameters));
  auto resources = resources_made(from, parameters);
  STACK_TRY_ASSIGN(size, size_of(work, parameters));
  STACK_TRY_ASSIGN(cost, monthly_cost(size));
  return DeploymentPlan{.parameters = std::move(parameters),
                        .resources = std::move(resources),
                        .size = std::move(size),
                        .cost = std::move(cost)};
}

}  // namespace stack::deployment
