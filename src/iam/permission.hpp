// Single permissions of a policy, and what is known of each. Thread-safety: values. Never fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "iam/policy_document.hpp"

namespace stack::iam {

enum class Verdict {
  unasked,  // nothing that can be asked without harm tells
  allowed,
  denied,
  failed,  // the question had no answer, or one about something else
};

struct Permission {
  std::string action;    // "s3:GetObject"
  std::string resource;  // as the policy has it
  std::vector<PolicyCondition> conditions = {};
  Verdict verdict = Verdict::unasked;
  std::string said = {};  // of denied and failed: the service's answer
  bool simulated = false;

  [[nodiscard]] bool is_of(std::string_view service) const {
    return action.starts_with(service) && action.substr(service.size()).starts_with(':');
  }
  // Without the service.
  [[nodiscard]] std::string_view operation() const { return std::string_view(action).substr(action.find(':') + 1); }
};

// One for each action on each resource.
[[nodiscard]] std::vector<Permission> permissions_of(const PolicyDocument& document);

// The verdict that a call gave which did not go through: a refusal of access, or something else.
void settle(Permission& permission, const Error& error);
void allow(Permission& permission);

}  // namespace stack::iam
