// stack deploy aws: the whole pipeline on AWS as one CloudFormation stack: planned, made, changed, removed.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/aws_services.hpp"
#include "app/command.hpp"
#include "app/deploy_bucket.hpp"
#include "app/deploy_follow.hpp"
#include "app/deploy_plan.hpp"
#include "app/deploy_template.hpp"
#include "app/json_object.hpp"
#include "app/progress.hpp"
#include "aws/caller_identity.hpp"
#include "aws/cloudformation.hpp"

namespace stack::app {
namespace {

using aws::StackState;

// A file that the machine installs, and its key in the bucket.
struct Upload {
  std::filesystem::path file;
  std::string key;
};

struct Deployment {
  Context& context;
  Progress& progress;
  std::string name;
  std::string region;
  DeploymentTemplate from;
  ParameterValues given;
  std::vector<Upload> uploads;
  aws::CloudFormation& service;
};

std::string token_of(const Clock& clock) { return fmt::format("stack-{}", clock.now().time_since_epoch().count()); }

Result<DeploymentTemplate> template_of(const Settings& settings, std::string& file_text) {
  if (!settings.given("template")) return deployment_template();
  const std::filesystem::path file = settings.text("template");
  std::ifstream in{file, std::ios::binary};
  file_text.assign(std::istreambuf_iterator<char>{in}, {});
  if (!in || file_text.empty())
    return fail(ErrorKind::usage, fmt::format("--template: {} cannot be read, or is empty", file.string()));
  if (file_text.size() > kMostTemplateBytes)
    return fail(ErrorKind::usage, fmt::format("--template: {} has {} bytes; CloudFormation takes {}", file.string(),
                                              file_text.size(), kMostTemplateBytes));
  auto read = read_template(file_text);
  if (read.parameters.empty() || read.resources.empty())
    return fail(ErrorKind::usage,
                fmt::format("--template: {} is not written as `stack deploy aws --print-template` is", file.string()));
  return read;
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

// The bucket of a new stack: one that was left is gone on with.
Result<void> choose_bucket(const Deployment& deployment, ParameterValues& values) {
  if (!values.contains("BucketName")) {
    STACK_TRY_ASSIGN(account, account_of(deployment.context));
    values["BucketName"] = fmt::format("{}-{}-{}", deployment.name, account, deployment.region);
  }
  if (values.contains("Bucket")) return {};
  const auto& name = values["BucketName"];
  STACK_TRY_ASSIGN(bucket, open_bucket(deployment.context.settings, name, deployment.region, deployment.context.clock));
  STACK_TRY_ASSIGN(exists, bucket_exists(*bucket));
  if (exists) deployment.progress.say(fmt::format("bucket {} is there already: going on with what is in it", name));
  values["Bucket"] = exists ? "existing" : "new";
  return {};
}

aws::StackRequest request_of(const Deployment& deployment) {
  return {.name = deployment.name,
          .body = deployment.from.text,
          .parameters = {},
          .token = token_of(deployment.context.clock)};
}

const aws::StackParameter* parameter_of(const StackState& state, std::string_view name) {
  const auto it = std::ranges::find(state.parameters, name, &aws::StackParameter::name);
  return it == state.parameters.end() ? nullptr : &*it;
}

std::string bucket_of(const StackState& state) {
  const auto* bucket = parameter_of(state, "BucketName");
  return bucket == nullptr ? std::string{} : bucket->value;
}

// What the stack has stays, where nothing else is said; so does the image of its machine, since a newer one is a new
// machine.
aws::StackRequest change_of(const Deployment& deployment, const StackState& state) {
  auto request = request_of(deployment);
  for (const auto& parameter : deployment.from.parameters) {
    const std::string name{parameter.name};
    if (const auto it = deployment.given.find(name); it != deployment.given.end()) {
      request.parameters.emplace_back(name, it->second);
      continue;
    }
    const auto* has = parameter_of(state, name);
    if (has == nullptr) continue;  // new in this template: its default
    const auto* image = parameter_of(state, "Image");
    if (name == "KeptImage" && has->value.empty() && image != nullptr && !image->resolved.empty())
      request.parameters.emplace_back(name, image->resolved);
    else
      request.parameters.emplace_back(name, std::nullopt);
  }
  return request;
}

Result<std::string> last_event_of(aws::CloudFormation& service, const std::string& id) {
  STACK_TRY_ASSIGN(events, service.events_after(id, {}));
  return events.empty() ? std::string{} : events.back().id;
}

Result<void> upload_all(const Deployment& deployment, const std::string& bucket_name) {
  if (deployment.uploads.empty()) return {};
  STACK_TRY_ASSIGN(bucket,
                   open_bucket(deployment.context.settings, bucket_name, deployment.region, deployment.context.clock));
  for (const auto& upload : deployment.uploads) {
    STACK_TRY(upload_file(*bucket, upload.key, upload.file));
    deployment.progress.say(fmt::format("uploaded {} to s3://{}/{}", upload.file.string(), bucket_name, upload.key));
  }
  return {};
}

void print_end(const Deployment& deployment, const StackState& state, bool changed) {
  if (deployment.context.settings.flag("json")) {
    JsonObject outputs;
    for (const auto& output : state.outputs) outputs.text(output.name, output.value);
    fmt::print("{}\n", JsonObject{}
                           .text("stack", deployment.name)
                           .text("id", state.id)
                           .text("status", state.status)
                           .number("changed", changed)
                           .raw("outputs", outputs.str())
                           .str());
    return;
  }
  for (const auto& output : state.outputs)
    fmt::print("{:14} {}{}\n", output.name, output.value,
               output.description.empty() ? "" : fmt::format("  ({})", output.description));
}

Error failed(const Deployment& deployment, const StackEnd& end, std::string_view what) {
  return {ErrorKind::failed,
          fmt::format("stack {} in {} could not be {}, and is as it was: {}; {}", deployment.name, deployment.region,
                      what, end.failure.empty() ? "no resource said why" : end.failure, end.state.status)};
}

// A stack at work is watched to its end first, whoever set it to work.
Result<std::optional<StackState>> settled(const Deployment& deployment) {
  STACK_TRY_ASSIGN(state, deployment.service.find(deployment.name));
  if (!state || !is_at_work(state->status)) return state;
  deployment.progress.say(fmt::format("stack {} is at work ({}): watching", deployment.name, state->status));
  STACK_TRY_ASSIGN(last, last_event_of(deployment.service, state->id));
  STACK_TRY(follow(deployment.service, {.id = state->id, .last_event = std::move(last), .resources = 0},
                   deployment.progress, deployment.context.stop));
  return deployment.service.find(deployment.name);
}

Result<void> remove_stack(const Deployment& deployment, const StackState& state) {
  STACK_TRY_ASSIGN(last, last_event_of(deployment.service, state.id));
  STACK_TRY(deployment.service.remove(deployment.name, token_of(deployment.context.clock)));
  STACK_TRY_ASSIGN(end, follow(deployment.service, {.id = state.id, .last_event = std::move(last), .resources = 0},
                               deployment.progress, deployment.context.stop));
  if (end.state.status != "DELETE_COMPLETE")
    return fail(ErrorKind::failed,
                fmt::format("stack {} could not be removed: {}; {}: mend that, and the same command goes on",
                            deployment.name, end.failure.empty() ? end.state.reason : end.failure, end.state.status));
  return {};
}

Result<int> make(const Deployment& deployment) {
  auto values = deployment.given;
  STACK_TRY(choose_bucket(deployment, values));
  auto request = request_of(deployment);
  for (const auto& [name, value] : values) request.parameters.emplace_back(name, value);
  const auto resources = resources_made(deployment.from, with_defaults(deployment.from, values)).size();
  STACK_TRY_ASSIGN(id, deployment.service.create(request));
  STACK_TRY_ASSIGN(end, follow(deployment.service, {.id = id, .last_event = {}, .resources = resources},
                               deployment.progress, deployment.context.stop));
  if (end.state.status != "CREATE_COMPLETE") {
    // What is left of it is a name, which the next attempt wants.
    if (end.state.status == "ROLLBACK_COMPLETE") STACK_TRY(remove_stack(deployment, end.state));
    return std::unexpected(failed(deployment, end, "made"));
  }
  STACK_TRY(upload_all(deployment, values["BucketName"]));
  if (deployment.uploads.empty())
    deployment.progress.say(fmt::format(
        "the machine waits for its packages: stack deploy aws --stack-name {} --package FILE.deb", deployment.name));
  print_end(deployment, end.state, true);
  return 0;
}

Result<int> change(const Deployment& deployment, const StackState& state) {
  if (state.status != "CREATE_COMPLETE" && state.status != "UPDATE_COMPLETE" &&
      state.status != "UPDATE_ROLLBACK_COMPLETE")
    return fail(
        ErrorKind::conflict,
        fmt::format("stack {} is {}{}{}: remove it with `stack deploy aws --stack-name {} --delete --yes`, which "
                    "keeps the bucket, and deploy again",
                    deployment.name, state.status, state.reason.empty() ? "" : ": ", state.reason, deployment.name));
  STACK_TRY_ASSIGN(last, last_event_of(deployment.service, state.id));
  STACK_TRY_ASSIGN(changed, deployment.service.update(change_of(deployment, state)));
  StackEnd end{.state = state, .failure = {}};
  if (changed) {
    STACK_TRY_ASSIGN(followed,
                     follow(deployment.service, {.id = state.id, .last_event = std::move(last), .resources = 0},
                            deployment.progress, deployment.context.stop));
    end = std::move(followed);
    if (end.state.status != "UPDATE_COMPLETE") return std::unexpected(failed(deployment, end, "changed"));
  } else {
    deployment.progress.say(fmt::format("stack {} is as asked for: nothing to change", deployment.name));
  }
  STACK_TRY(upload_all(deployment, bucket_of(end.state)));
  print_end(deployment, end.state, changed);
  return 0;
}

Result<std::uint64_t> remove_data(const Deployment& deployment, const std::string& name) {
  STACK_TRY_ASSIGN(bucket, open_bucket(deployment.context.settings, name, deployment.region, deployment.context.clock));
  STACK_TRY_ASSIGN(exists, bucket_exists(*bucket));
  if (!exists) return 0;
  std::atomic<std::uint64_t> removed{0};
  deployment.progress.start([&] { return fmt::format("deploy: {} objects removed", with_commas(removed.load())); });
  auto done = remove_bucket(*bucket, deployment.context.stop, removed);
  deployment.progress.stop();
  return done;
}

Result<int> tear_down(const Deployment& deployment) {
  const auto& settings = deployment.context.settings;
  const bool with_data = settings.flag("delete-data");
  STACK_TRY_ASSIGN(state, settled(deployment));
  std::string bucket = state ? bucket_of(*state) : std::string{};
  if (const auto it = deployment.given.find("BucketName"); bucket.empty() && it != deployment.given.end())
    bucket = it->second;
  if (!state && !with_data)
    return fail(ErrorKind::usage, fmt::format("there is no stack {} in {}", deployment.name, deployment.region));
  if (bucket.empty()) {
    STACK_TRY_ASSIGN(account, account_of(deployment.context));
    bucket = fmt::format("{}-{}-{}", deployment.name, account, deployment.region);
  }
  const auto fate =
      with_data ? "goes too, with all versions of all objects" : "stays, with the lake (--delete-data removes it)";
  if (!settings.flag("yes")) {
    deployment.progress.say(fmt::format("stack {} in {}: {}; the bucket {} {}; --yes removes", deployment.name,
                                        deployment.region, state ? state->status : "is not there", bucket, fate));
    return 0;
  }
  if (state) STACK_TRY(remove_stack(deployment, *state));
  std::uint64_t removed = 0;
  if (with_data) {
    STACK_TRY_ASSIGN(count, remove_data(deployment, bucket));
    removed = count;
  }
  deployment.progress.say(
      fmt::format("stack {} is removed; the bucket {} {}", deployment.name, bucket,
                  with_data ? fmt::format("too, {} versions of objects", with_commas(removed)) : "stays"));
  if (settings.flag("json"))
    fmt::print("{}\n", JsonObject{}
                           .text("stack", deployment.name)
                           .text("status", "DELETE_COMPLETE")
                           .text("bucket", bucket)
                           .number("bucket_removed", with_data)
                           .number("versions_removed", removed)
                           .str());
  return 0;
}

Result<void> check(const Context& context) {
  const auto& settings = context.settings;
  if (context.arguments.front() != "aws")
    return fail(ErrorKind::usage,
                fmt::format("deploy: {} is not aws, as in `stack deploy aws`", context.arguments.front()));
  if (settings.flag("delete") && (settings.given("package") || context.arguments.size() > 1))
    return fail(ErrorKind::usage, "--delete takes nothing to upload: leave DATA.csv and --package out");
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
  if (settings.flag("dry-run") && !settings.flag("delete")) {
    STACK_TRY_ASSIGN(plan, plan_deployment(settings, from));
    fmt::print("{}{}", settings.flag("json") ? plan_json(plan) : plan_text(plan), settings.flag("json") ? "\n" : "");
    return 0;
  }
  STACK_TRY_ASSIGN(given, parse_parameters(from, settings.lines("stack-parameter")));
  STACK_TRY_ASSIGN(region, aws_region(settings));
  STACK_TRY_ASSIGN(client, open_service(aws::kCloudFormation, settings, context.clock));
  aws::CloudFormation service{*client};
  const Deployment deployment{.context = context,
                              .progress = progress,
                              .name = settings.text("stack-name"),
                              .region = std::move(region),
                              .from = std::move(from),
                              .given = std::move(given),
                              .uploads = std::move(uploads),
                              .service = service};
  if (settings.flag("delete")) return tear_down(deployment);
  STACK_TRY_ASSIGN(state, settled(deployment));
  return state ? change(deployment, *state) : make(deployment);
}

}  // namespace stack::app
