#include "iam/policy_simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "aws/signing.hpp"
#include "aws/xml.hpp"

namespace stack::iam {
namespace {

using Group = std::vector<Permission*>;  // of one resource, under the same conditions

bool same_question(const Permission& one, const Permission& other) {
  const auto same = [](const PolicyCondition& a, const PolicyCondition& b) {
    return a.operation == b.operation && a.key == b.key && a.values == b.values;
  };
  return one.resource == other.resource && std::ranges::equal(one.conditions, other.conditions, same);
}

std::vector<Group> groups_of(std::span<Permission> permissions) {
  std::vector<Group> groups;
  for (Permission& permission : permissions) {
    if (permission.verdict != Verdict::unasked) continue;
    const auto known =
        std::ranges::find_if(groups, [&](const Group& group) { return same_question(*group.front(), permission); });
    if (known == groups.end())
      groups.push_back({&permission});
    else
      known->push_back(&permission);
  }
  return groups;
}

// A request as the program makes it, for the keys that conditions look at.
std::string context_of(const Permission& permission) {
  std::string fields;
  for (std::size_t i = 0; i < permission.conditions.size(); ++i) {
    const auto& condition = permission.conditions[i];
    std::string value = condition.operation == "Null" ? "*" : condition.values.front();
    if (condition.operation == "StringLike" && value.ends_with('*')) value.pop_back();
    fields += fmt::format(
        "&ContextEntries.member.{0}.ContextKeyName={1}&ContextEntries.member.{0}.ContextKeyType=string"
        "&ContextEntries.member.{0}.ContextKeyValues.member.1={2}",
        i + 1, aws::percent_encoded(condition.key), aws::percent_encoded(value));
  }
  return fields;
}

std::string question_of(const std::string& holder, const Group& group) {
  std::string fields = fmt::format("PolicySourceArn={}&ResourceArns.member.1={}", aws::percent_encoded(holder),
                                   aws::percent_encoded(group.front()->resource));
  for (std::size_t i = 0; i < group.size(); ++i)
    fields += fmt::format("&ActionNames.member.{}={}", i + 1, aws::percent_encoded(group[i]->action));
  return fields + context_of(*group.front());
}

void heed(std::string_view answer, const Group& group) {
  const auto names = aws::xml_elements(answer, "EvalActionName");
  const auto decisions = aws::xml_elements(answer, "EvalDecision");
  for (std::size_t i = 0; i < names.size() && i < decisions.size(); ++i) {
    const auto name = aws::xml_text(names[i]);
    for (Permission* permission : group) {
      if (permission->action != name) continue;
      permission->simulated = true;
      if (decisions[i] == "allowed") {
        allow(*permission);
      } else {
        permission->verdict = Verdict::denied;
        permission->said = decisions[i] == "explicitDeny" ? "IAM's simulation says that a policy denies it"
                                                          : "IAM's simulation says that no policy allows it";
      }
    }
  }
}

}  // namespace

Result<void> simulate(aws::ServiceClient& iam, const std::string& holder, std::span<Permission> permissions) {
  for (const Group& group : groups_of(permissions)) {
    // An action that the simulation does not know stays without a verdict.
    STACK_TRY_ASSIGN(answer, iam.call("SimulatePrincipalPolicy", question_of(holder, group),
                                      {"InvalidInput", "NoSuchEntity"}, holder));
    if (answer.code == "NoSuchEntity")
      return fail(ErrorKind::storage, fmt::format("IAM knows no {}: a role with a path has another ARN, which its "
                                                  "sessions do not tell",
                                                  holder));
    if (answer.code.empty()) heed(answer.body, group);
  }
  return {};
}

}  // namespace stack::iam
