#include "deployment/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace stack::deployment {
namespace {

// USD. https://aws.amazon.com/{ec2,ebs,vpc,msk,s3,glue,athena,cloudwatch}/pricing, without any free tier.
constexpr std::array<std::pair<std::string_view, double>, 7> kMachineHour = {{{"t3.small", 0.0208},
                                                                              {"t3.medium", 0.0416},
                                                                              {"t3.large", 0.0832},
                                                                              {"m7i.large", 0.1008},
                                                                              {"m7i.xlarge", 0.2016},
                                                                              {"c7i.large", 0.08925},
                                                                              {"c7i.xlarge", 0.1785}}};
constexpr double kDiskGbMonth = 0.08;  // gp3
constexpr double kAddressHour = 0.005;
constexpr double kMskClusterHour = 0.75;
constexpr double kMskPartitionHour = 0.0015;
constexpr double kMskInGb = 0.10;
constexpr double kMskOutGb = 0.05;
constexpr double kMskGbMonth = 0.10;
constexpr double kS3GbMonth = 0.023;
constexpr double kS3Put = 0.005 / 1'000;  // PUT, COPY, POST, LIST
constexpr double kS3Get = 0.0004 / 1'000;
constexpr double kGlueDpuHour = 0.44;
constexpr double kAthenaGb = 0.005;
constexpr double kMetricMonth = 0.30;
constexpr double kAlarmMonth = 0.10;
constexpr double kPutMetricData = 0.01 / 1'000;

constexpr double kHours = 730;  // of a month, as AWS counts
constexpr double kDays = kHours / 24;
constexpr double kGb = 1e9;
constexpr double kPartitions = 4;          // what `stack produce` makes a topic with
constexpr double kRecordBytes = 170;       // on the topic: an event, its key and headers
constexpr double kMonths = 12;             // of a topic that keeps everything, as the lake does
constexpr double kSystemGb = 6;            // of the machine's disk: Debian, packages, logs
constexpr double kRangesAnHour = 12;       // of a partition: the machine's sink closes one every five minutes
constexpr double kCrawlDpuHours = 2. / 6;  // two DPUs, for ten minutes at least

}  // namespace

double bytes_an_event(bool parquet) { return parquet ? 10 : 126; }

Result<std::vector<CostLine>> monthly_cost(const DeploymentSize& size) {
  const auto* const machine =
      std::ranges::find(kMachineHour, size.instance_type, &decltype(kMachineHour)::value_type::first);
  if (machine == kMachineHour.end())
    return fail(ErrorKind::usage, fmt::format("the price of an {} is not known here", size.instance_type));
  const double events = size.events_per_day * kDays;
  const double topic_gb = events * kRecordBytes / kGb;
  std::vector<CostLine> lines;
  const auto add = [&](std::string_view what, double dollars, std::string basis) {
    lines.push_back({std::string{what}, std::move(basis), dollars});
  };
  add("machine", machine->second * kHours, fmt::format("{}, {} h x ${}", size.instance_type, kHours, machine->second));
  add("its disk", size.disk_gib * kDiskGbMonth, fmt::format("{} GiB gp3 x ${}", size.disk_gib, kDiskGbMonth));
  if (size.makes_network)
    add("its public address", kHours * kAddressHour, fmt::format("{} h x ${}", kHours, kAddressHour));
  if (size.msk) {
    add("MSK Serverless cluster", kHours * kMskClusterHour, fmt::format("{} h x ${}", kHours, kMskClusterHour));
    add("  its partitions", kPartitions * kHours * kMskPartitionHour,
        fmt::format("{} x {} h x ${}", kPartitions, kHours, kMskPartitionHour));
    add("  in and out", topic_gb * (kMskInGb + kMskOutGb),
        fmt::format("{:.1f} GB x (${} + ${})", topic_gb, kMskInGb, kMskOutGb));
    add("  storage", topic_gb * kMonths * kMskGbMonth,
        fmt::format("{:.1f} GB of a year x ${}", topic_gb * kMonths, kMskGbMonth));
  }
  // Of each range a claim, a file and its entry in the catalog, two looks, and one when compaction reads it; none of a
  // partition without events.
  const double ranges = std::min(events, kPartitions * kRangesAnHour * kHours);
  add("S3 storage", size.stored_gb * kS3GbMonth, fmt::format("{:.1f} GB x ${}", size.stored_gb, kS3GbMonth));
  add("S3 requests", ranges * (3 * kS3Put + 3 * kS3Get), fmt::format("{:.0f} files, 3 PUT and 3 GET each", ranges));
  add("Glue crawler", size.crawls * kCrawlDpuHours * kGlueDpuHour,
      fmt::format("{:.0f} runs x 2 DPU x 10 min x ${}/h", size.crawls, kGlueDpuHour));
  add("Athena", size.scanned_gb * kAthenaGb, fmt::format("{:.0f} GB scanned x ${}", size.scanned_gb, kAthenaGb));
  add("alarms", 2 * kMetricMonth + 3 * kAlarmMonth + kHours * 60 * kPutMetricData, "2 metrics a minute, 3 alarms");
  return lines;
}

double disk_days(const DeploymentSize& size) {
  const double room = std::max(0., size.disk_gib * 1.073741824 - kSystemGb) * kGb;
  return room / (size.events_per_day * kRecordBytes);
}

double total_of(const std::vector<CostLine>& lines) {
  double total = 0;
  for (const auto& line : lines) total += line.dollars;
  return total;
}

}  // namespace stack::deployment
