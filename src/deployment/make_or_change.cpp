#include "deployment/make_or_change.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "deployment/bucket.hpp"
#include "deployment/follow.hpp"
#include "deployment/plan.hpp"

namespace stack::deployment {
namespace {

using aws::StackState;

// The bucket of a new stack: one that was left is gone on with.
Result<void> choose_bucket(const Deployment& deployment, ParameterValues& values) {
  if (!values.contains("BucketName")) {
    STACK_TRY_ASSIGN(own, own_bucket_name(deployment));
    values["BucketName"] = std::move(own);
  }
  if (values.contains("Bucket")) return {};
  const auto& name = values["BucketName"];
  STACK_TRY_ASSIGN(bucket, deployment.open_bucket(name));
  STACK_TRY_ASSIGN(exists, bucket_exists(*bucket));
  values["Bucket"] = exists ? "existing" : "new";
  if (!exists) return {};
  if (const auto region = region_of(*bucket); !region.empty() && region != deployment.region)
    return fail(
        ErrorKind::conflict,
        fmt::format("bucket {} is in {}, and the stack would be in {}, whose Athena and Glue want theirs beside "
                    "them: take another --parameter BucketName, or --region {}",
                    name, region, deployment.region, region));
  const auto all = with_defaults(deployment.from, values);
  const auto& table = all.at("Table");
  STACK_TRY_ASSIGN(claimed, holds_any(*bucket, fmt::format("{}/_stack/claims/{}/", all.at("LakePrefix"), table)));
  if (claimed)
    return fail(
        ErrorKind::conflict,
        fmt::format("bucket {} holds the table {}, of a topic that went with its broker: land in another one, as "
                    "--parameter Topic={}-2 --parameter Table={}_2; the old one stays and can be queried",
                    name, table, all.at("Topic"), table));
  deployment.news.say(fmt::format("bucket {} is there already: going on with it", name));
  return {};
}

// Glue's database is made by the stack, so each stack has one of its own.
void choose_database(const Deployment& deployment, ParameterValues& values) {
  std::string name = deployment.name;
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  values.try_emplace("Database", std::move(name));
}

aws::StackRequest request_of(const Deployment& deployment) {
  return {.name = deployment.name, .body = deployment.from.text, .parameters = {}, .token = token_of(deployment.clock)};
}

// Another machine or cluster has an empty topic, which the table that there is does not follow.
Result<void> check_change(const Deployment& deployment, const StackState& state) {
  const auto changes = [&](std::string_view name) {
    const auto it = deployment.given.find(name);
    return it != deployment.given.end() && it->second != value_of(state, name);
  };
  // Where none is kept the newest is asked for, and what is newest now may be another than the machine's.
  const auto kept = deployment.given.find("KeptImage");
  const bool wants_newest = kept != deployment.given.end() && kept->second.empty();
  if (changes("Topic") && changes("Table")) return {};
  const bool on_machine = value_of(state, "Kafka") == "ec2";
  for (const std::string_view name : {"Kafka", "VolumeSize", "VpcId", "SubnetIds", "VpcCidr", "Image", "KeptImage"})
    if ((changes(name) || (name == "KeptImage" && wants_newest)) &&
        (on_machine || name == "Kafka" || name.starts_with("Vpc") || name == "SubnetIds"))
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
    if (name == "KeptImage" && deployment.given.contains("Image")) {
      request.parameters.emplace_back(name, std::string{});  // it would be taken in place of the image
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

Result<void> upload_all(const Deployment& deployment, const std::string& bucket_name) {
  if (deployment.uploads.empty()) return {};
  STACK_TRY_ASSIGN(bucket, deployment.open_bucket(bucket_name));
  for (const auto& upload : deployment.uploads) {
    STACK_TRY(upload_file(*bucket, upload.key, upload.file));
    deployment.news.say(fmt::format("uploaded {} to s3://{}/{}", upload.file.string(), bucket_name, upload.key));
  }
  return {};
}

Error failed(const Deployment& deployment, const StackEnd& end, std::string_view what) {
  const auto& status = end.state.status;
  const bool taken_back = status.ends_with("ROLLBACK_COMPLETE");
  return {ErrorKind::failed, fmt::format("stack {} in {} could not be {}{}: {}; {}", deployment.name, deployment.region,
                                         what, taken_back ? ", and what was done is taken back" : "",
                                         end.failure.empty() ? "no resource said why" : end.failure, status)};
}

}  // namespace

Result<Outcome> make(const Deployment& deployment) {
  auto values = deployment.given;
  STACK_TRY(check_disk(with_defaults(deployment.from, values)));
  STACK_TRY(check_network(with_defaults(deployment.from, values)));
  STACK_TRY(choose_bucket(deployment, values));
  choose_database(deployment, values);
  auto request = request_of(deployment);
  for (const auto& [name, value] : values) request.parameters.emplace_back(name, value);
  const auto resources = resources_made(deployment.from, with_defaults(deployment.from, values)).size();
  const auto id = deployment.service.create(request);
  if (!id) return std::unexpected(perhaps_taken(id.error()));
  STACK_TRY_ASSIGN(end, follow(deployment.service, {.id = *id, .last_event = {}, .resources = resources},
                               deployment.news, deployment.stop));
  if (end.state.status != "CREATE_COMPLETE") {
    // What is left of it is a name, which the next attempt wants.
    auto error = failed(deployment, end, "made");
    if (end.state.status != "ROLLBACK_COMPLETE") return std::unexpected(std::move(error));
    if (auto removed = remove_stack(deployment, end.state); !removed)
      error.message += fmt::format("; its name is still taken: {}", removed.error().message);
    return std::unexpected(std::move(error));
  }
  STACK_TRY(upload_all(deployment, values["BucketName"]));
  if (deployment.uploads.empty())
    deployment.news.say(fmt::format(
        "the machine waits for its packages: stack deploy aws --stack-name {} --package FILE.deb", deployment.name));
  return Outcome{.state = std::move(end.state), .changed = true};
}

Result<Outcome> change(const Deployment& deployment, const StackState& state) {
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
  const auto changed = deployment.service.update(change_of(deployment, state));
  if (!changed) return std::unexpected(perhaps_taken(changed.error()));
  StackEnd end{.state = state, .failure = {}};
  if (*changed) {
    STACK_TRY_ASSIGN(followed,
                     follow(deployment.service, {.id = state.id, .last_event = std::move(last), .resources = 0},
                            deployment.news, deployment.stop));
    end = std::move(followed);
    if (end.state.status != "UPDATE_COMPLETE") return std::unexpected(failed(deployment, end, "changed"));
  } else {
    deployment.news.say(fmt::format("stack {} is as asked for: nothing to change", deployment.name));
  }
  STACK_TRY(upload_all(deployment, value_of(end.state, "BucketName")));
  return Outcome{.state = std::move(end.state), .changed = *changed};
}

}  // namespace stack::deployment
