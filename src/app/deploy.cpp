// stack deploy aws: the whole pipeline on AWS as one CloudFormation stack: planned, made, changed, removed.
#include <fmt/format.h>
#include <fmt/ranges.h>

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
  for (const auto& ours : deployment_template().parameters)
    if (std::ranges::find(read.parameters, ours.name, &TemplateParameter::name) == read.parameters.end())
      return fail(ErrorKind::usage,
                  fmt::format("--template: {} lacks the parameter {}, which this program sets or reads", file.string(),
                              ours.name));
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
  values["Bucket"] = exists ? "existing" : "new";
  if (!exists) return {};
  const auto all = with_defaults(deployment.from, values);
  const auto& table = all.at("Table");
  STACK_TRY_ASSIGN(claimed, holds_any(*bucket, fmt::format("{}/_stack/claims/{}/", all.at("LakePrefix"), table)));
  if (claimed)
    return fail(
        ErrorKind::conflict,
        fmt::format("bucket {} holds the table {}, of a topic that went with its broker: land in another one, as "
                    "--parameter Topic={}-2 --parameter Table={}_2; the old one stays and can be queried",
                    name, table, all.at("Topic"), table));
  deployment.progress.say(fmt::format("bucket {} is there already: going on with it", name));
  return {};
}

// Glue's database is made by the stack, so each stack has one of its own.
void choose_database(const Deployment& deployment, ParameterValues& values) {
  std::string name = deployment.name;
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  values.try_emplace("Database", std::move(name));
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

std::string value_of(const StackState& state, std::string_view name) {
  const auto* parameter = parameter_of(state, name);
  return parameter == nullptr ? std::string{} : parameter->value;
}

std::string bucket_of(const StackState& state) { return value_of(state, "BucketName"); }

// Another machine or cluster has an empty topic, which the table that there is does not follow.
Result<void> check_change(const Deployment& deployment, const StackState& state) {
  const auto changes = [&](std::string_view name) {
    const auto it = deployment.given.find(name);
    return it != deployment.given.end() && it->second != value_of(state, name);
  };
  if (changes("Topic") && changes("Table")) return {};
  const bool on_machine = value_of(state, "Kafka") == "ec2";
  for (const std::string_view name : {"Kafka", "VolumeSize", "VpcId", "SubnetIds", "VpcCidr", "Image", "KeptImage"})
    if (changes(name) && (on_machine || name == "Kafka" || name.starts_with("Vpc") || name == "SubnetIds"))
      return fail(
          ErrorKind::conflict,
          fmt::format("another {} is another broker, with an empty topic, and table {} is of the one that there "
                      "is: name new ones too, as --parameter Topic={}-2 --parameter Table={}_2",
                      name, value_of(state, "Table"), value_of(state, "Topic"), value_of(state, "Table")));
  return {};
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
  const auto& status = end.state.status;
  const bool taken_back = status.ends_with("ROLLBACK_COMPLETE");
  return {ErrorKind::failed, fmt::format("stack {} in {} could not be {}{}: {}; {}", deployment.name, deployment.region,
                                         what, taken_back ? ", and what was done is taken back" : "",
                                         end.failure.empty() ? "no resource said why" : end.failure, status)};
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
  STACK_TRY(check_disk(with_defaults(deployment.from, values)));
  STACK_TRY(choose_bucket(deployment, values));
  choose_database(deployment, values);
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
  STACK_TRY(check_change(deployment, state));
  auto values = deployment.given;
  for (const auto& parameter : state.parameters) values.try_emplace(parameter.name, parameter.value);
  STACK_TRY(check_disk(with_defaults(deployment.from, std::move(values))));
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

// Whose bucket it was says STATE; where that is not known, or the bucket was there before, what is ours alone goes.
std::vector<std::string> prefixes_of(const Deployment& deployment, const std::optional<StackState>& state) {
  if (state && value_of(*state, "Bucket") == "new") return {""};
  const auto all = with_defaults(deployment.from, deployment.given);
  const auto lake = state ? value_of(*state, "LakePrefix") : all.at("LakePrefix");
  return {lake + "/", "athena-results/", "install/"};
}

struct RemovedData {
  std::uint64_t versions = 0;
  bool bucket = false;
};

Result<RemovedData> remove_data(const Deployment& deployment, const std::string& name,
                                const std::vector<std::string>& prefixes) {
  STACK_TRY_ASSIGN(bucket, open_bucket(deployment.context.settings, name, deployment.region, deployment.context.clock));
  STACK_TRY_ASSIGN(exists, bucket_exists(*bucket));
  if (!exists) return RemovedData{.bucket = true};
  std::atomic<std::uint64_t> removed{0};
  deployment.progress.start([&] { return fmt::format("deploy: {} objects removed", with_commas(removed.load())); });
  Result<bool> gone = false;
  for (const auto& prefix : prefixes) {
    if (auto done = remove_objects(*bucket, prefix, deployment.context.stop, removed); !done)
      gone = std::unexpected(std::move(done).error());
    if (!gone) break;
  }
  if (gone) gone = remove_empty_bucket(*bucket);
  deployment.progress.stop();
  if (!gone) return std::unexpected(std::move(gone).error());
  return RemovedData{.versions = removed.load(), .bucket = *gone};
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
  const auto prefixes = prefixes_of(deployment, state);
  const auto what = prefixes.front().empty() ? std::string{"all that is in it"}
                                             : fmt::format("what is in {}", fmt::join(prefixes, ", "));
  const auto fate = with_data ? fmt::format("loses {}, in all versions, and goes if it is empty then", what)
                              : "stays, with the lake (--delete-data removes it)";
  if (!settings.flag("yes") || settings.flag("dry-run")) {
    deployment.progress.say(fmt::format("stack {} in {}: {}; the bucket {} {}; --yes removes", deployment.name,
                                        deployment.region, state ? state->status : "is not there", bucket, fate));
    return 0;
  }
  if (state) STACK_TRY(remove_stack(deployment, *state));
  RemovedData removed;
  if (with_data) {
    STACK_TRY_ASSIGN(done, remove_data(deployment, bucket, prefixes));
    removed = done;
  }
  deployment.progress.say(
      fmt::format("stack {} is removed; the bucket {} {}{}", deployment.name, bucket, removed.bucket ? "too" : "stays",
                  with_data ? fmt::format(", {} versions of objects removed", with_commas(removed.versions)) : ""));
  if (settings.flag("json"))
    fmt::print("{}\n", JsonObject{}
                           .text("stack", deployment.name)
                           .text("status", "DELETE_COMPLETE")
                           .text("bucket", bucket)
                           .number("bucket_removed", removed.bucket)
                           .number("versions_removed", removed.versions)
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
