// stack deploy aws: the whole pipeline on AWS as one CloudFormation stack: planned, made, changed, removed.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>

#include "app/aws_services.hpp"
#include "app/command.hpp"
#include "app/deploy_output.hpp"
#include "app/json_object.hpp"
#include "app/progress.hpp"
#include "app/s3_lake.hpp"
#include "aws/caller_identity.hpp"
#include "aws/cloudformation.hpp"
#include "deployment/deployment.hpp"
#include "deployment/make_or_change.hpp"
#include "deployment/plan.hpp"
#include "deployment/removal.hpp"
#include "deployment/template.hpp"
#include "market/dataset.hpp"

namespace stack::app {
namespace {

using deployment::Deployment;
using deployment::DeploymentTemplate;
using deployment::Upload;

// Packages take a while on a slow line; a bucket that was just made answers.
constexpr Milliseconds kUploadPatience{600'000};

Result<DeploymentTemplate> template_of(const Settings& settings, std::string& file_text) {
  if (!settings.given("template")) return deployment::deployment_template();
  const std::filesystem::path file = settings.text("template");
  std::ifstream in{file, std::ios::binary};
  file_text.assign(std::istreambuf_iterator<char>{in}, {});
  if (!in || file_text.empty())
    return fail(ErrorKind::usage, fmt::format("--template: {} cannot be read, or is empty", file.string()));
  if (file_text.size() > deployment::kMostTemplateBytes)
    return fail(ErrorKind::usage, fmt::format("--template: {} has {} bytes; CloudFormation takes {}", file.string(),
                                              file_text.size(), deployment::kMostTemplateBytes));
  auto read = deployment::read_template(file_text);
  if (read.parameters.empty() || read.resources.empty())
    return fail(ErrorKind::usage,
                fmt::format("--template: {} is not written as `stack deploy aws --print-template` is", file.string()));
  for (const auto& ours : deployment::deployment_template().parameters)
    if (std::ranges::find(read.parameters, ours.name, &deployment::TemplateParameter::name) == read.parameters.end())
      return fail(ErrorKind::usage,
                  fmt::format("--template: {} lacks the parameter {}, which this program sets or reads", file.string(),
                              ours.name));
  return read;
}

// What is older than RetainDays would go in the night after it came: partitions are as old as the market's dates.
Result<void> check_retention(const Context& context, const deployment::ParameterValues& given,
                             const market::Dataset* data, Progress& progress) {
  const auto asked = given.find("RetainDays");
  int days = 0;
  if (asked == given.end()) return {};
  std::from_chars(asked->second.data(), asked->second.data() + asked->second.size(), days);
  if (days == 0) return {};
  if (data == nullptr) {
    progress.warn(
        fmt::format("RetainDays={}: a partition is as old as its market dates, so that what a producer replays of an "
                    "older history is removed each night",
                    days));
    return {};
  }
  const Date oldest_kept = std::chrono::floor<std::chrono::days>(context.clock.now()) - std::chrono::days{days};
  Date first = Date::max();
  for (const auto& series : data->series())
    if (!series.bars.empty()) first = std::min(first, series.bars.front().date());
  if (first >= oldest_kept) return {};
  return fail(
      ErrorKind::usage,
      fmt::format("--parameter: RetainDays={} would remove what the producer sends of {} in the night after: its "
                  "bars begin on {}, and a partition is as old as its market dates; leave RetainDays out",
                  days, data->name(), format_date(first)));
}

Result<std::vector<Upload>> uploads_of(const Context& context) {
  std::vector<Upload> uploads;
  for (const auto& line : context.settings.lines("package")) {
    const std::filesystem::path file = line;
    const auto name = file.filename().string();
    const auto package = name.substr(0, name.find('_'));
    if (!name.ends_with(".deb") || (package != "stack-market" && package != "stack-market-kafka"))
      return fail(ErrorKind::usage, fmt::format("--package: {} is not the Debian package stack-market or "
                                                "stack-market-kafka, as stack-market_0.1.0-1_amd64.deb",
                                                file.string()));
    uploads.push_back({file, fmt::format("install/{}.deb", package)});
  }
  if (context.arguments.size() > 1) uploads.push_back({context.arguments[1], "install/prices.csv"});
  for (const auto& upload : uploads)
    if (std::error_code error; !std::filesystem::is_regular_file(upload.file, error))
      return fail(upload.key.ends_with(".csv") ? ErrorKind::data : ErrorKind::usage,
                  fmt::format("{} is not there, or is no file", upload.file.string()));
  return uploads;
}

Result<std::string> account_of(const Context& context) {
  STACK_TRY_ASSIGN(sts, open_service(aws::kSts, context.settings, context.clock, &context.stop));
  STACK_TRY_ASSIGN(identity, aws::caller_identity(*sts));
  return std::move(identity.account);
}

Result<std::unique_ptr<aws::S3Client>> open_bucket(const Context& context, const std::string& name,
                                                   const std::string& region) {
  STACK_TRY_ASSIGN(credentials, aws_credentials(context.settings, region, context.clock));
  STACK_TRY_ASSIGN(endpoint, s3_endpoint(context.settings));
  STACK_TRY_ASSIGN(variant, aws::endpoint_variant(aws::Environment{}));
  return aws::S3Client::open({.name = name, .region = region, .endpoint = std::move(endpoint), .variant = variant},
                             std::move(credentials), context.clock, kUploadPatience, {}, &context.stop);
}

deployment::News news_on(Progress& progress) {
  return {.say = [&progress](std::string_view line) { progress.say(line); },
          .detail = [&progress](std::string_view line) { progress.detail(line); },
          .begin = [&progress](std::function<std::string()> line) { progress.start(std::move(line)); },
          .end = [&progress] { progress.stop(); }};
}

Result<int> dry_run(const Settings& settings, const DeploymentTemplate& from) {
  STACK_TRY_ASSIGN(given, deployment::parse_parameters(from, settings.lines("stack-parameter")));
  STACK_TRY_ASSIGN(region, named_region(settings));
  STACK_TRY_ASSIGN(events, settings.positive("events-per-day"));
  STACK_TRY_ASSIGN(stored, settings.bytes("stored"));
  STACK_TRY_ASSIGN(scanned, settings.bytes("scanned"));
  STACK_TRY_ASSIGN(crawls, settings.whole("crawls", 0, 100'000));
  STACK_TRY_ASSIGN(plan, deployment::plan_deployment(
                             from, std::move(given),
                             {.events_per_day = events, .stored = stored, .scanned = scanned, .crawls = crawls}));
  const StackPlace place{.stack_name = settings.text("stack-name"), .region = std::move(region).value_or("")};
  STACK_TRY(deployment::check_role_names(from, place.stack_name, place.region));
  fmt::print("{}", settings.flag("json") ? plan_json(place, plan) + "\n" : plan_text(place, plan));
  return 0;
}

Result<int> tear_down(const Settings& settings, const Deployment& deployment, Progress& progress) {
  const bool with_data = settings.flag("delete-data");
  STACK_TRY_ASSIGN(removal, deployment::plan_removal(deployment, with_data));
  const auto what = removal.prefixes.front().empty() ? std::string{"all that is in it"}
                                                     : fmt::format("what is in {}", fmt::join(removal.prefixes, ", "));
  const auto fate = with_data ? fmt::format("loses {}, in all versions, and goes if it is empty then", what)
                              : "stays, with the lake (--delete-data removes it)";
  if (!settings.flag("yes") || settings.flag("dry-run")) {
    progress.say(fmt::format("stack {} in {}: {}; the bucket {} {}; --yes removes", deployment.name, deployment.region,
                             removal.stack ? removal.stack->status : "is not there", removal.bucket, fate));
    return 0;
  }
  if (removal.stack) STACK_TRY(deployment::remove_stack(deployment, *removal.stack));
  deployment::RemovedData removed;
  if (with_data) {
    std::atomic<std::uint64_t> count{0};
    progress.start([&] { return fmt::format("deploy: {} objects removed", with_commas(count.load())); });
    auto done = deployment::remove_data(deployment, removal, count);
    progress.stop();
    if (!done) return std::unexpected(std::move(done).error());
    removed = *done;
  }
  progress.say(
      fmt::format("stack {} is {}; the bucket {} {}{}", deployment.name, removal.stack ? "removed" : "not there",
                  removal.bucket, removed.bucket ? "too" : "stays",
                  with_data ? fmt::format(", {} versions of objects removed", with_commas(removed.versions)) : ""));
  if (settings.flag("json"))
    fmt::print("{}\n", JsonObject{}
                           .text("stack", deployment.name)
                           .text("status", "DELETE_COMPLETE")
                           .text("bucket", removal.bucket)
                           .number("bucket_removed", removed.bucket)
                           .number("versions_removed", removed.versions)
                           .str());
  return 0;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// As CloudFormation takes it.
bool is_stack_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && is_letter(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

Result<void> check(const Context& context) {
  const auto& settings = context.settings;
  if (context.arguments.front() != "aws")
    return fail(ErrorKind::usage,
                fmt::format("deploy: {} is not aws, as in `stack deploy aws`", context.arguments.front()));
  if (settings.flag("delete") && (settings.given("package") || context.arguments.size() > 1))
    return fail(ErrorKind::usage, "--delete takes nothing to upload: leave DATA.csv and --package out");
  if (settings.flag("print-template") && settings.flag("json"))
    return fail(ErrorKind::usage, "--print-template prints the template, which is YAML: leave --json out");
  if (const auto name = settings.text("stack-name"); !is_stack_name(name))
    return std::unexpected(
        settings.wrong("stack-name", "a name of at most 128 letters, digits and '-' that begins with a letter"));
  // What removes is not to lie in wait in an environment or a file.
  for (const std::string_view name : {"delete", "delete-data"})
    if (settings.flag(name) && !settings.on_command_line(name))
      return fail(ErrorKind::usage, fmt::format("--{} counts on the command line alone", name));
  if (settings.flag("delete-data") && !settings.flag("delete"))
    return fail(ErrorKind::usage, "--delete-data goes with --delete");
  return {};
}

}  // namespace

Result<int> deploy_command(Context& context) {
  STACK_TRY(check(context));
  const auto& settings = context.settings;
  Progress progress{context.settings};
  std::string file_text;
  STACK_TRY_ASSIGN(from, template_of(settings, file_text));
  if (settings.flag("print-template")) {
    fmt::print("{}", from.text);
    return 0;
  }
  STACK_TRY_ASSIGN(uploads, uploads_of(context));
  STACK_TRY_ASSIGN(given, deployment::parse_parameters(from, settings.lines("stack-parameter")));
  std::shared_ptr<const market::Dataset> data;
  if (context.arguments.size() > 1) {
    // A producer far away would stop at bars that are none, and only its log would say so.
    STACK_TRY_ASSIGN(loaded, market::Dataset::load(context.arguments[1]));
    data = std::move(loaded);
  }
  STACK_TRY(check_retention(context, given, data.get(), progress));
  if (settings.flag("dry-run") && !settings.flag("delete")) return dry_run(settings, from);
  STACK_TRY_ASSIGN(region, aws_region(settings));
  if (!settings.flag("delete")) STACK_TRY(deployment::check_role_names(from, settings.text("stack-name"), region));
  STACK_TRY_ASSIGN(client, open_service(aws::kCloudFormation, settings, context.clock, &context.stop));
  aws::CloudFormation service{*client};
  const auto news = news_on(progress);
  const Deployment deployment{
      .name = settings.text("stack-name"),
      .region = region,
      .from = std::move(from),
      .given = std::move(given),
      .uploads = std::move(uploads),
      .service = service,
      .account = [&] { return account_of(context); },
      .open_bucket = [&](const std::string& name) { return open_bucket(context, name, region); },
      .news = news,
      .stop = context.stop,
      .clock = context.clock};
  if (settings.flag("delete")) return tear_down(settings, deployment, progress);
  STACK_TRY_ASSIGN(state, deployment::settled(deployment));
  STACK_TRY_ASSIGN(outcome, state ? deployment::change(deployment, *state) : deployment::make(deployment));
  fmt::print("{}", settings.flag("json") ? outcome_json(deployment.name, outcome) + "\n" : outcome_text(outcome));
  return 0;
}

}  // namespace stack::app
