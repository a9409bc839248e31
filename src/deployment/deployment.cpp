#include "deployment/deployment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "deployment/follow.hpp"

namespace stack::deployment {

using aws::StackState;

namespace {

constexpr std::size_t kMostOfABucketName = 63;

}  // namespace

std::string token_of(const Clock& clock) { return fmt::format("stack-{}", clock.now().time_since_epoch().count()); }

Error perhaps_taken(Error error) {
  if (error.kind == ErrorKind::interrupted)
    error.message += "; whether AWS has begun is not known: the same command goes on with what there is";
  return error;
}

const aws::StackParameter* parameter_of(const StackState& state, std::string_view name) {
  const auto it = std::ranges::find(state.parameters, name, &aws::StackParameter::name);
  return it == state.parameters.end() ? nullptr : &*it;
}

std::string value_of(const StackState& state, std::string_view name) {
  const auto* parameter = parameter_of(state, name);
  return parameter == nullptr ? std::string{} : parameter->value;
}

Result<std::string> own_bucket_name(const Deployment& deployment) {
  STACK_TRY_ASSIGN(account, deployment.account());
  auto name = fmt::format("{}-{}-{}", deployment.name, account, deployment.region);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.size() <= kMostOfABucketName) return name;
  return fail(ErrorKind::usage,
              fmt::format("the bucket {} would have a name of more than {} characters: take a shorter "
                          "--stack-name, or --parameter BucketName=NAME",
                          name, kMostOfABucketName));
}

Result<std::string> last_event_of(aws::CloudFormation& service, const std::string& id) {
  STACK_TRY_ASSIGN(events, service.events_after(id, {}));
  return events.empty() ? std::string{} : events.back().id;
}

Result<std::optional<StackState>> settled(const Deployment& deployment) {
  STACK_TRY_ASSIGN(state, deployment.service.find(deployment.name));
  if (!state || !is_at_work(state->status)) return state;
  deployment.news.say(fmt::format("stack {} is at work ({}): watching", deployment.name, state->status));
  STACK_TRY_ASSIGN(last, last_event_of(deployment.service, state->id));
  STACK_TRY(follow(deployment.service, {.id = state->id, .last_event = std::move(last), .resources = 0},
                   deployment.news, deployment.stop));
  return deployment.service.find(deployment.name);
}

Result<void> remove_stack(const Deployment& deployment, const StackState& state) {
  STACK_TRY_ASSIGN(last, last_event_of(deployment.service, state.id));
  if (auto begun = deployment.service.remove(deployment.name, token_of(deployment.clock)); !begun)
    return std::unexpected(perhaps_taken(std::move(begun).error()));
  STACK_TRY_ASSIGN(end, follow(deployment.service, {.id = state.id, .last_event = std::move(last), .resources = 0},
                               deployment.news, deployment.stop));
  if (end.state.status != "DELETE_COMPLETE")
    return fail(ErrorKind::failed,
                fmt::format("stack {} could not be removed: {}; {}: mend that, and the same command goes on",
                            deployment.name, end.failure.empty() ? end.state.reason : end.failure, end.state.status));
  return {};
}

}  // namespace stack::deployment
