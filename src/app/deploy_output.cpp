#include "app/deploy_output.hpp"

#include <fmt/format.h>

#include "app/json_object.hpp"

namespace stack::app {
namespace {

std::string assumed(const deployment::DeploymentSize& size) {
  auto text = fmt::format(
      "assumed: {:.0f} events a day (--events-per-day), {:.1f} GB in the lake (--stored; by itself a year of events at "
      "{} bytes),\n{:.0f} GB scanned by Athena (--scanned) and {:.0f} runs of the Glue crawler (--crawls) a month; "
      "list "
      "prices of {} as of {},\nno free tier, tax, support, traffic between zones, CPU credits or requests of Athena to "
      "S3; other regions differ",
      size.events_per_day, size.stored_gb, deployment::bytes_an_event(size.parquet), size.scanned_gb, size.crawls,
      deployment::kPriceRegion, deployment::kPriceDate);
  if (!size.msk)
    text += fmt::format("\nthe topic keeps everything: the machine's disk is full after {:.0f} days",
                        deployment::disk_days(size));
  return text;
}

}  // namespace

std::string plan_text(const StackPlace& place, const deployment::DeploymentPlan& plan) {
  std::string text =
      fmt::format("stack {} in {}: {} resources\n\n", place.stack_name,
                  place.region.empty() ? "a region that --region names" : place.region, plan.resources.size());
  for (const auto& resource : plan.resources)
    text += fmt::format("{:17} {:37} {}\n", resource.name, resource.type, resource.purpose);
  text += "\nUSD a month\n";
  for (const auto& line : plan.cost) text += fmt::format("{:22} {:9.2f}  {}\n", line.what, line.dollars, line.basis);
  text += fmt::format("{:22} {:9.2f}\n\n{}\n", "total", deployment::total_of(plan.cost), assumed(plan.size));
  return text;
}

std::string plan_json(const StackPlace& place, const deployment::DeploymentPlan& plan) {
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
                        .text("region", deployment::kPriceRegion)
                        .text("prices_of", deployment::kPriceDate)
                        .raw("lines", fmt::format("[{}]", lines))
                        .raw("usd_a_month", fmt::format("{:.4f}", deployment::total_of(plan.cost)))
                        .text("assumed", assumed(plan.size))
                        .str();
  return JsonObject{}
      .text("stack", place.stack_name)
      .text("region", place.region)
      .raw("parameters", parameters.str())
      .raw("resources", fmt::format("[{}]", resources))
      .raw("cost", cost)
      .raw("disk_days", plan.size.msk ? "null" : fmt::format("{:.1f}", deployment::disk_days(plan.size)))
      .str();
}

std::string outcome_text(const deployment::Outcome& outcome) {
  std::string text;
  for (const auto& output : outcome.state.outputs)
    text += fmt::format("{:14} {}{}\n", output.name, output.value,
                        output.description.empty() ? "" : fmt::format("  ({})", output.description));
  return text;
}

std::string outcome_json(const std::string& stack_name, const deployment::Outcome& outcome) {
  JsonObject outputs;
  for (const auto& output : outcome.state.outputs) outputs.text(output.name, output.value);
  return JsonObject{}
      .text("stack", stack_name)
      .text("id", outcome.state.id)
      .text("status", outcome.state.status)
      .number("changed", outcome.changed)
      .raw("outputs", outputs.str())
      .str();
}

}  // namespace stack::app
